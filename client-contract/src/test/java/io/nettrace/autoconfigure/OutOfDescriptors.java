package io.nettrace.autoconfigure;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.micrometer.core.instrument.MeterRegistry;
import io.nettrace.autoconfigure.TracedClient.Caller;
import io.nettrace.test.RefusingAddress;
import org.jspecify.annotations.Nullable;

/**
 * Requests in a process that has no file descriptor left. It is a separate program,
 * because the test itself has to open files.
 */
final class OutOfDescriptors {

	/**
	 * Enough descriptors for jars, contexts and event loops.
	 */
	private static final int LIMIT = 600;

	private static final String RESULT = "RESULT\t";

	private OutOfDescriptors() {
	}

	/**
	 * Send one request with each client, without nettrace and with it.
	 * @param clients the clients
	 * @param properties of the applications
	 * @return the outcomes of the requests
	 */
	static Map<TracedClient, Outcomes> run(List<TracedClient> clients, String... properties)
			throws IOException, InterruptedException {
		return run(List.of(), clients, properties);
	}

	/**
	 * The same in a JVM with options.
	 */
	static Map<TracedClient, Outcomes> run(List<String> jvmOptions, List<TracedClient> clients, String... properties)
			throws IOException, InterruptedException {
		List<String> command = new ArrayList<>(List.of("sh", "-c", "ulimit -n " + LIMIT + " && exec \"$@\"", "sh",
				Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-cp",
				System.getProperty("java.class.path")));
		command.addAll(jvmOptions);
		command.addAll(List.of(OutOfDescriptors.class.getName(),
				clients.stream().map(TracedClient::name).collect(Collectors.joining(","))));
		command.addAll(List.of(properties));
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		if (process.waitFor() != 0) {
			throw new AssertionError(output);
		}
		Map<TracedClient, Outcomes> outcomes = new HashMap<>();
		output.lines().filter((line) -> line.startsWith(RESULT)).forEach((line) -> {
			String[] fields = line.substring(RESULT.length()).split("\t", -1);
			outcomes.put(TracedClient.valueOf(fields[0]), new Outcomes(fields[1], fields[2], fields[3]));
		});
		return outcomes;
	}

	/**
	 * Send the requests and print their outcomes.
	 * @param args the names of the clients, separated by commas, and properties
	 */
	public static void main(String[] args) throws Exception {
		List<String> properties = List.of(args).subList(1, args.length);
		List<String> disabled = Stream.concat(properties.stream(), Stream.of("nettrace.enabled=false")).toList();
		try (Targets targets = new Targets()) {
			for (String name : args[0].split(",", -1)) {
				TracedClient client = TracedClient.valueOf(name);
				Outcome without = targets.outcome(client, disabled);
				Outcome with = targets.outcome(client, properties);
				System.out
					.println(RESULT + name + "\t" + without.failure + "\t" + with.failure + "\t" + with.errorTypes);
			}
		}
		System.exit(0); // the threads of some clients are not daemons
	}

	/**
	 * The outcome of a request.
	 *
	 * @param failure the exception and its causes
	 * @param errorTypes the values of {@code error.type} on the timers of connects: for
	 * this request, for one that was refused and for one that connected
	 */
	private record Outcome(String failure, String errorTypes) {
	}

	/**
	 * The outcomes of both requests of a client.
	 *
	 * @param failureWithout the exception and its causes without nettrace
	 * @param failure the same with nettrace
	 * @param errorTypes the values of {@code error.type} on the timers of connects: for
	 * this request, for one that was refused and for one that connected
	 */
	record Outcomes(String failureWithout, String failure, String errorTypes) {
	}

	/**
	 * Where requests go. Requests to all kinds of places come first, while there are
	 * descriptors: later, no jar can be opened to load a class.
	 */
	private static final class Targets implements AutoCloseable {

		private static final int MAX_LUCKY = 20;

		private final LoopbackServer server = LoopbackServer.start("127.0.0.8");

		private final RefusingAddress refusing = RefusingAddress.open("127.0.0.9", 0);

		private final RefusingAddress target = RefusingAddress.open("127.0.0.10", 0);

		private Outcome outcome(TracedClient client, List<String> properties) throws Exception {
			try (TracedApplication application = client.start(List.of(), properties.toArray(String[]::new))) {
				Caller caller = client.caller(application);
				caller.get(this.server.url("127.0.0.8"));
				send(caller, this.refusing);
				AllDescriptors taken = AllDescriptors.take();
				String failure;
				try {
					failure = failureWithoutDescriptors(caller);
				}
				finally {
					taken.giveBack();
				}
				return new Outcome(failure, errorTypes(application));
			}
		}

		/**
		 * If a connection is closed at that moment, a request gets its descriptor.
		 */
		private String failureWithoutDescriptors(Caller caller) throws Exception {
			String failure = describe(send(caller, this.target));
			for (int i = 0; i < MAX_LUCKY && !failure.contains("Too many open files"); i++) {
				failure = describe(send(caller, this.target));
			}
			return failure;
		}

		private static Throwable send(Caller caller, RefusingAddress target) throws Exception {
			try {
				caller.start(url(target)).result().get(20, TimeUnit.SECONDS);
			}
			catch (ExecutionException ex) {
				return Objects.requireNonNull(ex.getCause());
			}
			throw new IllegalStateException("The request has not failed");
		}

		private static String url(RefusingAddress target) {
			return "http://" + target.address().getHostString() + ":" + target.address().getPort() + "/";
		}

		private static String describe(@Nullable Throwable failure) {
			StringBuilder text = new StringBuilder();
			for (Throwable each = failure; each != null; each = each.getCause()) {
				text.append(each.getClass().getName()).append(": ").append(each.getMessage());
				text.append(" suppressed ").append(each.getSuppressed().length).append(" <- ");
			}
			return text.toString().replaceAll("\\s+", " ").replaceAll("@[0-9a-f]+", "@ID");
		}

		private String errorTypes(TracedApplication application) {
			return application.bean(MeterRegistry.class)
				.find("socket.connect.duration")
				.timers()
				.stream()
				.map((timer) -> String.valueOf(timer.getId().getTag("error.type")))
				.sorted()
				.collect(Collectors.joining(","));
		}

		@Override
		public void close() {
			this.server.close();
			this.refusing.close();
			this.target.close();
		}

	}

	/**
	 * Takes every descriptor that is left, and those that are freed meanwhile.
	 */
	private static final class AllDescriptors {

		private final List<FileInputStream> taken = new ArrayList<>();

		private final Thread thread = new Thread(this::takeWhatIsGivenBack, "descriptors");

		private volatile boolean closed;

		static AllDescriptors take() {
			AllDescriptors all = new AllDescriptors();
			all.takeAll();
			all.thread.start();
			return all;
		}

		private void takeAll() {
			try {
				while (!this.closed) {
					this.taken.add(new FileInputStream("/dev/null"));
				}
			}
			catch (IOException noneLeft) {
				// As it should be
			}
		}

		private void takeWhatIsGivenBack() {
			while (!this.closed) {
				takeAll();
				LockSupport.parkNanos(1_000_000);
			}
		}

		void giveBack() throws IOException, InterruptedException {
			this.closed = true;
			this.thread.join();
			for (FileInputStream each : this.taken) {
				each.close();
			}
		}

	}

}
