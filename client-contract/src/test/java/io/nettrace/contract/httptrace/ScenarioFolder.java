package io.nettrace.contract.httptrace;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A folder of recordings.
 *
 * @param path the folder
 * @param isDefault whether it is the one of the test resources
 */
record ScenarioFolder(Path path, boolean isDefault) {

	private static final String PROPERTY = "nettrace.httptrace.dir";

	/**
	 * Return the folder of {@code -Dnettrace.httptrace.dir=FOLDER}, or that of the test
	 * resources.
	 */
	static ScenarioFolder chosen() {
		String chosen = System.getProperty(PROPERTY, "");
		if (!chosen.isEmpty()) {
			return new ScenarioFolder(Path.of(chosen), false);
		}
		URL copy = Objects.requireNonNull(ScenarioFolder.class.getResource("/go-httptrace"));
		try {
			return new ScenarioFolder(Path.of(copy.toURI()), true);
		}
		catch (URISyntaxException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Read all scenarios.
	 */
	List<Scenario> scenarios() {
		try (Stream<Path> files = Files.list(this.path)) {
			List<Path> sorted = files.filter((file) -> file.toString().endsWith(".json")).sorted().toList();
			if (sorted.isEmpty()) {
				throw new IllegalArgumentException("There is no scenario in " + this.path);
			}
			return sorted.stream().map(ScenarioFolder::read).toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Scenario read(Path file) {
		try {
			return Scenario.read(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	Scenario scenario(String name) {
		return read(this.path.resolve(name + ".json"));
	}

	Certificates certificates() {
		return new Certificates(this.path);
	}

}
