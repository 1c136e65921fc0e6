package io.nettrace.autoconfigure;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What the tests of a run of the module have found, in a file of each JVM: its classes
 * may be divided between several ({@code -Dnettrace.tests.forks}), where each class is a
 * run of its own to JUnit.
 */
final class RunResults {

	/**
	 * That of the run. Results of an earlier one are not among them.
	 */
	private static final Path DIRECTORY = Path.of("target", "results",
			System.getProperty("nettrace.run", "of-" + ProcessHandle.current().pid()));

	private RunResults() {
	}

	/**
	 * Add to the results.
	 * @param kind of what they are
	 * @param own all that this JVM has found
	 * @param merged is given what all JVMs of the run have found until now; one JVM at a
	 * time
	 */
	@SuppressWarnings("try") // the lock is only held
	static void add(String kind, Map<String, String> own, Consumer<Map<String, String>> merged) {
		try {
			Path directory = Files.createDirectories(DIRECTORY.resolve(kind));
			try (FileChannel channel = FileChannel.open(DIRECTORY.resolve(kind + ".lock"), StandardOpenOption.CREATE,
					StandardOpenOption.WRITE); FileLock lock = channel.lock()) {
				write(own, directory.resolve(ProcessHandle.current().pid() + ".properties"));
				merged.accept(read(directory));
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void write(Map<String, String> results, Path file) throws IOException {
		Properties properties = new Properties();
		properties.putAll(results);
		try (Writer writer = Files.newBufferedWriter(file)) {
			properties.store(writer, null);
		}
	}

	private static Map<String, String> read(Path directory) throws IOException {
		Properties properties = new Properties();
		for (Path file : files(directory)) {
			try (Reader reader = Files.newBufferedReader(file)) {
				properties.load(reader);
			}
		}
		Map<String, String> results = new TreeMap<>();
		properties.stringPropertyNames().forEach((name) -> results.put(name, properties.getProperty(name)));
		return results;
	}

	private static List<Path> files(Path directory) throws IOException {
		try (Stream<Path> files = Files.list(directory)) {
			return files.toList();
		}
	}

}
