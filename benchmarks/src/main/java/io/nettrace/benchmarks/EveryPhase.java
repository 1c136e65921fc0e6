package io.nettrace.benchmarks;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import io.nettrace.test.TestAuthority;

/**
 * Whole requests over loopback with everything on: meters, sampled spans and the record
 * of each request; and then in an application that also listens to every hook and every
 * event of a connection. On pooled connections, over TLS with a new connection for each
 * request, and with two connections for fifty callers.
 */
public final class EveryPhase {

	/**
	 * What shows as much and follows nothing.
	 */
	private static final String BY_HAND = "the same by hand";

	private static final String HTTP_COMPONENTS_PEER = "httpclient5-observation";

	private static final String REACTOR_NETTY_PEER = "Reactor Netty's metrics and tracing";

	private static final double ALLOWANCE = 0.03;

	private static final int WARM_UP = 12;

	private static final int ROUNDS = 24;

	private static final int TLS_REQUESTS = 250;

	/**
	 * How many requests a contestant sends over a pooled connection while it sends one
	 * over TLS, so that its turn takes about as long.
	 */
	private static final int POOLED = 12;

	/**
	 * As above, with few connections for many callers.
	 */
	private static final int NARROW = 6;

	private static final int CALLERS = 50;

	private static final int CONNECTIONS = 2;

	private EveryPhase() {
	}

	/**
	 * Measure for some ten minutes and write the results.
	 * @param args none
	 * @throws Exception if there is no certificate or the results cannot be written
	 */
	public static void main(String[] args) throws Exception {
		Section section = new Section("Every phase", EveryPhase.class, "");
		measure(section, WARM_UP, ROUNDS, TLS_REQUESTS);
		section.publish();
	}

	/**
	 * Measure.
	 * @param section where to report
	 * @param warmUp rounds that do not count
	 * @param rounds rounds that count; half of them with an application's hooks
	 * @param requests how many requests each one sends over TLS in each round
	 */
	static void measure(Section section, int warmUp, int rounds, int requests)
			throws IOException, GeneralSecurityException {
		TestAuthority authority = TestAuthority.create("benchmarks");
		Path keys = store(authority.server("localhost").keys());
		Path trusted = store(authority.trusted());
		try (ChildJvm server = ChildJvm.start(List.of(), List.of(), EndToEndServer.class, keys.toString())) {
			Servers servers = Servers.read(server, trusted);
			section.say("In changing order, each of %d requests over TLS, %d over pooled connections and %d with few "
					+ "connections. A ratio is the median of the rounds' ratios; bytes are those of all "
					+ "threads of the JVM. Nettrace may be 0.03 below the same by hand, and half of the A/A pair's "
					+ "middle half on top of that.", requests, POOLED * requests, NARROW * requests);
			section.say("Meters, sampled spans and the record of each request: %d rounds after %d to warm up.", rounds,
					warmUp);
			measure(section, servers, false, warmUp, rounds, requests);
			int fewer = (rounds + 1) / 2;
			section.say("The same in an application that times every hook and every connection, which has no peer: %d "
					+ "rounds after %d to warm up.", fewer, warmUp / 2);
			measure(section, servers, true, warmUp / 2, fewer, requests);
		}
		finally {
			Files.delete(keys);
			Files.delete(trusted);
		}
	}

	private static void measure(Section section, Servers servers, boolean everyHook, int warmUp, int rounds,
			int requests) {
		try (Load few = new Load();
				Load many = new Load(CALLERS);
				Application application = Application.withRecord(everyHook, null,
						"management.metrics.use-global-registry=false",
						"spring.ssl.bundle.jks.benchmarks.truststore.location=file:" + servers.trusted(),
						"spring.ssl.bundle.jks.benchmarks.truststore.password=" + TestAuthority.PASSWORD,
						"spring.http.clients.ssl.bundle=benchmarks");
				Application narrow = Application.withRecord(everyHook, new NarrowPool(CONNECTIONS),
						"management.metrics.use-global-registry=false")) {
			BootClients boot = new BootClients(application);
			List<Contest> contests = new ArrayList<>();
			contests.addAll(contests("pooled connection", TinyServer.KEEP, boot, List.of(), everyHook, few,
					servers.plain(), POOLED));
			contests.addAll(contests("TLS to a new connection", TinyServer.CLOSE, boot,
					List.of(StepByHand.LOOKUP, StepByHand.CONNECT, StepByHand.HANDSHAKE), everyHook, few,
					servers.secure(), 1));
			contests.addAll(contests(CONNECTIONS + " connections for " + CALLERS + " callers", TinyServer.KEEP,
					new BootClients(narrow), List.of(StepByHand.WAIT), everyHook, many, servers.plain(), NARROW));
			rounds(contests, warmUp, requests);
			contests.forEach(Contest::forget);
			rounds(contests, rounds, requests);
			contests.forEach((contest) -> contest.report(section));
		}
	}

	/**
	 * Pit nettrace against the same by hand, and without an application's hooks against
	 * the peers.
	 * @param steps the steps of a request that have a span with nettrace
	 * @param times as in {@link Contest#times}
	 */
	private static List<Contest> contests(String title, String path, BootClients boot, List<StepByHand> steps,
			boolean everyHook, Load load, String url, int times) {
		String what = title + (everyHook ? ", and every hook" : "");
		Contest rest = new Contest("RestClient on HttpComponents, " + what, path, null).times(times)
			.with("Boot", SentBy.rest(load, boot.rest(), url))
			.with("Boot again (A/A)", SentBy.rest(load, boot.rest(), url))
			.with(Contest.NETTRACE, SentBy.rest(load, boot.restWithNetTrace(), url))
			.with(BY_HAND, SentBy.rest(load, boot.restByHand(steps, everyHook), url))
			.compare(Contest.NETTRACE, BY_HAND, ALLOWANCE);
		Contest web = new Contest("WebClient on Reactor Netty, " + what, path, null).times(times)
			.with("Boot", SentBy.web(load, boot.web(), url))
			.with("Boot again (A/A)", SentBy.web(load, boot.web(), url))
			.with(Contest.NETTRACE, SentBy.web(load, boot.webWithNetTrace(), url))
			.with(BY_HAND, SentBy.web(load, boot.webByHand(steps, everyHook), url))
			.compare(Contest.NETTRACE, BY_HAND, ALLOWANCE);
		if (!everyHook) {
			rest.with(HTTP_COMPONENTS_PEER, SentBy.rest(load, boot.restWithHttpComponentsObservation(), url))
				.compare(Contest.NETTRACE, HTTP_COMPONENTS_PEER, 0);
			web.with(REACTOR_NETTY_PEER,
					boot.observedByReactorNetty(true, SentBy.web(load, boot.webWithReactorNettyMetrics(), url)))
				.compare(Contest.NETTRACE, REACTOR_NETTY_PEER, 0);
		}
		return List.of(rest, web);
	}

	private static void rounds(List<Contest> contests, int rounds, int requests) {
		Random random = new Random(rounds);
		for (int round = 0; round < rounds; round++) {
			contests.forEach((contest) -> contest.round(requests, random));
		}
	}

	/**
	 * Where requests are sent to.
	 *
	 * @param plain the URL of a server without TLS
	 * @param secure the URL of a server with TLS
	 * @param trusted the keystore of those who vouch for it
	 */
	private record Servers(String plain, String secure, Path trusted) {

		static Servers read(ChildJvm server, Path trusted) {
			String plain = "http://localhost:" + server.read();
			server.read(); // of the telemetry
			return new Servers(plain, "https://localhost:" + server.read(), trusted);
		}

	}

	private static Path store(KeyStore keys) throws IOException, GeneralSecurityException {
		Path file = Files.createTempFile("benchmarks", ".p12");
		try (OutputStream out = Files.newOutputStream(file)) {
			keys.store(out, TestAuthority.PASSWORD.toCharArray());
		}
		return file;
	}

}
