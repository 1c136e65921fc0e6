package io.nettrace.autoconfigure;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Set;

/**
 * The rows of the table: situations that a client may meet.
 */
enum Case {

	ONE_ADDRESS("one address"),

	FIRST_REFUSED("first of several addresses refused", Limit.CONNECTS),

	ALL_REFUSED("all addresses refused", Limit.CONNECTS),

	BLACK_HOLE("black hole, connect timeout", Limit.CONNECTS),

	RACE_BLACK_HOLE("black hole, with a race", Limit.CONNECTS, Limit.RACES),

	RACE_REFUSED("first of several addresses refused, with a race", Limit.CONNECTS, Limit.RACES),

	RACE_ALL_DEAD("black holes only, with a race", Limit.CONNECTS, Limit.RACES),

	RACE_FILTERED("address filter denies one, with a race", Limit.CONNECTS, Limit.RACES),

	RACE_TLS("TLS fails at the winner of a race", Limit.CONNECTS, Limit.RACES),

	UNKNOWN_HOST("unknown host"),

	SLOW_LOOKUP("slow lookup"),

	LOOKUP_TIMEOUT("nettrace.dns.timeout", Limit.LOOKUP_TIMEOUT, Limit.UNTOUCHED_RESOLVER),

	IPV4_LITERAL("IPv4 literal", Limit.CONNECTS),

	IPV6_LITERAL("IPv6 literal", Limit.CONNECTS, Limit.IPV6_LITERALS),

	POOLED("connection from the pool"),

	WAITING_FOR_THE_POOL("waiting for the pool", Limit.POOL_BOUND),

	HTTP_2("HTTP/2: 10 streams, one connection", Limit.CONNECTS, Limit.STREAMS),

	REDIRECT("redirect to another host", Limit.REDIRECTED_LOOKUPS),

	CANCELLED_LOOKUP("cancelled during a lookup", Limit.CANCELLED_LOOKUPS),

	CANCELLED_CONNECT("cancelled during a connect", Limit.CANCELLED_CONNECTS),

	SHARED_LOOKUP("50 requests share a lookup", Limit.SHARED_LOOKUPS, Limit.UNTOUCHED_RESOLVER),

	/**
	 * The answer of an application's resolver may depend on the caller.
	 */
	OWN_RESOLVER("a custom resolver is called each time", Limit.SHARED_LOOKUPS),

	TLS("TLS by SSL bundle"),

	PROXY("HTTP proxy"),

	FILTERS_SOME("address filter denies one", Limit.ADDRESS_FILTER),

	FILTERS_ALL("address filter denies all", Limit.ADDRESS_FILTER),

	ONE_CLIENT_FILTERED("filtered beside unfiltered", Limit.ADDRESS_FILTER),

	DEFAULT_RESOLVER("the library's own resolver"),

	VIRTUAL_THREADS("virtual threads"),

	AUTOMATIC_PROPAGATION("context-propagation=auto"),

	METRICS_ONLY("metrics only"),

	TRACING_ONLY("tracing only"),

	BOUND_TRACE("trace bound around the request"),

	BOUND_HOOK("trace with one hook"),

	BOUND_RESOLVER("resolver bound around the request", Limit.ALTERNATE_RESOLVER, Limit.UNTOUCHED_RESOLVER),

	TLS_NEW("TLS handshake", Limit.PHASES),

	TLS_RESUMED("TLS session resumed", Limit.PHASES),

	TLS_EXPIRED("certificate expired", Limit.PHASES),

	TLS_NOT_YET_VALID("certificate not yet valid", Limit.PHASES),

	TLS_UNTRUSTED("certificate untrusted", Limit.PHASES),

	TLS_OTHER_HOST("certificate of another host", Limit.PHASES),

	TLS_PLAIN_TEXT("TLS to a server without", Limit.PHASES),

	TLS_ALERT("TLS refused by the server", Limit.PHASES),

	TLS_RESET("reset during the handshake", Limit.PHASES, Limit.RESETS),

	TLS_CLOSED("closed during the handshake", Limit.PHASES, Limit.RESETS),

	TLS_CANCELLED("cancelled during the handshake", Limit.PHASES, Limit.CANCELLED_HANDSHAKES),

	WAIT("waits for the pool", Limit.PHASES, Limit.UNREAD_BODIES),

	WAIT_CANCELLED("cancelled while it waits", Limit.PHASES, Limit.CANCELLED_WAITS),

	WAIT_TIMED_OUT("waits too long", Limit.PHASES, Limit.WAIT_TIMEOUTS),

	CROWDED_POOL("50 requests, 2 connections", Limit.PHASES),

	KEPT("pooled connection, idle", Limit.PHASES),

	NOT_KEPT("the server says close", Limit.PHASES),

	CLOSED_BY_PEER("the server closes an idle connection", Limit.PHASES, Limit.UNSEEN_CLOSE),

	CLOSED_BY_AGE("a connection that has lived long enough", Limit.PHASES, Limit.CLOSE_REASONS),

	STALE("stale connection, request sent again", Limit.PHASES, Limit.RESENDS),

	RESET("reset before the response", Limit.PHASES, Limit.RESETS),

	CONNECT_PROXY("CONNECT", Limit.PHASES, Limit.TUNNELS),

	CONNECT_REFUSED("CONNECT refused", Limit.PHASES, Limit.TUNNELS),

	SOCKS("SOCKS", Limit.PHASES, Limit.SOCKS_STEP),

	SLOW_HEAD("slow head, read time-out", Limit.PHASES),

	SLOW_BODY("slow body, cut off", Limit.PHASES, Limit.UNREAD_BODIES),

	EARLY_HINTS("early hints", Limit.PHASES, Limit.EARLY_HINTS, Limit.UNTOLD_HINTS),

	CONTINUE("100-continue", Limit.PHASES, Limit.CONTINUE),

	HTTP_2_STREAMS("HTTP/2: the streams of a connection", Limit.PHASES, Limit.STREAMS),

	GOAWAY("GOAWAY", Limit.PHASES, Limit.STREAMS, Limit.CLOSE_REASONS);

	private final String text;

	@SuppressWarnings("ImmutableEnumChecker") // Set.of
	private final Set<Limit> about;

	Case(String text, Limit... about) {
		this.text = text;
		this.about = Set.of(about);
	}

	/**
	 * Whether a client with this limit cannot show the case at all.
	 */
	boolean isAbout(Limit limit) {
		return this.about.contains(limit);
	}

	@Override
	public String toString() {
		return this.text;
	}

	/**
	 * The case that a test shows.
	 */
	@Target(ElementType.METHOD)
	@Retention(RetentionPolicy.RUNTIME)
	@interface Shows {

		Case value();

	}

}
