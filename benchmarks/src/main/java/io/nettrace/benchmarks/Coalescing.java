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
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nettrace.Resolver;
import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.concurrent.Threads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.dns.SingleFlightPolicy;
import io.nettrace.instrument.NetTracing;
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

	static final String JDK = "JDK alone";

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
		section.say(
				"%d callers of one name whose lookup takes %d ms: medians (and maximums) of the rounds. The column after that is"
						+ " the time from the resolver's last answer to the last caller's.",
				callers, DELAY.toMillis());
		boolean virtual = Runtime.version().feature() >= 21;
		if (virtual) {
			report(section, true, measure(Threads.perTask("caller-"), callers, 15));
		}
		report(section, false, measure(Coalescing::platformThread, callers, 15));
		section.say("The JDK's own resolver with `networkaddress.cache.ttl=0`, alone and below a single flight, on %s "
				+ "threads; the JDK alone has one round:", virtual ? "virtual" : "platform");
		report(section, virtual, jdkLookups(callers, virtual, 7));
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
		return new NetTraceHttpComponents(new NetTracing(),
				LookupSettings.defaults().withSingleFlight(SingleFlightPolicy.ALWAYS), LookupThreads.create())
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

	private static void report(Section section, boolean virtual, Map<String, List<Result>> all) {
		section.head(virtual ? "virtual threads" : "platform threads", "calls of the resolver", "last answer ms",
				"of it after the resolver's", "bar");
		all.forEach((path, results) -> section.row(path, text("%.0f", numbers(results, Result::calls)),
				text("%.1f", numbers(results, Result::millis)), text("%.1f", numbers(results, Result::millisAfter)),
				bar(path, virtual, all)));
		section.end();
	}

	private static Numbers numbers(@Nullable List<Result> results, ToDoubleFunction<Result> what) {
		return Numbers.of(Objects.requireNonNull(results).stream().mapToDouble(what));
	}

	private static String text(String format, Numbers numbers) {
		return Section.format(format + " (" + format + ")", numbers.median(), numbers.most());
	}

	/**
	 * A platform thread may start too late to join a flight of 20 ms. There the reference
	 * counts.
	 */
	private static String bar(String path, boolean virtual, Map<String, List<Result>> all) {
		Numbers calls = numbers(all.get(path), Result::calls);
		if (path.equals(NETTRACE_DISTINCT)) {
			double more = numbers(all.get(path), Result::millis).median()
					- numbers(all.get(RAW_DISTINCT), Result::millis).median();
			return virtual ? "10 ms more than raw: " + Section.verdict(more <= 10) : "";
		}
		if (!path.equals(NETTRACE)) {
			return "";
		}
		if (!virtual) {
			return "1 call more than the reference: "
					+ Section.verdict(calls.median() <= numbers(all.get(REFERENCE), Result::calls).median() + 1);
		}
		String once = "1 call: " + Section.verdict(calls.most() == 1);
		return all.containsKey(JDK)
				? once + ", 40 ms: " + Section.verdict(numbers(all.get(path), Result::millis).median() <= 40)
				: once + ", 10 ms after: "
						+ Section.verdict(numbers(all.get(path), Result::millisAfter).median() <= 10);
	}

	/**
	 * Look up in a separate JVM, which must know its hosts file before it starts.
	 */
	static Map<String, List<Result>> jdkLookups(int callers, boolean virtual, int rounds) throws IOException {
		Path directory = Files.createTempDirectory("nettrace-names");
		try (ChildJvm child = ChildJvm.start(List.of(), List.of("-Djdk.net.hosts.file=" + directory.resolve("hosts")),
				JdkLookups.class, String.valueOf(callers), String.valueOf(virtual), String.valueOf(rounds),
				String.valueOf(DELAY.toMillis()))) {
			Map<String, List<Result>> results = new LinkedHashMap<>();
			child.lines()
				.map((line) -> line.split(";", 2))
				.forEach((parts) -> results.computeIfAbsent(parts[0], (path) -> new ArrayList<>())
					.add(Result.parse(parts[1])));
			return results;
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
	 * The result of one burst.
	 *
	 * @param calls of the resolver
	 * @param millis until the last caller had its answer
	 * @param millisAfter from the resolver's last answer to the last caller's
	 */
	record Result(int calls, double millis, double millisAfter) {

		static Result parse(String text) {
			String[] numbers = text.split(";", 3);
			return new Result(Integer.parseInt(numbers[0]), Double.parseDouble(numbers[1]),
					Double.parseDouble(numbers[2]));
		}

		String text() {
			return this.calls + ";" + this.millis + ";" + this.millisAfter;
		}

	}

}
