package io.nettrace.slices;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One way to run the application.
 */
final class Slice {

	private static final long LIMIT_SECONDS = 180;

	private final ClassPath classPath;

	private final Targets targets;

	private final List<String> jvmOptions = new ArrayList<>(
			List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"));

	private final List<String> arguments = new ArrayList<>();

	Slice(ClassPath classPath, Targets targets) {
		this.classPath = classPath;
		this.targets = targets;
		this.jvmOptions.add("-Djdk.net.hosts.file=" + targets.hosts());
	}

	Slice jvmOptions(String... options) {
		this.jvmOptions.addAll(List.of(options));
		return this;
	}

	Slice properties(String... properties) {
		Stream.of(properties).map((property) -> "--" + property).forEach(this.arguments::add);
		return this;
	}

	/**
	 * Run the application, which must succeed without a warning.
	 * @param hosts the hosts of its requests, one after another
	 */
	Output run(String... hosts) {
		this.arguments.add("--slice.urls=" + String.join(",", Stream.of(hosts).map(this.targets::url).toList()));
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin/java").toString()));
		command.addAll(this.jvmOptions);
		command.addAll(List.of("-cp", this.classPath.toString(), SliceApplication.class.getName()));
		command.addAll(this.arguments);
		try {
			Path log = Files.createTempFile(this.targets.hosts().getParent(), "slice", ".log");
			Process process = new ProcessBuilder(command).redirectErrorStream(true)
				.redirectOutput(log.toFile())
				.start();
			boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
			process.destroyForcibly().waitFor();
			Output output = new Output(Files.readAllLines(log));
			assertThat(ended).as("ended in time:%n%s", output).isTrue();
			assertThat(process.exitValue()).as("exit status:%n%s", output).isZero();
			assertThat(output.lines()).as("a log without complaints")
				.noneMatch((line) -> line.matches(".* (WARN|ERROR) .*|\\s+at .*\\(.*\\)|.*SLF4J.*"));
			return output;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * What the application printed.
	 *
	 * @param lines all of it
	 */
	record Output(List<String> lines) {

		/**
		 * The lines of one kind, such as {@code call} or {@code span}.
		 */
		String of(String kind) {
			String prefix = "slice " + kind + ": ";
			StringBuilder text = new StringBuilder();
			this.lines.stream()
				.filter((line) -> line.startsWith(prefix))
				.forEach((line) -> text.append(line.substring(prefix.length())).append('\n'));
			return text.toString();
		}

		/**
		 * What the log says about nettrace.
		 */
		List<String> coverage() {
			return this.lines.stream()
				.filter((line) -> line.contains(" : nettrace "))
				.map((line) -> line.substring(line.indexOf(" : nettrace ") + 3))
				.toList();
		}

		@Override
		public String toString() {
			return String.join("\n", this.lines);
		}

	}

}
