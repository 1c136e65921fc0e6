package io.nettrace.observation;

import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.docs.ObservationDocumentation;

/**
 * What nettrace observes. Names and keys are OpenTelemetry's where it has them. Every low
 * cardinality key is always present on meters; {@value #NONE} says that it does not
 * apply.
 */
public enum NetTraceObservationDocumentation implements ObservationDocumentation {

	/**
	 * A DNS lookup, from the question to the answer as the client sees it: the JVM's
	 * cache and the address filter are inside.
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
	 * An attempt to connect to one address, until the transport is connected: TLS comes
	 * after it, the handshake with a SOCKS proxy is part of it.
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
	 * Keys of a lookup on meters and spans.
	 */
	public enum DnsLookupLowCardinalityKeyNames implements KeyName {

		/**
		 * The client library that asked: {@code httpcomponents},
		 * {@code httpcomponents-async}, {@code reactor-netty}, {@code jetty} or
		 * {@code jdk}.
		 */
		CLIENT {
			@Override
			public String asString() {
				return "nettrace.client";
			}
		},

		/**
		 * The name that was asked for, on meters one of a bounded set or {@code _OTHER}.
		 */
		QUESTION_NAME {
			@Override
			public String asString() {
				return "dns.question.name";
			}
		},

		/**
		 * {@code true} if the answer was shared with another caller that asked at the
		 * same time, else {@code false}.
		 */
		COALESCED {
			@Override
			public String asString() {
				return "nettrace.dns.coalesced";
			}
		},

		/**
		 * Why there is no answer: {@code host_not_found}, {@code try_again},
		 * {@code timed_out}, {@code cancelled}, {@code address_filtered} or the class of
		 * the exception; {@code none} on success.
		 */
		ERROR_TYPE {
			@Override
			public String asString() {
				return "error.type";
			}
		}

	}

	/**
	 * Keys of a lookup on spans only.
	 */
	public enum DnsLookupHighCardinalityKeyNames implements KeyName {

		/**
		 * The addresses found, in the order in which they are tried.
		 */
		ANSWERS {
			@Override
			public String asString() {
				return "dns.answers";
			}
		}

	}

	/**
	 * Keys of a connect attempt on meters and spans.
	 */
	public enum SocketConnectLowCardinalityKeyNames implements KeyName {

		/**
		 * The client library that connects, as for a lookup.
		 */
		CLIENT {
			@Override
			public String asString() {
				return "nettrace.client";
			}
		},

		/**
		 * The host that is connected to, or the path of a Unix domain socket; on meters
		 * one of a bounded set or {@code _OTHER}.
		 */
		SERVER_ADDRESS {
			@Override
			public String asString() {
				return "server.address";
			}
		},

		/**
		 * {@code tcp} or {@code unix}.
		 */
		NETWORK_TRANSPORT {
			@Override
			public String asString() {
				return "network.transport";
			}
		},

		/**
		 * {@code ipv4}, {@code ipv6}, or {@code none} for a Unix domain socket.
		 */
		NETWORK_TYPE {
			@Override
			public String asString() {
				return "network.type";
			}
		},

		/**
		 * {@code connected}, {@code failed}, or {@code cancelled} for an attempt that was
		 * given up: another one won, or the caller cancelled.
		 */
		OUTCOME {
			@Override
			public String asString() {
				return "nettrace.connect.outcome";
			}
		},

		/**
		 * Why the attempt failed: {@code connection_refused}, {@code timed_out},
		 * {@code network_unreachable}, {@code host_unreachable} or the class of the
		 * exception; {@code none} for the other outcomes.
		 */
		ERROR_TYPE {
			@Override
			public String asString() {
				return "error.type";
			}
		}

	}

	/**
	 * Keys of a connect attempt on spans only.
	 */
	public enum SocketConnectHighCardinalityKeyNames implements KeyName {

		/**
		 * The IP address, or the path of a Unix domain socket.
		 */
		PEER_ADDRESS {
			@Override
			public String asString() {
				return "network.peer.address";
			}
		},

		/**
		 * The port of the address.
		 */
		PEER_PORT {
			@Override
			public String asString() {
				return "network.peer.port";
			}
		},

		/**
		 * The port of the host that is connected to.
		 */
		SERVER_PORT {
			@Override
			public String asString() {
				return "server.port";
			}
		},

		/**
		 * Which attempt of the operation this is, from 1.
		 */
		ATTEMPT {
			@Override
			public String asString() {
				return "nettrace.connect.attempt";
			}
		}

	}

}
