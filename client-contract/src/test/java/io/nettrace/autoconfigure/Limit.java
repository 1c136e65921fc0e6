package io.nettrace.autoconfigure;

import java.util.List;

/**
 * What a client's library cannot give. The tests assert that it is absent.
 */
enum Limit {

	CONNECTS("the JDK has no hook for connects"),

	NEXT_ADDRESS("the JDK's clients try the first address only"),

	LOOKUP_TIMEOUT("nothing can end the JVM's own lookups"),

	IPV6_LITERALS("httpcore 5.5-beta2 does not take the brackets that Spring leaves around the address"),

	POOL_BOUND("the JDK's clients open as many connections as there are requests"),

	STREAMS("the library gives each request a connection of its own"),

	REDIRECTED_LOOKUPS("the JDK's HttpClient most often follows a redirect on a thread of its own"),

	CANCELLED_LOOKUPS("the library goes on with the lookup of a request that is given up"),

	CANCELLED_CONNECTS("the library goes on with the connect of a request that is given up"),

	SHARED_LOOKUPS("the JVM shares lookups itself and tells only who came first"),

	ADDRESS_FILTER("Boot has no address filter for HttpURLConnection"),

	FILTERED_ANSWERS("Reactor Netty filters behind its resolver, so all answers are shown"),

	FILTERED_LOOKUPS("Boot checks only the first address for the JDK's HttpClient, and looks up for that"),

	PROXY_LOOKUPS("Reactor Netty looks up its proxy when it is built, not for a request"),

	ALTERNATE_RESOLVER("the JVM would cache the alternate's answers for everybody");

	private final String reason;

	Limit(String reason) {
		this.reason = reason;
	}

	/**
	 * What stands for it in a table.
	 */
	char letter() {
		return (char) ('a' + List.of(values()).indexOf(this));
	}

	@Override
	public String toString() {
		return this.reason;
	}

}
