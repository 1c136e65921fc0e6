package io.nettrace.autoconfigure;

import java.util.List;

/**
 * What a client's library cannot show. The tests assert that it is absent.
 */
enum Limit {

	CONNECTS("the JDK has no hook for connects"),

	NEXT_ADDRESS("the JDK's clients try the first address only"),

	LOOKUP_TIMEOUT("nothing can end a lookup of the JVM"),

	IPV6_LITERALS("httpcore 5.5-beta2 does not take the brackets that Spring leaves around the address"),

	POOL_BOUND("the JDK's clients open as many connections as there are requests"),

	STREAMS("the library gives each request a connection of its own"),

	REDIRECTED_LOOKUPS("the JDK's HttpClient most often follows a redirect on a thread of its own"),

	CANCELLED_LOOKUPS("the library goes on with the lookup of a cancelled request"),

	CANCELLED_CONNECTS("the library goes on with the connect of a cancelled request"),

	SHARED_LOOKUPS("the JVM shares lookups itself and shows only the first caller's"),

	ADDRESS_FILTER("Boot has no address filter for it"),

	FILTERED_ANSWERS("Reactor Netty filters after the lookup, so all addresses are shown"),

	FILTERED_LOOKUPS("for the JDK's HttpClient Boot checks only the first address, with a lookup of its own"),

	PROXY_LOOKUPS("Reactor Netty looks up the proxy when the client is built, not for a request"),

	ALTERNATE_RESOLVER("the JVM would cache the alternate resolver's answers for all callers"),

	PHASES("the JDK has no hooks for the phases of a request"),

	CANCELLED_HANDSHAKES("the library goes on with the handshake of a cancelled request"),

	UNSEEN_CLOSE("the library notices it when it needs the connection again"),

	RESENDS("the library does not send the request again"),

	SOCKS_STEP("the JDK's socket speaks SOCKS within its connect"),

	EARLY_HINTS("the library takes them for the response"),

	CONTINUE("the library does not wait for it"),

	CANCELLED_WAITS("Spring does not tell the library that the request is cancelled"),

	RESETS("the library does not tell a reset from the end of the connection"),

	UNREAD_BODIES("if RestClient closes a response before its end has come, the library closes the connection"),

	UNUSED_CONNECTIONS("the library hands a connection to a cancelled request, too, and closes it"),

	WAIT_TIMEOUTS(
			"the library has no time-out for the wait alone, or none that ends it before a connection comes back"),

	CLOSE_REASONS("the library does not tell why its pool closes an idle connection"),

	UNTOUCHED_RESOLVER("nettrace leaves the client's resolver alone: clients with different ones share no connections"),

	TUNNELS("the library does not tell of the tunnel: it is part of the connect"),

	UNTOLD_HINTS("the library does not tell of them"),

	RACES("nettrace does not let its addresses race");

	private static final String LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	private final String reason;

	Limit(String reason) {
		this.reason = reason;
	}

	/**
	 * The limit's mark in a table.
	 */
	char letter() {
		return LETTERS.charAt(List.of(values()).indexOf(this));
	}

	@Override
	public String toString() {
		return this.reason;
	}

}
