package io.nettrace.contract.stress;

import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;

/**
 * The libraries, and the hooks that they must have called by the end.
 */
enum Library {

	HTTP_COMPONENTS("httpcomponents", ClassicClients::new, EnumSet.noneOf(Moment.class)),

	HTTP_COMPONENTS_ASYNC("httpcomponents-async", AsyncClients::new, EnumSet.noneOf(Moment.class)),

	REACTOR_NETTY("reactor-netty", ReactorClients::new, EnumSet.noneOf(Moment.class)),

	JETTY("jetty", JettyClients::new, EnumSet.noneOf(Moment.class));

	private final String client;

	@SuppressWarnings("ImmutableEnumChecker") // constructors
	private final Function<StressRun, StressClients> clients;

	@SuppressWarnings("ImmutableEnumChecker") // not changed
	private final Set<Moment> hooks;

	Library(String client, Function<StressRun, StressClients> clients, Set<Moment> hooks) {
		this.client = client;
		this.clients = clients;
		this.hooks = hooks;
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

	Set<Moment> hooks() {
		return this.hooks;
	}

}
