package io.nettrace.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

import io.nettrace.benchmarks.Contest.Bar;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.http.client.HttpClient;

/**
 * Whole requests over loopback: what nettrace costs on top of Boot's own
 * {@code http.client.requests}, and what its peers cost there. The server runs in a JVM
 * and, where there is {@code taskset}, on a core of its own; the agent's JVM takes turns
 * with one without the agent.
 */
public final class EndToEnd implements AutoCloseable {

	private static final Path TASKSET = Path.of("/usr/bin/taskset");

	/**
	 * Compiler threads that share a core with the benchmark fall behind, and compile code
	 * last that only one in five requests runs. After 12,000 requests of each kind that
	 * code was still compiled as if it were seldom used, and up to 4 % slower.
	 */
	private static final int WARM_UP = 36;

	/**
	 * On a shared machine, one round of a client can be a fifth faster than the next: the
	 * median of 20 is accurate to 0.02, that of 40 to somewhat less.
	 */
	private static final int ROUNDS = 40;

	// Where the build puts it
	private static final Path AGENT = Path.of("benchmarks/target/opentelemetry-javaagent.jar");

	private static final String BOOT = "Boot";

	private static final String BOOT_AGAIN = "Boot again (A/A)";

	private static final String SMALLEST = "smallest telemetry";

	private final List<AutoCloseable> resources = new ArrayList<>();

	private final List<Contest> contests = new ArrayList<>();

	private final ChildJvm server;

	private final String url;

	private final String telemetry;

	private final Load load = new Load();

	private EndToEnd() {
		this.server = ChildJvm.start(Files.isExecutable(TASKSET) ? List.of(TASKSET.toString(), "-c", "1") : List.of(),
				List.of(), EndToEndServer.class);
		this.resources.add(this.load);
		this.resources.add(this.server);
		this.url = "http://localhost:" + this.server.read();
		this.telemetry = "http://localhost:" + this.server.read();
	}

	/**
	 * Measure for some twenty minutes and write the results.
	 * @param args none
	 * @throws IOException if the results cannot be written
	 */
	public static void main(String[] args) throws IOException {
		Section section = new Section("End to end", EndToEnd.class, "taskset -c 0 ");
		measure(section, true, WARM_UP, ROUNDS, 2000);
		section.publish();
	}

	/**
	 * Measure.
	 * @param section where to report
	 * @param agent whether the agent takes part
	 * @param warmUp rounds that do not count
	 * @param rounds rounds that count
	 * @param requests requests of each one in each round
	 */
	static void measure(Section section, boolean agent, int warmUp, int rounds, int requests) {
		try (EndToEnd endToEnd = new EndToEnd()) {
			endToEnd.addNone();
			endToEnd.addApplications(Watching.METERS, "meters", 0.98, 2_600);
			endToEnd.addApplications(Watching.SAMPLED, "meters and spans", 0.96, 6_000);
			if (agent) {
				endToEnd.addAgent();
			}
			endToEnd.rounds(warmUp, requests);
			endToEnd.contests.forEach(Contest::forget);
			endToEnd.rounds(rounds, requests);
			section
				.say("%d rounds of %d requests from four threads, after %d to warm up, in changing order. A ratio is "
						+ "the median of the rounds' ratios; bytes are those of all threads of the JVM. The bar of the "
						+ "throughput is lowered by the difference of an A/A pair: the half-range of its rounds, which one "
						+ "disturbed round can make, or better half of their middle half.", rounds, requests, warmUp);
			endToEnd.contests.forEach((contest) -> contest.report(section));
		}
	}

	private void rounds(int rounds, int requests) {
		Random random = new Random(rounds);
		for (int round = 0; round < rounds; round++) {
			this.contests.forEach((contest) -> contest.round(requests, random));
		}
	}

	/**
	 * Nothing listens, and connections are reused: two JVMs, one with nettrace and one
	 * without, would differ by more than the bar in what their compilers optimize away.
	 */
	private void addNone() {
		Application application = new Application(Watching.NONE, "management.metrics.use-global-registry=false");
		this.resources.add(application);
		BootClients boot = new BootClients(application);
		String title = "nothing listens";
		contest("RestClient on HttpComponents, " + title, TinyServer.KEEP, new Bar(0, 0), rest(boot.rest()),
				rest(boot.rest()), rest(boot.restWithNetTrace()));
		contest("WebClient on Reactor Netty, " + title, TinyServer.KEEP, new Bar(0, 300), web(boot.web()),
				web(boot.web()), web(boot.webWithNetTrace()));
		this.contests.add(new Contest(title("Reactor Netty's HttpClient, " + title, TinyServer.KEEP), TinyServer.KEEP,
				new Bar(0, 300))
			.with("bare", reactorNetty(HttpClient.create()))
			.with("bare again (A/A)", reactorNetty(HttpClient.create()))
			.with(Contest.NETTRACE, reactorNetty(boot.reactorNettyWithNetTrace())));
	}

	/**
	 * Boot's set-up with and without nettrace, and with the peers on top.
	 */
	private void addApplications(Watching watching, String title, double throughput, double bytes) {
		boolean tracing = (watching == Watching.SAMPLED);
		// Reactor Netty's meters go to the global registry, so one application is enough
		Application application = new Application(watching, "management.metrics.use-global-registry=" + !tracing);
		this.resources.add(application);
		BootClients boot = new BootClients(application);
		SentBy rest = rest(boot.rest());
		SentBy restAgain = rest(boot.rest());
		SentBy restNetTrace = rest(boot.restWithNetTrace());
		SentBy restPeer = rest(boot.restWithHttpComponentsObservation());
		SentBy restSmallest = rest(boot.restWithSmallestTelemetry());
		SentBy web = web(boot.web());
		SentBy webAgain = web(boot.web());
		SentBy webNetTrace = web(boot.webWithNetTrace());
		SentBy webPeer = boot.observedByReactorNetty(tracing, web(boot.webWithReactorNettyMetrics()));
		SentBy webSmallest = web(boot.webWithSmallestTelemetry());
		for (String path : List.of(TinyServer.CLOSE, TinyServer.KEEP)) {
			boolean opens = path.equals(TinyServer.CLOSE);
			Contest restContest = contest("RestClient on HttpComponents, " + title, path,
					opens ? new Bar(throughput, bytes) : new Bar(0, 0), rest, restAgain, restNetTrace)
				.with("httpclient5-observation", restPeer);
			Contest webContest = contest("WebClient on Reactor Netty, " + title, path,
					opens ? new Bar(throughput, bytes) : new Bar(0, 300), web, webAgain, webNetTrace)
				.with("Reactor Netty's metrics" + (tracing ? " and tracing" : ""), webPeer);
			if (opens) {
				restContest.with(SMALLEST, restSmallest);
				webContest.with(SMALLEST, webSmallest);
			}
		}
	}

	private Contest contest(String title, String path, Bar bar, SentBy boot, SentBy bootAgain, SentBy netTrace) {
		Contest contest = new Contest(title(title, path), path, bar).with(BOOT, boot)
			.with(BOOT_AGAIN, bootAgain)
			.with(Contest.NETTRACE, netTrace);
		this.contests.add(contest);
		return contest;
	}

	private static String title(String title, String path) {
		return title + (path.equals(TinyServer.CLOSE) ? ", a new connection for each request" : ", pooled connections");
	}

	private SentBy rest(RestClient client) {
		return SentBy.rest(this.load, client, this.url);
	}

	private SentBy web(WebClient client) {
		return SentBy.web(this.load, client, this.url);
	}

	private SentBy reactorNetty(HttpClient client) {
		return SentBy.reactorNetty(this.load, client, this.url);
	}

	/**
	 * The agent sends its spans to the server and its meters nowhere.
	 */
	private void addAgent() {
		ChildJvm bare = uninstrumented();
		ChildJvm bareAgain = uninstrumented();
		ChildJvm agent = uninstrumented("-javaagent:" + AGENT, "-Dotel.exporter.otlp.endpoint=" + this.telemetry,
				"-Dotel.metrics.exporter=none", "-Dotel.logs.exporter=none",
				"-Dotel.instrumentation.reactor-netty.connection-telemetry.enabled=true",
				"-Dotel.instrumentation.netty.connection-telemetry.enabled=true");
		for (String path : List.of(TinyServer.CLOSE, TinyServer.KEEP)) {
			for (String client : List.of("rest", "web")) {
				this.contests.add(new Contest(title("OpenTelemetry's agent, " + client, path), path, null)
					.with("bare", sentBy(bare, client))
					.with("bare again (A/A)", sentBy(bareAgain, client))
					.with("with the agent", sentBy(agent, client)));
			}
		}
	}

	private ChildJvm uninstrumented(String... options) {
		ChildJvm child = ChildJvm.start(List.of(), List.of(options), UninstrumentedJvm.class, this.url);
		this.resources.add(child);
		return child;
	}

	private static SentBy sentBy(ChildJvm child, String client) {
		return (path, requests) -> Cost.parse(child.ask(client + " " + path + " " + requests));
	}

	/**
	 * The last one first: each application closes the scopes that it has opened.
	 */
	@Override
	public void close() {
		Collections.reverse(this.resources);
		for (AutoCloseable resource : this.resources) {
			try {
				resource.close();
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		}
	}

}
