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
 * of each request, without and with an application that listens to every hook and every
 * event of a connection. On pooled connections, over TLS with a new connection for each
 * request, and with two connections for fifty callers.
 */
public final class EveryPhase {

	/**
	 * What shows as much and follows nothing.
	 */
	private static final String BY_HAND = "the same by hand";

	private static final String WITH_EVERY_HOOK = ", and every hook";

	private static final String HTTP_COMPONENTS_PEER = "httpclient5-observation";

	private static final String REACTOR_NETTY_PEER = "Reactor Netty's metrics and tracing";

	private static final double ALLOWANCE = 0.03;

	private static final int WARM_UP = 12;

	private static final int ROUNDS = 20;

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
		measure(section, WARM_UP, ROUNDS, 500);
		section.publish();
	}

	/**
	 * Measure.
	 * @param section where to report
	 * @param warmUp rounds that do not count
	 * @param rounds rounds that count
	 * @param requests how many requests each one sends over TLS in each round
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
			contests.addAll(contests("pooled connection", TinyServer.KEEP, new BootClients(application), List.of(), few,
					plain, POOLED));
			contests.addAll(contests("TLS to a new connection", TinyServer.CLOSE, new BootClients(application),
					List.of(StepByHand.LOOKUP, StepByHand.CONNECT, StepByHand.HANDSHAKE), few, secure, 1));
			contests.addAll(contests(CONNECTIONS + " connections for " + CALLERS + " callers", TinyServer.KEEP,
					new BootClients(narrow), List.of(StepByHand.WAIT), many, plain, NARROW));
			rounds(contests, warmUp, requests);
			contests.forEach(Contest::forget);
			rounds(contests, rounds, requests);
			section.say("Meters, sampled spans and the record of each request; and the same while an application times "
					+ "every hook and every connection, which no peer has. %d rounds after %d to warm up, in "
					+ "changing order, each of %d requests over TLS, %d over pooled connections and %d with few "
					+ "connections. A ratio is the median of the rounds' ratios; bytes are those of all "
					+ "threads of the JVM. Nettrace may be 0.03 below the same by hand, and half of the A/A pair's "
					+ "middle half on top of that.", rounds, warmUp, requests, POOLED * requests, NARROW * requests);
			contests.forEach((contest) -> contest.report(section));
		}
		finally {
			Files.delete(keys);
			Files.delete(trusted);
		}
	}

	/**
	 * Pit nettrace against the peers.
	 * @param steps the steps of a request that have a span with nettrace
	 * @param times as in {@link Contest#times}
	 */
	private static List<Contest> contests(String title, String path, BootClients boot, List<StepByHand> steps,
			Load load, String url, int times) {
		EveryHook hooks = boot.everyHook();
		return List.of(
				new Contest("RestClient on HttpComponents, " + title, path, null).times(times)
					.with("Boot", SentBy.rest(load, boot.rest(), url))
					.with("Boot again (A/A)", SentBy.rest(load, boot.rest(), url))
					.with(Contest.NETTRACE, SentBy.rest(load, boot.restWithNetTrace(), url))
					.with(BY_HAND, SentBy.rest(load, boot.restByHand(steps, false), url))
					.with(Contest.NETTRACE + WITH_EVERY_HOOK,
							hooks.listensTo(SentBy.rest(load, boot.restWithNetTrace(), url)))
					.with(BY_HAND + WITH_EVERY_HOOK, SentBy.rest(load, boot.restByHand(steps, true), url))
					.with(HTTP_COMPONENTS_PEER, SentBy.rest(load, boot.restWithHttpComponentsObservation(), url))
					.compare(Contest.NETTRACE, BY_HAND, ALLOWANCE)
					.compare(Contest.NETTRACE, HTTP_COMPONENTS_PEER, 0)
					.compare(Contest.NETTRACE + WITH_EVERY_HOOK, BY_HAND + WITH_EVERY_HOOK, ALLOWANCE),
				new Contest("WebClient on Reactor Netty, " + title, path, null).times(times)
					.with("Boot", SentBy.web(load, boot.web(), url))
					.with("Boot again (A/A)", SentBy.web(load, boot.web(), url))
					.with(Contest.NETTRACE, SentBy.web(load, boot.webWithNetTrace(), url))
					.with(BY_HAND, SentBy.web(load, boot.webByHand(steps, false), url))
					.with(Contest.NETTRACE + WITH_EVERY_HOOK,
							hooks.listensTo(SentBy.web(load, boot.webWithNetTrace(), url)))
					.with(BY_HAND + WITH_EVERY_HOOK, SentBy.web(load, boot.webByHand(steps, true), url))
					.with(REACTOR_NETTY_PEER,
							boot.observedByReactorNetty(true, SentBy.web(load, boot.webWithReactorNettyMetrics(), url)))
					.compare(Contest.NETTRACE, BY_HAND, ALLOWANCE)
					.compare(Contest.NETTRACE, REACTOR_NETTY_PEER, 0)
					.compare(Contest.NETTRACE + WITH_EVERY_HOOK, BY_HAND + WITH_EVERY_HOOK, ALLOWANCE));
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
