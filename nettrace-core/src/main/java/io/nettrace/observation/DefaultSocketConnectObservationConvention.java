package io.nettrace.observation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Objects;

import io.micrometer.common.KeyValues;
import io.nettrace.instrument.IpText;
import io.nettrace.observation.NetTraceObservationDocumentation.SocketConnectHighCardinalityKeyNames;
import io.nettrace.observation.NetTraceObservationDocumentation.SocketConnectLowCardinalityKeyNames;
import io.nettrace.observation.saving.SharedKeyValues;
import org.jspecify.annotations.Nullable;

/**
 * OpenTelemetry's keys for a connect attempt, as its convention for .NET's
 * {@code socket connect} span has them, and the name {@code socket.connect.duration}
 * formed like {@code dns.lookup.duration}. Each method is the value of one key.
 */
public class DefaultSocketConnectObservationConvention implements SocketConnectObservationConvention {

	private final SpanNames spanNames;

	private final SharedKeyValues empty;

	/**
	 * Create a convention that gives all connects one span name.
	 */
	public DefaultSocketConnectObservationConvention() {
		this(SpanNames.LOW_CARDINALITY);
	}

	/**
	 * Create a convention.
	 * @param spanNames how spans are named
	 */
	public DefaultSocketConnectObservationConvention(SpanNames spanNames) {
		this(spanNames, SharedKeyValues.empty());
	}

	DefaultSocketConnectObservationConvention(SpanNames spanNames, SharedKeyValues empty) {
		this.spanNames = Objects.requireNonNull(spanNames, "'spanNames' must not be null");
		this.empty = empty;
	}

	@Override
	public String getName() {
		return "socket.connect.duration";
	}

	/**
	 * With OpenTelemetry's names it has the address, an IPv6 address without brackets.
	 */
	@Override
	public String getContextualName(SocketConnectContext context) {
		return (this.spanNames == SpanNames.SEMCONV) ? "socket connect " + peer(context.getAddress())
				: "socket connect";
	}

	private static String peer(SocketAddress address) {
		if (address instanceof InetSocketAddress inet) {
			InetAddress resolved = inet.getAddress();
			return ((resolved != null) ? IpText.of(resolved) : inet.getHostString()) + ":" + inet.getPort();
		}
		return address.toString();
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(SocketConnectContext context) {
		return this.empty.and(SocketConnectLowCardinalityKeyNames.CLIENT, client(context))
			.and(SocketConnectLowCardinalityKeyNames.NETWORK_TRANSPORT, networkTransport(context))
			.and(SocketConnectLowCardinalityKeyNames.NETWORK_TYPE, networkType(context))
			.and(SocketConnectLowCardinalityKeyNames.OUTCOME, outcome(context))
			.and(SocketConnectLowCardinalityKeyNames.ERROR_TYPE, errorType(context))
			.and(SocketConnectLowCardinalityKeyNames.SERVER_ADDRESS, serverAddress(context))
			.keyValues();
	}

	protected String client(SocketConnectContext context) {
		return context.getClient();
	}

	protected String networkTransport(SocketConnectContext context) {
		return context.getNetwork();
	}

	protected String networkType(SocketConnectContext context) {
		InetAddress resolved = resolved(context);
		return (resolved == null) ? NetTraceObservationDocumentation.NONE : IpText.isIpv6(resolved) ? "ipv6" : "ipv4";
	}

	private static @Nullable InetAddress resolved(SocketConnectContext context) {
		return (context.getAddress() instanceof InetSocketAddress inet) ? inet.getAddress() : null;
	}

	protected String outcome(SocketConnectContext context) {
		return switch (context.getOutcome()) {
			case CONNECTED -> "connected";
			case FAILED -> "failed";
			case CANCELLED -> "cancelled";
		};
	}

	protected String errorType(SocketConnectContext context) {
		return ErrorType.ofStep(context);
	}

	protected String serverAddress(SocketConnectContext context) {
		return context.getMeterHost();
	}

	/**
	 * A span shows the real host, whatever stands for it on meters: of two values for one
	 * key the one of high cardinality wins.
	 */
	@Override
	public KeyValues getHighCardinalityKeyValues(SocketConnectContext context) {
		KeyValues keyValues = KeyValues.of(SocketConnectHighCardinalityKeyNames.ATTEMPT.withValue(attempt(context)),
				SocketConnectHighCardinalityKeyNames.PEER_ADDRESS.withValue(peerAddress(context)),
				SocketConnectHighCardinalityKeyNames.PEER_PORT.withValue(peerPort(context)),
				SocketConnectHighCardinalityKeyNames.SERVER_PORT.withValue(serverPort(context)));
		return context.getHost().equals(serverAddress(context)) ? keyValues
				: keyValues.and(SocketConnectLowCardinalityKeyNames.SERVER_ADDRESS.withValue(context.getHost()));
	}

	protected String attempt(SocketConnectContext context) {
		return Integer.toString(context.getAttempt());
	}

	protected String peerAddress(SocketConnectContext context) {
		InetAddress resolved = resolved(context);
		return (resolved != null) ? IpText.of(resolved) : (context.getAddress() instanceof InetSocketAddress)
				? NetTraceObservationDocumentation.NONE : context.getAddress().toString();
	}

	protected String peerPort(SocketConnectContext context) {
		return port(context);
	}

	protected String serverPort(SocketConnectContext context) {
		return port(context);
	}

	private static String port(SocketConnectContext context) {
		return (context.getAddress() instanceof InetSocketAddress inet) ? Integer.toString(inet.getPort())
				: NetTraceObservationDocumentation.NONE;
	}

}
