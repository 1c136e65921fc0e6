package io.nettrace.contract.stress;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;

/**
 * The libraries, which hooks each must have called by the end, and how often a rule may
 * be broken in a run because of the library.
 */
enum Library {

	HTTP_COMPONENTS("httpcomponents", ClassicClients::new, Set.of(), 0),

	/**
	 * A session that is closed as its handshake begins drops the callback that the
	 * request waits for (httpcore 5.4, {@code SSLIOSession}): one request of some 400,000
	 * was held behind a proxy's tunnel, which breaks two rules.
	 */
	HTTP_COMPONENTS_ASYNC("httpcomponents-async", AsyncClients::new, Set.of(Moment.GOT_100_CONTINUE), 2),

	/**
	 * It does not wait for {@code 100 Continue}, which a server seldom sends.
	 */
	REACTOR_NETTY("reactor-netty", ReactorClients::new, Set.of(Moment.WAIT_100_CONTINUE, Moment.GOT_100_CONTINUE), 0),

	REACTOR_NETTY_HTTP2("reactor-netty", ReactorClients::ofHttp2, Seldom.OVER_HTTP_2_IN_CLEAR_TEXT, 0),

	/**
	 * Few of its requests are told to continue. Once, on Java 25, something held a
	 * request whose handshake the peer had cut; what it was is not known.
	 */
	JETTY("jetty", JettyClients::new, Set.of(Moment.GOT_100_CONTINUE), 1),

	/**
	 * If a connection is closed just as a request is put on it, Jetty queues the request
	 * again. Then the thread that does may say so before the one that sends, for both:
	 * one trace in some 500,000 requests has no request, and its dial spans without one.
	 */
	JETTY_HTTP2("jetty", JettyClients::ofHttp2, Seldom.OVER_HTTP_2_IN_CLEAR_TEXT, 2),

	/**
	 * It has no event for a proxy's tunnel.
	 */
	OK_HTTP("okhttp", OkHttpClients::new, Set.of(Moment.PROXY_START, Moment.PROXY_DONE), 0),

	OK_HTTP_HTTP2("okhttp", OkHttpClients::ofHttp2, Seldom.OVER_HTTP_2_IN_CLEAR_TEXT, 0);

	private final String client;

	@SuppressWarnings("ImmutableEnumChecker") // constructors
	private final Function<StressRun, StressClients> clients;

	@SuppressWarnings("ImmutableEnumChecker") // Set.of
	private final Set<Moment> seldom;

	private final int faults;

	Library(String client, Function<StressRun, StressClients> clients, Set<Moment> seldom, int faults) {
		this.client = client;
		this.clients = clients;
		this.seldom = seldom;
		this.faults = faults;
	}

	/**
	 * The value of {@code nettrace.client}.
	 */
	String client() {
		return this.client;
	}

	StressClients start(StressRun run) {
		return this.clients.apply(run);
	}

	/**
	 * Whether a connection has streams.
	 */
	boolean multiplexes() {
		return this == JETTY_HTTP2 || this == REACTOR_NETTY_HTTP2 || this == OK_HTTP_HTTP2;
	}

	/**
	 * Whether the addresses of a host race, with a {@link Pool#LARGE}.
	 */
	boolean races() {
		return this == HTTP_COMPONENTS || this == REACTOR_NETTY || this == REACTOR_NETTY_HTTP2 || this == JETTY
				|| this == JETTY_HTTP2;
	}

	/**
	 * Reactor Netty takes 103 for the final response.
	 */
	boolean takesEarlyHints() {
		return this != REACTOR_NETTY && this != REACTOR_NETTY_HTTP2;
	}

	/**
	 * Reactor Netty's connections of HTTP/2 lead to the request that has opened them,
	 * with nettrace or without.
	 */
	boolean connectionsHoldRequests() {
		return this == REACTOR_NETTY_HTTP2;
	}

	/**
	 * The hooks that some request calls, however few there are.
	 */
	Set<Moment> hooks() {
		Set<Moment> hooks = EnumSet.allOf(Moment.class);
		hooks.removeIf((moment) -> !moment.isHook() || this.seldom.contains(moment));
		return hooks;
	}

	/**
	 * How many rules may be broken in a run.
	 */
	int faults() {
		return this.faults;
	}

	private static final class Seldom {

		private static final Set<Moment> OVER_HTTP_2_IN_CLEAR_TEXT = Set.of(Moment.WAIT_100_CONTINUE,
				Moment.GOT_100_CONTINUE, Moment.PROXY_START, Moment.PROXY_DONE, Moment.TLS_START, Moment.TLS_DONE,
				Moment.PUT_IDLE_CONN);

	}

}
