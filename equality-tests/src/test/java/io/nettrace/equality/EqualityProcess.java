package io.nettrace.equality;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The application in a process of its own.
 */
enum EqualityProcess {

	/**
	 * Without any nettrace jar.
	 */
	ABSENT,

	/**
	 * With {@code nettrace.enabled=false}.
	 */
	DISABLED,

	ENABLED;

	private static final long LIMIT_SECONDS = 600;

	/**
	 * Start it.
	 * @param directory where it writes, and where the keystores and the names are
	 * @param extent {@code full} or {@code short}
	 * @param times how often each scenario is played
	 * @param keys which are, as a pattern
	 */
	Running start(Path directory, String extent, int times, String keys) throws IOException {
		List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(),
				"-Xmx1g", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto",
				"-Djdk.net.hosts.file=" + directory.resolve("hosts")));
		if (this == DISABLED) {
			command.add("-Dnettrace.enabled=false");
		}
		command.addAll(List.of("-cp", classPath(), "io.nettrace.equality.EqualityApplication",
				directory.resolve(name()).toString(), directory.toString(), extent, Integer.toString(times), keys));
		Path log = directory.resolve(name() + ".log");
		Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
		return new Running(process, directory.resolve(name()), log);
	}

	private String classPath() throws IOException {
		return Stream
			.concat(Stream.of(Path.of("target/classes").toAbsolutePath().toString()),
					Stream.of(Files.readString(Path.of("target/runtime.classpath")).strip().split(File.pathSeparator)))
			.filter((entry) -> this != ABSENT || !isNetTrace(Path.of(entry)))
			.collect(Collectors.joining(File.pathSeparator));
	}

	/**
	 * A jar, or the classes of a module of the same build.
	 */
	private static boolean isNetTrace(Path entry) {
		for (Path part : entry) {
			if (part.toString().startsWith("nettrace-")) {
				return true;
			}
		}
		return false;
	}

	/**
	 * The process.
	 *
	 * @param process it
	 * @param file what it writes
	 * @param log its log
	 */
	record Running(Process process, Path file, Path log) {

		Transcripts await() throws IOException, InterruptedException {
			boolean ended = this.process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
			this.process.destroyForcibly().waitFor();
			assertThat(ended).as("ended in time, see %s", this.log).isTrue();
			assertThat(this.process.exitValue()).as("exit status, see %s", this.log).isZero();
			return Transcripts.read(this.file);
		}

	}

}
