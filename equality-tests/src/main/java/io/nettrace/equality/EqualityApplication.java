package io.nettrace.equality;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.util.ClassUtils;

/**
 * Runs every scenario on every client, writes the transcripts into a file, and ends.
 */
public final class EqualityApplication {

	private static final int SIDE_BY_SIDE = 6;

	private static final long LIMIT_SECONDS = 60;

	private final String keys;

	private final Map<Library, Application> applications = new EnumMap<>(Library.class);

	private final Map<String, Application> shared = new ConcurrentHashMap<>();

	private EqualityApplication(String keys) {
		this.keys = keys;
	}

	/**
	 * Run.
	 * @param arguments the file to write, the folder of the keystores, {@code full} or
	 * {@code short}, how often, and a pattern for the names of client and scenario
	 */
	public static void main(String[] arguments) throws Exception {
		boolean full = arguments[2].equals("full");
		new EqualityApplication(arguments[1]).run(Path.of(arguments[0]), full, Integer.parseInt(arguments[3]),
				Pattern.compile(arguments[4]));
		// threads of Jetty's client would keep the process alive
		System.exit(0);
	}

	private void run(Path file, boolean full, int times, Pattern chosen) throws Exception {
		for (Library library : Library.values()) {
			this.applications.put(library, Application.start(library, this.keys, (context) -> {
			}));
		}
		ExecutorService workers = Executors.newFixedThreadPool(SIDE_BY_SIDE);
		List<Future<List<String>>> results = new ArrayList<>();
		List<Supplier<List<String>>> alone = new ArrayList<>();
		for (Scenario scenario : Scenarios.all()) {
			for (Client client : Client.values()) {
				boolean wanted = scenario.clients().test(client) && (full || scenario.isQuick())
						&& chosen.matcher(client + " / " + scenario.name()).find();
				for (int i = 0; wanted && i < times; i++) {
					if (scenario.isAlone()) {
						alone.add(() -> play(scenario, client));
					}
					else {
						results.add(workers.submit(() -> play(scenario, client)));
					}
				}
			}
		}
		try (Writer writer = Files.newBufferedWriter(file)) {
			for (Future<List<String>> result : results) {
				write(writer, result.get());
			}
			for (Supplier<List<String>> scenario : alone) {
				write(writer, scenario.get());
			}
			write(writer, List.of("=== nettrace", "present " + isPresent(), "lookups " + count("dns.lookup.duration"),
					"connects " + count("socket.connect.duration")));
		}
	}

	private static void write(Writer writer, List<String> lines) throws IOException {
		for (String line : lines) {
			writer.write(line + "\n");
		}
	}

	/**
	 * The only place that looks for nettrace, by class name, to say which process this
	 * is.
	 */
	private static boolean isPresent() {
		return ClassUtils.isPresent("io.nettrace.NetTrace", null);
	}

	private long count(String meter) {
		return this.applications.values()
			.stream()
			.flatMap((application) -> application.bean(MeterRegistry.class).find(meter).timers().stream())
			.mapToLong((timer) -> timer.count())
			.sum();
	}

	/**
	 * Run a scenario on its own thread, so that it sees nothing that another scenario has
	 * bound to a thread. Give up after a while.
	 */
	private List<String> play(Scenario scenario, Client client) {
		List<String> lines = new ArrayList<>();
		lines.add("=== " + client + " / " + scenario.name());
		long begin = System.nanoTime();
		try (Stage stage = new Stage(client, application(client), this.keys, scenario.name(), this.shared)) {
			CountDownLatch done = new CountDownLatch(1);
			Thread thread = new Thread(() -> {
				try {
					scenario.body().run(stage);
				}
				catch (Throwable ex) {
					stage.note("scenario failed: " + Outcomes.of(ex));
				}
				done.countDown();
			}, "caller");
			thread.setDaemon(true);
			thread.start();
			if (!done.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
				stage.note("comes to no end");
				System.err
					.println("hangs: " + client + " / " + scenario.name() + " " + List.of(thread.getStackTrace()));
			}
			lines.addAll(stage.report());
		}
		catch (Exception ex) {
			lines.add("scenario failed: " + Outcomes.of(ex));
		}
		System.out
			.println("took " + (System.nanoTime() - begin) / 1_000_000 + " ms: " + client + " / " + scenario.name());
		return lines;
	}

	private Application application(Client client) {
		Application application = this.applications.get(client.library());
		if (application == null) {
			throw new IllegalStateException("No application for " + client);
		}
		return application;
	}

}
