package io.nettrace.conformance;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * A hook that was called, or a mark; of Go or of nettrace. What an event does not have is
 * {@code null}.
 *
 * @param name which hook or mark
 * @param by whose call
 * @param trace whose hook, if there are several traces
 * @param host the name of a lookup
 * @param network the network
 * @param address the address of a connect, or the remote address of a connection
 * @param addresses the answers of a lookup
 * @param coalesced whether they were shared
 * @param error the class of the error
 */
record Event(String name, String by, @Nullable String trace, @Nullable String host, @Nullable String network,
		@Nullable InetSocketAddress address, @Nullable List<InetAddress> addresses, @Nullable Boolean coalesced,
		@Nullable String error) {

	static Event dnsStart(String by, @Nullable String trace, String host) {
		return new Event("dnsStart", by, trace, host, null, null, null, null, null);
	}

	static Event dnsDone(String by, @Nullable String trace, List<InetAddress> addresses, boolean coalesced,
			@Nullable String error) {
		return new Event("dnsDone", by, trace, null, null, null, addresses, coalesced, error);
	}

	static Event connectStart(String by, @Nullable String trace, String network, InetSocketAddress address) {
		return new Event("connectStart", by, trace, null, network, address, null, null, null);
	}

	static Event connectDone(String by, @Nullable String trace, String network, InetSocketAddress address,
			@Nullable String error) {
		return new Event("connectDone", by, trace, null, network, address, null, null, error);
	}

	static Event altResolver(String by, String network, String host) {
		return new Event("altResolver", by, null, host, network, null, null, null, null);
	}

	static Event dialReturn(String by, @Nullable InetSocketAddress remote, @Nullable String error) {
		return new Event("return", by, null, null, null, remote, null, null, error);
	}

	static Event lookupReturn(String by, List<InetAddress> addresses, @Nullable String error) {
		return new Event("return", by, null, null, null, null, addresses, null, error);
	}

	/**
	 * An event, when it was, and for a failed return the address of the error.
	 *
	 * @param event the event
	 * @param millis when
	 * @param errorAddress the address of Go's error, if there is one
	 * @param message the message of nettrace's error, if there is one
	 */
	record At(Event event, double millis, @Nullable InetSocketAddress errorAddress, @Nullable String message) {

		@Override
		public String toString() {
			StringBuilder text = new StringBuilder(String.format("%9.3f ms  %s", this.millis, this.event.name()));
			append(text, "by", this.event.by());
			append(text, "trace", this.event.trace());
			append(text, "host", this.event.host());
			append(text, "network", this.event.network());
			append(text, "address", this.event.address());
			append(text, "addresses", this.event.addresses());
			append(text, "coalesced", this.event.coalesced());
			append(text, "error", this.event.error());
			append(text, "error_addr", this.errorAddress);
			append(text, "message", this.message);
			return text.toString();
		}

		private static void append(StringBuilder text, String name, @Nullable Object value) {
			if (value != null) {
				text.append(' ').append(name).append('=').append(value);
			}
		}

	}

}
