package io.nettrace.observation;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.nettrace.instrument.IpText;
import io.nettrace.observation.NetTraceObservationDocumentation.SocketConnectHighCardinalityKeyNames;
import io.nettrace.observation.NetTraceObservationDocumentation.SocketConnectLowCardinalityKeyNames;
import io.nettrace.observation.SocketConnectContext.Outcome;
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

	private static final KeyValue TCP = KeyValue.of(SocketConnectLowCardinalityKeyNames.NETWORK_TRANSPORT, "tcp");

	private final SpanNames spanNames;

	private final boolean deferring;

	private final SharedKeyValues successesOfIpv4 = new SharedKeyValues();

	private final SharedKeyValues successesOfIpv6 = new SharedKeyValues();

	/**
	 * What a subclass makes of an attempt may change until its end.
	 */
	private final boolean extended = getClass() != DefaultSocketConnectObservationConvention.class;

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
		this(spanNames, false);
	}

	private DefaultSocketConnectObservationConvention(SpanNames spanNames, boolean deferring) {
		this.spanNames = spanNames;
		this.deferring = deferring;
	}

	/**
	 * Create a convention that leaves it to the context to make the key values of high
	 * cardinality. Nobody but the observation asks it.
	 */
	static DefaultSocketConnectObservationConvention deferring(SpanNames spanNames) {
		return new DefaultSocketConnectObservationConvention(spanNames, true);
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
		return (address.getAddress() != null) ? IpText.of(address.getAddress()) : address.getHostString();
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(SocketConnectContext context) {
		if (this.extended || context.getOutcome() != Outcome.CONNECTED) {
			return lowCardinalityKeyValues(context);
		}
		if (context.isDone()) {
			return context.getLowCardinalityKeyValues();
		}
		SharedKeyValues successes = successes(context);
		KeyValues shared = (successes != null) ? successes.get(context.getClient(), context.getMeterHost()) : null;
		if (shared != null) {
			return shared;
		}
		KeyValues keyValues = lowCardinalityKeyValues(context);
		return (successes != null) ? successes.share(context.getClient(), context.getMeterHost(), keyValues)
				: keyValues;
	}

	private @Nullable SharedKeyValues successes(SocketConnectContext context) {
		if (context.getNetwork().equals("tcp") && context.getAddress() instanceof InetSocketAddress inet
				&& inet.getAddress() != null) {
			return IpText.isIpv6(inet.getAddress()) ? this.successesOfIpv6 : this.successesOfIpv4;
		}
		return null;
	}

	private KeyValues lowCardinalityKeyValues(SocketConnectContext context) {
		return KeyValues.of(errorType(context), client(context), outcome(context), networkTransport(context),
				networkType(context), serverAddress(context));
	}

	protected KeyValue client(SocketConnectContext context) {
		return ReadyKeyValues.client(context.getClient());
	}

	protected KeyValue serverAddress(SocketConnectContext context) {
		return KeyValue.of(SocketConnectLowCardinalityKeyNames.SERVER_ADDRESS, context.getMeterHost());
	}

	protected KeyValue networkTransport(SocketConnectContext context) {
		return context.getNetwork().equals("tcp") ? TCP
				: KeyValue.of(SocketConnectLowCardinalityKeyNames.NETWORK_TRANSPORT, context.getNetwork());
	}

	protected KeyValue networkType(SocketConnectContext context) {
		if (context.getAddress() instanceof InetSocketAddress inet && inet.getAddress() != null) {
			return IpText.isIpv6(inet.getAddress()) ? IPV6 : IPV4;
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
		if (this.deferring) {
			context.deferHighCardinalityKeyValues();
			return KeyValues.empty();
		}
		return this.extended ? extendedHighCardinalityKeyValues(context) : highCardinalityKeyValues(context);
	}

	/**
	 * The same keys as without a subclass.
	 */
	private KeyValues extendedHighCardinalityKeyValues(SocketConnectContext context) {
		KeyValues keyValues = KeyValues.of(attempt(context), peerAddress(context), peerPort(context),
				serverPort(context));
		KeyValue realServerAddress = realServerAddress(context);
		return realServerAddress.equals(serverAddress(context)) ? keyValues : keyValues.and(realServerAddress);
	}

	static KeyValues highCardinalityKeyValues(SocketConnectContext context) {
		KeyValue attempt = ReadyKeyValues.attempt(context.getAttempt());
		KeyValue peerAddress = ReadyKeyValues.peerAddress(context.getAddress());
		KeyValue peerPort = ReadyKeyValues.port(SocketConnectHighCardinalityKeyNames.PEER_PORT, context.getAddress());
		KeyValue serverPort = ReadyKeyValues.port(SocketConnectHighCardinalityKeyNames.SERVER_PORT,
				context.getAddress());
		if (context.getMeterHost().equals(context.getHost())) {
			return KeyValues.of(attempt, peerAddress, peerPort, serverPort);
		}
		return KeyValues.of(attempt, peerAddress, peerPort,
				KeyValue.of(SocketConnectLowCardinalityKeyNames.SERVER_ADDRESS, context.getHost()), serverPort);
	}

	/**
	 * As {@link #highCardinalityKeyValues}, without making key values.
	 */
	static void writeHighCardinality(SocketConnectContext context, AttributeSink sink) {
		sink.put(SocketConnectHighCardinalityKeyNames.ATTEMPT.asString(), (long) context.getAttempt());
		if (!context.getMeterHost().equals(context.getHost())) {
			sink.put(SocketConnectLowCardinalityKeyNames.SERVER_ADDRESS.asString(), context.getHost());
		}
		if (!(context.getAddress() instanceof InetSocketAddress inet)) {
			sink.put(SocketConnectHighCardinalityKeyNames.PEER_ADDRESS.asString(), context.getAddress().toString());
			return;
		}
		if (inet.getAddress() != null) {
			sink.put(SocketConnectHighCardinalityKeyNames.PEER_ADDRESS.asString(), IpText.of(inet.getAddress()));
		}
		Long port = (long) inet.getPort();
		sink.put(SocketConnectHighCardinalityKeyNames.PEER_PORT.asString(), port);
		sink.put(SocketConnectHighCardinalityKeyNames.SERVER_PORT.asString(), port);
	}

	protected KeyValue peerAddress(SocketConnectContext context) {
		return ReadyKeyValues.peerAddress(context.getAddress());
	}

	protected KeyValue peerPort(SocketConnectContext context) {
		return ReadyKeyValues.port(SocketConnectHighCardinalityKeyNames.PEER_PORT, context.getAddress());
	}

	protected KeyValue serverPort(SocketConnectContext context) {
		return ReadyKeyValues.port(SocketConnectHighCardinalityKeyNames.SERVER_PORT, context.getAddress());
	}

	protected KeyValue attempt(SocketConnectContext context) {
		return ReadyKeyValues.attempt(context.getAttempt());
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
