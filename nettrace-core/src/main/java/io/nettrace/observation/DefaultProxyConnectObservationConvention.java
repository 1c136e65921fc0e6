package io.nettrace.observation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Objects;

import io.micrometer.common.KeyValues;
import io.nettrace.instrument.IpText;
import io.nettrace.observation.saving.SharedKeyValues;

/**
 * The name {@code proxy.connect.duration}, formed like {@code dns.lookup.duration}, and
 * OpenTelemetry's keys for the host and the proxy. Each method is the value of one key.
 */
public class DefaultProxyConnectObservationConvention implements ProxyConnectObservationConvention {

	private final SpanNames spanNames;

	private final SharedKeyValues empty;

	/**
	 * Create a convention that gives all proxy steps one span name.
	 */
	public DefaultProxyConnectObservationConvention() {
		this(SpanNames.LOW_CARDINALITY);
	}

	/**
	 * Create a convention.
	 * @param spanNames how spans are named
	 */
	public DefaultProxyConnectObservationConvention(SpanNames spanNames) {
		this(spanNames, SharedKeyValues.empty());
	}

	DefaultProxyConnectObservationConvention(SpanNames spanNames, SharedKeyValues empty) {
		this.spanNames = Objects.requireNonNull(spanNames, "'spanNames' must not be null");
		this.empty = empty;
	}

	@Override
	public String getName() {
		return "proxy.connect.duration";
	}

	@Override
	public String getContextualName(ProxyConnectContext context) {
		return (this.spanNames == SpanNames.SEMCONV) ? "proxy connect " + context.getHost() + ":" + serverPort(context)
				: "proxy connect";
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(ProxyConnectContext context) {
		return this.empty.and(ProxyConnectLowCardinalityKeyNames.CLIENT, client(context))
			.and(ProxyConnectLowCardinalityKeyNames.PROXY_PROTOCOL, proxyProtocol(context))
			.and(ProxyConnectLowCardinalityKeyNames.ERROR_TYPE, errorType(context))
			.and(ProxyConnectLowCardinalityKeyNames.SERVER_ADDRESS, serverAddress(context))
			.keyValues();
	}

	protected String client(ProxyConnectContext context) {
		return context.getClient();
	}

	protected String proxyProtocol(ProxyConnectContext context) {
		return context.getProxy().protocol();
	}

	protected String errorType(ProxyConnectContext context) {
		return ErrorType.ofStep(context);
	}

	protected String serverAddress(ProxyConnectContext context) {
		return context.getMeterHost();
	}

	/**
	 * A span shows the real host, whatever stands for it on meters: of two values for one
	 * key the one of high cardinality wins.
	 */
	@Override
	public KeyValues getHighCardinalityKeyValues(ProxyConnectContext context) {
		KeyValues keyValues = KeyValues.of(
				ProxyConnectHighCardinalityKeyNames.PEER_ADDRESS.withValue(peerAddress(context)),
				ProxyConnectHighCardinalityKeyNames.PEER_PORT.withValue(peerPort(context)),
				ProxyConnectHighCardinalityKeyNames.SERVER_PORT.withValue(serverPort(context)));
		return context.getHost().equals(serverAddress(context)) ? keyValues
				: keyValues.and(ProxyConnectLowCardinalityKeyNames.SERVER_ADDRESS.withValue(context.getHost()));
	}

	protected String peerAddress(ProxyConnectContext context) {
		InetAddress resolved = (context.getProxy().proxyAddress() instanceof InetSocketAddress inet) ? inet.getAddress()
				: null;
		return (resolved != null) ? IpText.of(resolved) : NetTraceObservationDocumentation.NONE;
	}

	protected String peerPort(ProxyConnectContext context) {
		SocketAddress proxy = context.getProxy().proxyAddress();
		return (proxy instanceof InetSocketAddress inet) ? Integer.toString(inet.getPort())
				: NetTraceObservationDocumentation.NONE;
	}

	protected String serverPort(ProxyConnectContext context) {
		return Integer.toString(context.getProxy().port());
	}

}
