package io.nettrace.contract.stress;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;

/**
 * The libraries, which hooks each must have called by the end, and which rules its
 * instrumentation is known to break now and then. Those are counted and printed.
 */
enum Library {

	HTTP_COMPONENTS("httpcomponents", ClassicClients::new, Set.of(), Set.of()),

	HTTP_COMPONENTS_ASYNC("httpcomponents-async", AsyncClients::new, Set.of(Moment.GOT_100_CONTINUE), Set.of()),

	/**
	 * It does not wait for {@code 100 Continue}, which a server seldom sends.
	 */
	REACTOR_NETTY("reactor-netty", ReactorClients::new, Set.of(Moment.WAIT_100_CONTINUE, Moment.GOT_100_CONTINUE),
			Set.of()),

	/**
	 * Another thread may have put an exchange on a connection, and may even have its
	 * response, before the one that has queued it says so. What is told of it then comes
	 * late, or not at all, and its connection may be on to another one.
	 */
	JETTY("jetty", JettyClients::new, Set.of(Moment.GOT_100_CONTINUE),
			Set.of("a connection is released once for each exchange", "a connection of HTTP/1.1 has one exchange",
					"a request comes on a connection that it has got", "a response that is read has a first byte",
					"a response that is read has a status", "gotConn after getConn, at most once",
					"gotFirstResponseByte once, before responseDone",
					"only a connection whose request is written goes back"));

	private final String client;

	@SuppressWarnings("ImmutableEnumChecker") // constructors
	private final Function<StressRun, StressClients> clients;

	@SuppressWarnings("ImmutableEnumChecker") // Set.of
	private final Set<Moment> seldom;

	@SuppressWarnings("ImmutableEnumChecker") // Set.of
	private final Set<String> broken;

	Library(String client, Function<StressRun, StressClients> clients, Set<Moment> seldom, Set<String> broken) {
		this.client = client;
		this.clients = clients;
		this.seldom = seldom;
		this.broken = broken;
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
	 * The hooks that some request calls, however few there are.
	 */
	Set<Moment> hooks() {
		Set<Moment> hooks = EnumSet.allOf(Moment.class);
		hooks.removeIf((moment) -> !moment.isHook() || this.seldom.contains(moment));
		return hooks;
	}

	/**
	 * The rules that are known to be broken.
	 */
	Set<String> broken() {
		return this.broken;
	}

}
