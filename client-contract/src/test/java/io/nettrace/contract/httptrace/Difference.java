package io.nettrace.contract.httptrace;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a library cannot do, or does differently from Go: declared once, by hook and what
 * is different in it, and never by scenario.
 *
 * @param events the hooks or marks; or the rules, if the library shows nothing that they
 * cover
 * @param aspects what is different; empty for a rule
 * @param details the arguments, or the events that it comes after or before; empty for
 * any
 * @param when in which requests
 * @param reason why
 */
record Difference(Set<String> events, Set<Aspect> aspects, Set<String> details, When when, String reason) {

	/**
	 * How many a client may have.
	 */
	static final int MOST = 15;

	private static final Set<String> ANY = Set.of();

	private static final Difference NEVER_REFUSED = notShown("the pool takes each connection that it has given out",
			"G27");

	private static final Difference NO_SPARE = notShown("no connection is kept that has carried no request", "G5");

	private static final Difference DIAL_ENDS = of(Set.of("dnsDone", "connectStart", "connectDone", "tlsHandshakeDone"),
			EnumSet.of(Aspect.MISSING, Aspect.ARGUMENT, Aspect.EARLY), ANY, When.GIVEN_UP,
			"what is dialed for a request that is given up ends with it");

	private static final Difference BACK_AFTERWARDS = of(Set.of("putIdleConn"), EnumSet.of(Aspect.LATE), ANY,
			When.ALWAYS, "a connection goes back once the caller has been told of the response's end");

	private static final Difference PROXY_ANSWERS = of(Set.of("gotConn", "gotFirstResponseByte", "return"),
			EnumSet.of(Aspect.MISSING, Aspect.ARGUMENT), ANY, When.REFUSED_TUNNEL,
			"the response of the proxy is that of the request");

	private static final List<Difference> HTTP_COMPONENTS = List.of(NEVER_REFUSED, NO_SPARE, DIAL_ENDS, PROXY_ANSWERS,
			of(Set.of("putIdleConn"), EnumSet.of(Aspect.LATE), ANY, When.COMPRESSED,
					"the end of a compressed body is found before that of the response"),
			of(Set.of("return"), EnumSet.of(Aspect.LATE), ANY, When.GIVEN_UP,
					"a lookup cannot be left: the call returns when it has ended"),
			of(Set.of("putIdleConn"), EnumSet.of(Aspect.LATE), Set.of("return"), When.EMPTY_BODY,
					"a body of no bytes is a body, and has to be read"),
			of(Set.of("putIdleConn"), EnumSet.of(Aspect.ARGUMENT), Set.of("error"), When.IDLE_CLOSED,
					"closing idle connections leaves those in use alone"));

	private static final Difference WRITES_LATE = of(Set.of("wroteRequest"), EnumSet.of(Aspect.LATE, Aspect.UNEXPECTED),
			ANY, When.GIVEN_UP, "a caller that gives up does not wait for the client's threads");

	private static final Difference BODY_WITHHELD = of(Set.of("putIdleConn", "wroteRequest"),
			EnumSet.of(Aspect.MISSING, Aspect.LATE), ANY, When.REFUSED_BODY,
			"the body is not sent, so the connection is not kept");

	private static final List<Difference> HTTP_COMPONENTS_ASYNC = List.of(NEVER_REFUSED, NO_SPARE, DIAL_ENDS,
			BACK_AFTERWARDS, WRITES_LATE, BODY_WITHHELD, PROXY_ANSWERS,
			of(Set.of("return"), EnumSet.of(Aspect.LATE), ANY, When.GIVEN_UP,
					"a lookup cannot be left: what could be given up is there when it has ended"),
			of(Set.of("gotFirstResponseByte"), EnumSet.of(Aspect.MISSING), ANY, When.FAILED,
					"the library tells of a head that it has read, not of its first byte"),
			of(Set.of("putIdleConn"), EnumSet.of(Aspect.ARGUMENT), Set.of("error"), When.IDLE_CLOSED,
					"closing idle connections leaves those in use alone"),
			of(Set.of("putIdleConn", "gotConn"), EnumSet.of(Aspect.MISSING, Aspect.ARGUMENT),
					Set.of("", "was_idle", "idle_time_positive"), When.REDIRECTED,
					"a redirect to the same server goes on with the connection"),
			of(Set.of("got1xxResponse"), EnumSet.of(Aspect.MISSING, Aspect.ARGUMENT), ANY, When.UNASKED_CONTINUE,
					"the library drops a 100 Continue that was not asked for"),
			notShown("what is cancelled is the result of sending, so nothing is cancelled before", "G2"),
			notShown("the library's retry is off: it would send again after a response has begun, too", "G29"));

	private static final List<Difference> REACTOR_NETTY = List.of(NEVER_REFUSED, NO_SPARE, DIAL_ENDS, BACK_AFTERWARDS,
			WRITES_LATE,
			of(Set.of("dnsStart", "dnsDone"), EnumSet.of(Aspect.MISSING, Aspect.LATE), ANY, When.PROXIED,
					"the library is given the proxy's address"),
			of(Set.of("dnsStart", "dnsDone", "connectStart", "connectDone", "getConn", "gotConn", "wroteHeaders",
					"wroteRequest", "gotFirstResponseByte", "putIdleConn"),
					EnumSet.of(Aspect.UNEXPECTED, Aspect.LATE, Aspect.EARLY), ANY, When.REDIRECTED,
					"the connection of a redirect goes back once the library has asked for the next one"),
			notShown("the library does not hold a body back for Expect: 100-continue", "G18", "G24"),
			notShown("the library takes an interim response but 100 for the response", "G21", "G22"),
			notShown("the library's retry is off: it would send again on a new connection, too", "G29"));

	private static final List<Difference> JETTY = List.of(NEVER_REFUSED, DIAL_ENDS, BODY_WITHHELD,
			of(Set.of("putIdleConn"), EnumSet.of(Aspect.LATE), Set.of("return"), When.ALWAYS,
					"the caller is told of a response before of its end"),
			of(Set.of("putIdleConn"), EnumSet.of(Aspect.LATE), ANY, When.SENDS_BODY,
					"a connection goes back once the end of the request has been told, too"),
			notShown("what is cancelled before it is sent is dialed for all the same", "G2"),
			notShown("the library does not send again", "G29"));

	private static final List<Difference> OK_HTTP = List.of(NEVER_REFUSED, NO_SPARE, DIAL_ENDS, BODY_WITHHELD,
			of(Set.of("return"), EnumSet.of(Aspect.LATE), ANY, When.GIVEN_UP,
					"a lookup and a handshake cannot be left: the call returns when they have ended"),
			of(Set.of("dnsDone"), EnumSet.of(Aspect.ARGUMENT), Set.of("coalesced"), When.ALWAYS,
					"lookups are not shared: the library has a resolver, which may be the application's"),
			of(Set.of("dnsStart", "dnsDone"), EnumSet.of(Aspect.MISSING, Aspect.LATE), ANY, When.SENT_AGAIN,
					"what is sent again goes to the same address, which is not looked up"),
			of(Set.of("gotFirstResponseByte"), EnumSet.of(Aspect.MISSING), ANY, When.FAILED,
					"the library tells of a head that it has read, not of its first byte"),
			of(Set.of("got1xxResponse"), EnumSet.of(Aspect.MISSING), ANY, When.ALWAYS,
					"the library drops interim responses"),
			notShown("the library drops interim responses", "G21", "G22"),
			of(Set.of("putIdleConn", "gotConn"), EnumSet.of(Aspect.MISSING, Aspect.ARGUMENT, Aspect.LATE),
					Set.of("", "was_idle", "idle_time_positive", "getConn", "gotConn", "wroteHeaders", "wroteRequest",
							"gotFirstResponseByte", "return"),
					When.REDIRECTED, "a redirect to the same server goes on with the connection"),
			of(Set.of("putIdleConn"), EnumSet.of(Aspect.ARGUMENT), Set.of("error"), When.IDLE_CLOSED,
					"closing idle connections leaves those in use alone"),
			of(Set.of("dnsStart", "dnsDone", "connectStart", "connectDone", "gotConn"),
					EnumSet.of(Aspect.UNEXPECTED, Aspect.ARGUMENT), ANY, When.LIMITED,
					"calls are limited, and not connections: one that has waited asks the pool as any other"));

	private static final Map<Library, List<Difference>> DECLARED = Map.of(Library.CLASSIC, HTTP_COMPONENTS,
			Library.ASYNC, HTTP_COMPONENTS_ASYNC, Library.REACTOR_NETTY, REACTOR_NETTY, Library.JETTY, JETTY,
			Library.OK_HTTP, OK_HTTP);

	private static Difference of(Set<String> events, Set<Aspect> aspects, Set<String> details, When when,
			String reason) {
		return new Difference(events, aspects, details, when, reason);
	}

	private static Difference notShown(String reason, String... rules) {
		return new Difference(Set.of(rules), EnumSet.noneOf(Aspect.class), ANY, When.ALWAYS, reason);
	}

	/**
	 * Return the differences of a client.
	 */
	static List<Difference> of(Library library) {
		return DECLARED.getOrDefault(library, List.of());
	}

	/**
	 * Return the rules that none of a client's requests can show.
	 */
	static Stream<String> rulesNotShown(Library library) {
		return of(library).stream().filter((each) -> each.aspects.isEmpty()).flatMap((each) -> each.events.stream());
	}

	boolean covers(Finding finding, Situation situation) {
		return switch (finding.kind()) {
			case MISSING -> covers(Aspect.MISSING, finding.event(), "", finding.by(), situation);
			case UNEXPECTED -> covers(Aspect.UNEXPECTED, finding.event(), "", finding.by(), situation);
			case ARGUMENT -> covers(Aspect.ARGUMENT, finding.event(), finding.detail(), finding.by(), situation);
			case ORDER -> covers(Aspect.LATE, finding.event(), finding.detail(), finding.by(), situation)
					|| covers(Aspect.EARLY, finding.detail(), finding.event(), finding.otherBy(), situation);
		};
	}

	private boolean covers(Aspect aspect, String event, String detail, String by, Situation situation) {
		return this.aspects.contains(aspect) && this.events.contains(event)
				&& (this.details.isEmpty() || this.details.contains(detail)) && this.when.holds(situation, by);
	}

	@Override
	public String toString() {
		String events = String.join(", ", new TreeSet<>(this.events));
		if (this.aspects.isEmpty()) {
			return events + " not shown: " + this.reason;
		}
		return events + " " + this.aspects.toString().toLowerCase(Locale.ROOT)
				+ (this.details.isEmpty() ? "" : " " + this.details) + this.when.text + ": " + this.reason;
	}

	/**
	 * What is different in an event.
	 */
	enum Aspect {

		/**
		 * Go has it.
		 */
		MISSING,

		/**
		 * Go does not have it.
		 */
		UNEXPECTED,

		/**
		 * An argument differs.
		 */
		ARGUMENT,

		/**
		 * It comes after what it precedes in Go.
		 */
		LATE,

		/**
		 * It comes before what it follows in Go.
		 */
		EARLY

	}

	/**
	 * In which requests something is different.
	 */
	enum When {

		ALWAYS(""),

		/**
		 * Cancelled, or past its deadline.
		 */
		GIVEN_UP(", if the request is given up"),

		FAILED(", if the request fails"),

		EMPTY_BODY(", if the response has Content-Length: 0"),

		PROXIED(", behind a proxy"),

		IDLE_CLOSED(", if idle connections were closed"),

		REDIRECTED(", if redirects are followed"),

		UNASKED_CONTINUE(", if the server sends 100 Continue unasked"),

		REFUSED_TUNNEL(", if a proxy refuses to connect"),

		COMPRESSED(", if the response is compressed"),

		SENDS_BODY(", if the request has a body"),

		LIMITED(", if the connections of a host are limited"),

		SENT_AGAIN(", if a request is sent again"),

		REFUSED_BODY(", if the server refuses a body that waits to be asked for");

		private final String text;

		When(String text) {
			this.text = text;
		}

		private boolean holds(Situation situation, String by) {
			return switch (this) {
				case ALWAYS -> true;
				case GIVEN_UP -> situation.isGivenUp(by);
				case FAILED -> situation.error(by) != null;
				case EMPTY_BODY -> situation.hasEmptyBody(by);
				case PROXIED -> situation.scenario().client().proxy() != null;
				case REDIRECTED -> !by.isEmpty() && situation.scenario().request(by).followRedirects();
				case UNASKED_CONTINUE -> situation.hasUnaskedContinue(by);
				case REFUSED_TUNNEL -> situation.isRefusedTunnel(by);
				case COMPRESSED -> situation.isCompressed(by);
				case SENDS_BODY -> !by.isEmpty() && situation.scenario().request(by).body() != null;
				case LIMITED -> situation.scenario().client().maxConnsPerHost() != null;
				case SENT_AGAIN -> situation.isSentAgain(by);
				case REFUSED_BODY -> situation.refusesBody(by);
				case IDLE_CLOSED -> !situation.scenario().actions().isEmpty();
			};
		}

	}

}
