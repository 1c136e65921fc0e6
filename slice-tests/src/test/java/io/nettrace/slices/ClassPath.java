package io.nettrace.slices;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.springframework.util.PatternMatchUtils;

/**
 * A class path that can be cut by the names of artifacts. It has real jars. Unlike a
 * class loader that hides classes, it shows what links and what does not.
 *
 * @param entries jars and directories
 */
record ClassPath(List<Path> entries) {

	private static final Pattern VERSION = Pattern.compile("-\\d.*");

	/**
	 * The application with all its dependencies.
	 */
	static ClassPath everything() {
		try {
			List<Path> entries = new ArrayList<>(List.of(Path.of("target/classes").toAbsolutePath()));
			Stream.of(Files.readString(Path.of("target/runtime.classpath")).strip().split(File.pathSeparator))
				.map(Path::of)
				.forEach(entries::add);
			return new ClassPath(entries);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Leave artifacts out.
	 * @param artifacts their names, or patterns with asterisks; each must match, so that
	 * no slice is wider than it says
	 */
	ClassPath without(String... artifacts) {
		List<Path> rest = new ArrayList<>(this.entries);
		for (String artifact : artifacts) {
			if (!rest.removeIf((entry) -> PatternMatchUtils.simpleMatch(artifact, artifact(entry)))) {
				throw new IllegalArgumentException("'artifacts': no '" + artifact + "' on the class path");
			}
		}
		return new ClassPath(rest);
	}

	List<String> artifacts() {
		return this.entries.stream().map(ClassPath::artifact).toList();
	}

	private static String artifact(Path entry) {
		if (entry.endsWith(Path.of("target", "classes"))) {
			return entry.getName(entry.getNameCount() - 3).toString();
		}
		Matcher version = VERSION.matcher(entry.getFileName().toString());
		return version.replaceFirst("");
	}

	@Override
	public String toString() {
		return this.entries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
	}

}
