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
 * Whole requests over loopback with everything on: meters, sampled spans, every hook and
 * every event of a connection. On pooled connections, over TLS with a new connection for
 * each request, and with two connections for fifty callers.
 */
public final class EveryPhase {

	/**
	 * What shows as much and follows nothing.
	 */
	private static final String BY_HAND = "the same by hand";

	private static final int WARM_UP = 12;

	private static final int ROUNDS = 20;

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
		measure(section, WARM_UP, ROUNDS, 2000);
		section.publish();
	}

	/**
	 * Measure.
	 * @param section where to report
	 * @param warmUp rounds that do not count
	 * @param rounds rounds that count
	 * @param requests requests of each one in each round
	 */
	static void measure(Section section, int warmUp, int rounds, int requests)
			throws IOException, GeneralSecurityException {
		TestAuthority authority = TestAuthority.create("benchmarks");
		Path keys = store(authority.server("localhost").keys());
		Path trusted = store(authority.trusted());
		try (ChildJvm server = ChildJvm.start(List.of(), List.of(), EndToEndServer.class, keys.toString());
				Load few = new Load();
				Load many = new Load(CALLERS);
				Application application = Application.withEveryHook(null,
						"management.metrics.use-global-registry=false",
						"spring.ssl.bundle.jks.benchmarks.truststore.location=file:" + trusted,
						"spring.ssl.bundle.jks.benchmarks.truststore.password=" + TestAuthority.PASSWORD,
						"spring.http.clients.ssl.bundle=benchmarks");
				Application narrow = Application.withEveryHook(new NarrowPool(CONNECTIONS),
						"management.metrics.use-global-registry=false")) {
			String plain = "http://localhost:" + server.read();
			server.read(); // of the telemetry
			String secure = "https://localhost:" + server.read();
			List<Contest> contests = new ArrayList<>();
			contests
				.addAll(contests("pooled connection", TinyServer.KEEP, new BootClients(application), 0, few, plain));
			contests.addAll(contests("TLS to a new connection", TinyServer.CLOSE, new BootClients(application), 3, few,
					secure));
			contests.addAll(contests(CONNECTIONS + " connections for " + CALLERS + " callers", TinyServer.KEEP,
					new BootClients(narrow), 1, many, plain));
			rounds(contests, warmUp, requests);
			contests.forEach(Contest::forget);
			rounds(contests, rounds, requests);
			section.say("Meters, sampled spans, every hook and every event of a connection. %d rounds of %d requests "
					+ "after %d to warm up, in changing order. A ratio is the median of the rounds' ratios; bytes are "
					+ "those of all threads of the JVM. Nettrace has to be within 0.03 of the same by hand.", rounds,
					requests, warmUp);
			contests.forEach((contest) -> contest.report(section));
		}
		finally {
			Files.delete(keys);
			Files.delete(trusted);
		}
	}

	/**
	 * Pit nettrace against the peers.
	 * @param steps how many steps of a request have a span with nettrace
	 */
	private static List<Contest> contests(String title, String path, BootClients boot, int steps, Load load,
			String url) {
		return List.of(
				new Contest("RestClient on HttpComponents, " + title, path, null)
					.with("Boot", SentBy.rest(load, boot.rest(), url))
					.with("Boot again (A/A)", SentBy.rest(load, boot.rest(), url))
					.with(Contest.NETTRACE, SentBy.rest(load, boot.restWithNetTrace(), url))
					.with(BY_HAND, SentBy.rest(load, boot.restByHand(steps), url))
					.with("httpclient5-observation", SentBy.rest(load, boot.restWithHttpComponentsObservation(), url)),
				new Contest("WebClient on Reactor Netty, " + title, path, null)
					.with("Boot", SentBy.web(load, boot.web(), url))
					.with("Boot again (A/A)", SentBy.web(load, boot.web(), url))
					.with(Contest.NETTRACE, SentBy.web(load, boot.webWithNetTrace(), url))
					.with(BY_HAND, SentBy.web(load, boot.webByHand(steps), url))
					.with("Reactor Netty's metrics and tracing", boot.observedByReactorNetty(true,
							SentBy.web(load, boot.webWithReactorNettyMetrics(), url))));
	}

	private static void rounds(List<Contest> contests, int rounds, int requests) {
		Random random = new Random(rounds);
		for (int round = 0; round < rounds; round++) {
			contests.forEach((contest) -> contest.round(requests, random));
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
