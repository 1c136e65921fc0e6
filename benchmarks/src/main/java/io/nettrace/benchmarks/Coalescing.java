package io.nettrace.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Function;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nettrace.NetTracing;
import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.concurrent.Threads;
import io.nettrace.dns.LookupSettings;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.observation.MetricConfig;
import org.apache.hc.client5.http.observation.ObservingOptions;
import org.apache.hc.client5.http.observation.impl.MeteredDnsResolver;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/**
 * Many callers that ask for one name at the same moment: how often the resolver is asked
 * and when the last one has its answer.
 */
public final class Coalescing {

	static final String NETTRACE = "nettrace";

	static final String NETTRACE_DISTINCT = "nettrace, as many names";

	static final String RAW = "raw";

	static final String RAW_DISTINCT = "raw, as many names";

	static final String PEER = "httpclient5-observation";

	static final String REFERENCE = "smallest single flight";

	private static final Duration DELAY = Duration.ofMillis(20);

	private final int callers;

	private final Map<String, List<Result>> results = new LinkedHashMap<>();

	private Coalescing(int callers) {
		this.callers = callers;
	}

	/**
	 * Measure for a minute and write the results.
	 * @param args none
	 * @throws Exception if a lookup fails or the results cannot be written
	 */
	public static void main(String[] args) throws Exception {
		Section section = new Section("Coalescing", Coalescing.class, "");
		int callers = 1000;
		section.say("%d callers of one name that takes %d ms, medians (and the most) of the rounds. What is left is the"
				+ " time from the resolver's last answer to the last caller's.", callers, DELAY.toMillis());
		boolean virtual = Runtime.version().feature() >= 21;
		if (virtual) {
			report(section, "virtual threads", measure(Threads.perTask("caller-"), callers, 7));
		}
		report(section, "platform threads", measure(Coalescing::platformThread, callers, 7));
		section.say("The JDK's own resolver with `networkaddress.cache.ttl=0`, and what is put over it:");
		section.head("path", "lookups", "last answer ms", "bar");
		for (JdkLookups.Result result : jdkLookups(callers, virtual, 3)) {
			section.row(result.path(), result.lookups(), Section.format("%.1f", result.millis()), bar(result));
		}
		section.end();
		section.publish();
	}

	/**
	 * Measure with a resolver of the application's own.
	 * @param threads runs each caller on a thread of its own
	 * @param callers how many
	 * @param rounds how often, after one round to warm up
	 * @return the results by what was asked
	 */
	static Map<String, List<Result>> measure(Executor threads, int callers, int rounds) throws Exception {
		Coalescing coalescing = new Coalescing(callers);
		coalescing.round(threads);
		coalescing.results.clear();
		for (int i = 0; i < rounds; i++) {
			coalescing.round(threads);
		}
		return coalescing.results;
	}

	static DnsResolver netTrace(DnsResolver resolver) {
		return new NetTraceHttpComponents(new NetTracing(), LookupSettings.defaults(), LookupThreads.create())
			.dnsResolver(resolver);
	}

	static void platformThread(Runnable task) {
		new Thread(task, "caller").start();
	}

	private void round(Executor threads) throws Exception {
		burst(RAW, threads, (upstream) -> upstream::resolve, false);
		burst(PEER, threads, (upstream) -> new MeteredDnsResolver(upstream, new SimpleMeterRegistry(),
				MetricConfig.DEFAULT, ObservingOptions.DEFAULT)::resolve, false);
		burst(NETTRACE, threads, (upstream) -> netTrace(upstream)::resolve, false);
		burst(REFERENCE, threads, (upstream) -> new SmallestSingleFlight(upstream)::resolve, false);
		burst(RAW_DISTINCT, threads, (upstream) -> upstream::resolve, true);
		burst(NETTRACE_DISTINCT, threads, (upstream) -> netTrace(upstream)::resolve, true);
	}

	private void burst(String path, Executor threads, Function<DnsResolver, Resolver> wrapper, boolean distinct)
			throws Exception {
		SlowDnsResolver upstream = new SlowDnsResolver(DELAY);
		Resolver resolver = wrapper.apply(upstream);
		Burst burst = Burst.of(threads, this.callers,
				(number) -> () -> resolver.resolve(distinct ? number + "." + Fixed.HOST : Fixed.HOST, Fixed.PORT));
		this.results.computeIfAbsent(path, (key) -> new ArrayList<>())
			.add(new Result(upstream.calls(), burst.millis(), (burst.end() - upstream.answered()) / 1e6));
	}

	private static void report(Section section, String threads, Map<String, List<Result>> all) {
		section.head(threads, "calls of the resolver", "last answer ms", "of it after the resolver's", "bar");
		all.forEach((path, results) -> {
			Numbers calls = Numbers.of(results.stream().mapToDouble(Result::calls));
			Numbers millis = Numbers.of(results.stream().mapToDouble(Result::millis));
			Numbers after = Numbers.of(results.stream().mapToDouble(Result::millisAfter));
			section.row(path, text("%.0f", calls), text("%.1f", millis), text("%.1f", after),
					path.equals(NETTRACE) ? bar(calls, after, all) : "");
		});
		section.end();
	}

	private static String text(String format, Numbers numbers) {
		return Section.format(format + " (" + format + ")", numbers.median(), numbers.most());
	}

	/**
	 * A platform thread may come too late for a flight that has taken 20 ms.
	 */
	private static String bar(Numbers calls, Numbers after, Map<String, List<Result>> all) {
		Numbers reference = Numbers.of(all.getOrDefault(REFERENCE, List.of()).stream().mapToDouble(Result::calls));
		String most = (reference.most() == 1) ? "1 call" : "1 call more than the reference";
		return most + ": " + Section.verdict(calls.most() <= reference.most() + ((reference.most() == 1) ? 0 : 1))
				+ ", 10 ms: " + Section.verdict(after.median() <= 10);
	}

	private static String bar(JdkLookups.Result result) {
		return result.path().equals(NETTRACE) ? "1 lookup: " + Section.verdict(result.lookups() == 1) + ", 40 ms: "
				+ Section.verdict(result.millis() <= 40) : "";
	}

	/**
	 * Ask in a JVM of its own, which has to be told of its file of names before it
	 * starts.
	 */
	static List<JdkLookups.Result> jdkLookups(int callers, boolean virtual, int rounds) throws IOException {
		Path directory = Files.createTempDirectory("nettrace-names");
		try (ChildJvm child = ChildJvm.start(List.of(), List.of("-Djdk.net.hosts.file=" + directory.resolve("hosts")),
				JdkLookups.class, String.valueOf(callers), String.valueOf(virtual), String.valueOf(rounds),
				String.valueOf(DELAY.toMillis()))) {
			return child.lines().map(JdkLookups.Result::parse).toList();
		}
		finally {
			FileSystemUtils.deleteRecursively(directory);
		}
	}

	/**
	 * Looks up.
	 */
	interface Resolver {

		@Nullable List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException;

	}

	/**
	 * What one burst has shown.
	 *
	 * @param calls of the resolver
	 * @param millis until the last caller had its answer
	 * @param millisAfter from the resolver's last answer to the last caller's
	 */
	record Result(int calls, double millis, double millisAfter) {
	}

}
