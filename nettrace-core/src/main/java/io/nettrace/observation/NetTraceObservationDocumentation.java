package io.nettrace.observation;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.docs.ObservationDocumentation;

/**
 * What nettrace observes. Names and keys are OpenTelemetry's if it defines them. Every
 * low cardinality key is always present on meters; {@value #NONE} means that it does not
 * apply.
 */
public enum NetTraceObservationDocumentation implements ObservationDocumentation {

	/**
	 * A DNS lookup as the client sees it, including the JVM's cache and the address
	 * filter.
	 */
	DNS_LOOKUP {

		@Override
		public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
			return DefaultDnsLookupObservationConvention.class;
		}

		@Override
		public KeyName[] getLowCardinalityKeyNames() {
			return DnsLookupLowCardinalityKeyNames.values();
		}

		@Override
		public KeyName[] getHighCardinalityKeyNames() {
			return DnsLookupHighCardinalityKeyNames.values();
		}

	},

	/**
	 * An attempt to connect to one address, until the transport is connected. It includes
	 * the handshake with a SOCKS proxy, but not TLS.
	 */
	SOCKET_CONNECT {

		@Override
		public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
			return DefaultSocketConnectObservationConvention.class;
		}

		@Override
		public KeyName[] getLowCardinalityKeyNames() {
			return SocketConnectLowCardinalityKeyNames.values();
		}

		@Override
		public KeyName[] getHighCardinalityKeyNames() {
			return SocketConnectHighCardinalityKeyNames.values();
		}

	},

	/**
	 * A wait for a connection, because the pool has neither an idle one nor place for a
	 * new one. The timer has the time in queue of every exchange: until it has a pooled
	 * connection or begins to set one up.
	 */
	CONNECTION_WAIT {

		@Override
		public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
			return DefaultConnectionWaitObservationConvention.class;
		}

		@Override
		public KeyName[] getLowCardinalityKeyNames() {
			return ConnectionWaitLowCardinalityKeyNames.values();
		}

		@Override
		public KeyName[] getHighCardinalityKeyNames() {
			return ConnectionWaitHighCardinalityKeyNames.values();
		}

	},

	/**
	 * A proxy is asked to connect to the host, by {@code CONNECT} or SOCKS, until it has
	 * answered.
	 */
	PROXY_CONNECT {

		@Override
		public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
			return DefaultProxyConnectObservationConvention.class;
		}

		@Override
		public KeyName[] getLowCardinalityKeyNames() {
			return ProxyConnectLowCardinalityKeyNames.values();
		}

		@Override
		public KeyName[] getHighCardinalityKeyNames() {
			return ProxyConnectHighCardinalityKeyNames.values();
		}

	},

	/**
	 * A TLS handshake, with the host or with an HTTPS proxy.
	 */
	TLS_HANDSHAKE {

		@Override
		public Class<? extends ObservationConvention<? extends Observation.Context>> getDefaultConvention() {
			return DefaultTlsHandshakeObservationConvention.class;
		}

		@Override
		public KeyName[] getLowCardinalityKeyNames() {
			return TlsHandshakeLowCardinalityKeyNames.values();
		}

		@Override
		public KeyName[] getHighCardinalityKeyNames() {
			return TlsHandshakeHighCardinalityKeyNames.values();
		}

	};

	/**
	 * Value of a key that does not apply. It is on meters only: spans leave the key out.
	 */
	public static final String NONE = "none";

	/**
	 * Value of the host key on meters once the set of hosts is full, and for hosts that
	 * are IP addresses.
	 */
	public static final String OTHER = "_OTHER";

	/**
	 * How a span shows a value. Meters show the text.
	 */
	public enum ValueType {

		/**
		 * A text; {@value NetTraceObservationDocumentation#NONE} is not shown.
		 */
		TEXT,

		/**
		 * A host name or an IP address, which may be called
		 * {@value NetTraceObservationDocumentation#NONE}.
		 */
		HOST,

		/**
		 * An IP address or a path.
		 */
		ADDRESS,

		/**
		 * IP addresses, with commas between them: an array of texts.
		 */
		ADDRESSES,

		/**
		 * An array of texts.
		 */
		TEXTS,

		/**
		 * An integer.
		 */
		NUMBER,

		/**
		 * {@code true} or {@code false}.
		 */
		BOOLEAN,

		/**
		 * Seconds, with fractions.
		 */
		SECONDS,

		/**
		 * A date and time (ISO 8601): a text that has no address in it, though it may
		 * look so.
		 */
		TIME

	}

	/**
	 * A documented key.
	 */
	public interface StepKeyName extends KeyName {

		/**
		 * Return how a span shows the key's value.
		 * @return the type
		 */
		ValueType getValueType();

	}

	/**
	 * Keys of a lookup on meters and spans.
	 */
	public enum DnsLookupLowCardinalityKeyNames implements StepKeyName {

		/**
		 * The client library: {@code httpcomponents}, {@code httpcomponents-async},
		 * {@code reactor-netty}, {@code jetty} or {@code jdk}.
		 */
		CLIENT("nettrace.client", ValueType.TEXT),

		/**
		 * The name that is looked up; on meters one of a bounded set or {@code _OTHER}.
		 */
		QUESTION_NAME("dns.question.name", ValueType.HOST),

		/**
		 * {@code true} if the lookup was shared with another caller, else {@code false}.
		 */
		COALESCED("nettrace.dns.coalesced", ValueType.TEXT),

		/**
		 * Why the lookup failed: {@code host_not_found}, {@code try_again},
		 * {@code timed_out}, {@code cancelled}, {@code address_filtered} or the class of
		 * the exception; {@code none} on success.
		 */
		ERROR_TYPE("error.type", ValueType.TEXT);

		private final String key;

		private final ValueType valueType;

		DnsLookupLowCardinalityKeyNames(String key, ValueType valueType) {
			this.key = key;
			this.valueType = valueType;
		}

		@Override
		public String asString() {
			return this.key;
		}

		@Override
		public ValueType getValueType() {
			return this.valueType;
		}

	}

	/**
	 * Keys of a lookup on spans only.
	 */
	public enum DnsLookupHighCardinalityKeyNames implements StepKeyName {

		/**
		 * The addresses, in the order in which they are tried.
		 */
		ANSWERS("dns.answers", ValueType.ADDRESSES),

		/**
		 * Where the answer came from, that there is none included, where it is known for
		 * certain: {@code name_server}, whose queries are events of the span;
		 * {@code local}, the cache or the hosts file of Netty's resolver; {@code system},
		 * the system's resolver; {@code jvm_cache}.
		 */
		SOURCE("nettrace.dns.source", ValueType.TEXT),

		/**
		 * The number of queries sent to name servers, with Netty's resolver.
		 */
		QUERIES("nettrace.dns.queries", ValueType.NUMBER),

		/**
		 * How many of them a server did not answer, or with an error. That a name does
		 * not exist is none.
		 */
		FAILED_QUERIES("nettrace.dns.failed_queries", ValueType.NUMBER),

		/**
		 * How old an answer of the JVM's cache is, if the JVM has asked through
		 * nettrace-jvm-resolver.
		 */
		ANSWER_AGE("nettrace.dns.answer_age", ValueType.SECONDS);

		private final String key;

		private final ValueType valueType;

		DnsLookupHighCardinalityKeyNames(String key, ValueType valueType) {
			this.key = key;
			this.valueType = valueType;
		}

		@Override
		public String asString() {
			return this.key;
		}

		@Override
		public ValueType getValueType() {
			return this.valueType;
		}

	}

	/**
	 * Keys of a connect attempt on meters and spans.
	 */
	public enum SocketConnectLowCardinalityKeyNames implements StepKeyName {

		/**
		 * The client library, as for a lookup.
		 */
		CLIENT("nettrace.client", ValueType.TEXT),

		/**
		 * The host, or the path of a Unix domain socket; on meters one of a bounded set
		 * or {@code _OTHER}.
		 */
		SERVER_ADDRESS("server.address", ValueType.HOST),

		/**
		 * {@code tcp} or {@code unix}.
		 */
		NETWORK_TRANSPORT("network.transport", ValueType.TEXT),

		/**
		 * {@code ipv4}, {@code ipv6}, or {@code none} for a Unix domain socket.
		 */
		NETWORK_TYPE("network.type", ValueType.TEXT),

		/**
		 * {@code connected}, {@code failed}, or {@code cancelled} if another attempt won
		 * or the request was cancelled.
		 */
		OUTCOME("nettrace.connect.outcome", ValueType.TEXT),

		/**
		 * Why the attempt failed: {@code connection_refused}, {@code timed_out},
		 * {@code network_unreachable}, {@code host_unreachable} or the class of the
		 * exception; {@code none} for the other outcomes.
		 */
		ERROR_TYPE("error.type", ValueType.TEXT);

		private final String key;

		private final ValueType valueType;

		SocketConnectLowCardinalityKeyNames(String key, ValueType valueType) {
			this.key = key;
			this.valueType = valueType;
		}

		@Override
		public String asString() {
			return this.key;
		}

		@Override
		public ValueType getValueType() {
			return this.valueType;
		}

	}

	/**
	 * Keys of a connect attempt on spans only.
	 */
	public enum SocketConnectHighCardinalityKeyNames implements StepKeyName {

		/**
		 * The IP address, or the path of a Unix domain socket.
		 */
		PEER_ADDRESS("network.peer.address", ValueType.ADDRESS),

		/**
		 * The port of the address.
		 */
		PEER_PORT("network.peer.port", ValueType.NUMBER),

		/**
		 * The port of the host.
		 */
		SERVER_PORT("server.port", ValueType.NUMBER),

		/**
		 * The number of the attempt, from 1.
		 */
		ATTEMPT("nettrace.connect.attempt", ValueType.NUMBER);

		private final String key;

		private final ValueType valueType;

		SocketConnectHighCardinalityKeyNames(String key, ValueType valueType) {
			this.key = key;
			this.valueType = valueType;
		}

		@Override
		public String asString() {
			return this.key;
		}

		@Override
		public ValueType getValueType() {
			return this.valueType;
		}

	}

}
