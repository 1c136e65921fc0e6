package io.nettrace.observation;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.nettrace.observation.NetTraceObservationDocumentation.SocketConnectHighCardinalityKeyNames;
import io.nettrace.observation.NetTraceObservationDocumentation.SocketConnectLowCardinalityKeyNames;
import org.jspecify.annotations.Nullable;

/**
 * OpenTelemetry's keys for a connect attempt, as its convention for .NET's
 * {@code socket connect} span has them, and the name {@code socket.connect.duration}
 * formed like {@code dns.lookup.duration}.
 */
public class DefaultSocketConnectObservationConvention implements SocketConnectObservationConvention {

	private static final KeyValue NO_ERROR = KeyValue.of(SocketConnectLowCardinalityKeyNames.ERROR_TYPE,
			NetTraceObservationDocumentation.NONE);

	private static final KeyValue CONNECTED = KeyValue.of(SocketConnectLowCardinalityKeyNames.OUTCOME, "connected");

	private static final KeyValue FAILED = KeyValue.of(SocketConnectLowCardinalityKeyNames.OUTCOME, "failed");

	private static final KeyValue CANCELLED = KeyValue.of(SocketConnectLowCardinalityKeyNames.OUTCOME, "cancelled");

	private static final KeyValue IPV4 = KeyValue.of(SocketConnectLowCardinalityKeyNames.NETWORK_TYPE, "ipv4");

	private static final KeyValue IPV6 = KeyValue.of(SocketConnectLowCardinalityKeyNames.NETWORK_TYPE, "ipv6");

	private static final KeyValue NO_TYPE = KeyValue.of(SocketConnectLowCardinalityKeyNames.NETWORK_TYPE,
			NetTraceObservationDocumentation.NONE);

	private final SpanNames spanNames;

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
		this.spanNames = spanNames;
	}

	@Override
	public String getName() {
		return "socket.connect.duration";
	}

	@Override
	public String getContextualName(SocketConnectContext context) {
		return (this.spanNames == SpanNames.SEMCONV) ? "socket connect " + peer(context.getAddress())
				: "socket connect";
	}

	/**
	 * As OpenTelemetry writes it, an IPv6 address without brackets.
	 */
	private static String peer(SocketAddress address) {
		return (address instanceof InetSocketAddress inet) ? host(inet) + ":" + inet.getPort() : address.toString();
	}

	private static String host(InetSocketAddress address) {
		return (address.getAddress() != null) ? address.getAddress().getHostAddress() : address.getHostString();
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(SocketConnectContext context) {
		return KeyValues.of(errorType(context), client(context), outcome(context), networkTransport(context),
				networkType(context), serverAddress(context));
	}

	protected KeyValue client(SocketConnectContext context) {
		return KeyValue.of(SocketConnectLowCardinalityKeyNames.CLIENT, context.getClient());
	}

	protected KeyValue serverAddress(SocketConnectContext context) {
		return KeyValue.of(SocketConnectLowCardinalityKeyNames.SERVER_ADDRESS, context.getMeterHost());
	}

	protected KeyValue networkTransport(SocketConnectContext context) {
		return KeyValue.of(SocketConnectLowCardinalityKeyNames.NETWORK_TRANSPORT, context.getNetwork());
	}

	protected KeyValue networkType(SocketConnectContext context) {
		if (context.getAddress() instanceof InetSocketAddress inet && inet.getAddress() != null) {
			return (inet.getAddress() instanceof Inet6Address) ? IPV6 : IPV4;
		}
		return NO_TYPE;
	}

	protected KeyValue outcome(SocketConnectContext context) {
		return switch (context.getOutcome()) {
			case CONNECTED -> CONNECTED;
			case FAILED -> FAILED;
			case CANCELLED -> CANCELLED;
		};
	}

	protected KeyValue errorType(SocketConnectContext context) {
		Throwable error = context.getError();
		return (error != null) ? KeyValue.of(SocketConnectLowCardinalityKeyNames.ERROR_TYPE, ErrorType.of(error))
				: NO_ERROR;
	}

	@Override
	public KeyValues getHighCardinalityKeyValues(SocketConnectContext context) {
		return KeyValues.of(attempt(context), peerAddress(context), peerPort(context), realServerAddress(context),
				serverPort(context));
	}

	protected KeyValue peerAddress(SocketConnectContext context) {
		SocketAddress address = context.getAddress();
		String peer = address.toString();
		if (address instanceof InetSocketAddress inet) {
			peer = (inet.getAddress() != null) ? inet.getAddress().getHostAddress()
					: NetTraceObservationDocumentation.NONE;
		}
		return KeyValue.of(SocketConnectHighCardinalityKeyNames.PEER_ADDRESS, peer);
	}

	protected KeyValue peerPort(SocketConnectContext context) {
		return KeyValue.of(SocketConnectHighCardinalityKeyNames.PEER_PORT, port(context.getAddress()));
	}

	protected KeyValue serverPort(SocketConnectContext context) {
		return KeyValue.of(SocketConnectHighCardinalityKeyNames.SERVER_PORT, port(context.getAddress()));
	}

	private static String port(@Nullable SocketAddress address) {
		return (address instanceof InetSocketAddress inet) ? Integer.toString(inet.getPort())
				: NetTraceObservationDocumentation.NONE;
	}

	protected KeyValue attempt(SocketConnectContext context) {
		return KeyValue.of(SocketConnectHighCardinalityKeyNames.ATTEMPT, Integer.toString(context.getAttempt()));
	}

	/**
	 * A span shows the real host, whatever stands for it on meters: of two values for one
	 * key the high cardinality one wins.
	 * @param context the attempt
	 * @return the host that is connected to
	 */
	protected KeyValue realServerAddress(SocketConnectContext context) {
		return KeyValue.of(SocketConnectLowCardinalityKeyNames.SERVER_ADDRESS, context.getHost());
	}

}
