package io.nettrace.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.Yaml;

/**
 * What has happened to an HTTP client in a service, as {@code incidents.yml} has it, and
 * what nettrace says when it happens.
 *
 * @param number its number
 * @param group what it is about
 * @param what what was noticed
 * @param threads where it was told: repository and number
 * @param client the client that was named
 * @param shows what nettrace shows, or why it does not
 * @param attributes what is on spans, empty if nothing is
 * @param queries what Prometheus is asked, empty if nothing is
 * @param named what holds for the client that was named, {@code null} if nothing is shown
 */
record Incident(int number, String group, String what, List<String> threads, String client, String shows,
		List<String> attributes, List<String> queries, @Nullable String named) {

	private static final String RESOURCE = "/incidents.yml";

	/**
	 * Return all of them, by number.
	 */
	static List<Incident> all() {
		try (InputStream in = Objects.requireNonNull(Incident.class.getResourceAsStream(RESOURCE), RESOURCE)) {
			List<Map<String, Object>> rows = new Yaml().load(in);
			return rows.stream().map(Incident::of).toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	static Incident of(int number) {
		return all().get(number - 1);
	}

	private static Incident of(Map<String, Object> row) {
		return new Incident((Integer) Objects.requireNonNull(row.get("incident")), text(row, "group"),
				text(row, "what"), texts(row, "threads"), text(row, "client"), text(row, "shows"),
				texts(row, "attributes"), texts(row, "queries"), (String) row.get("named"));
	}

	private static String text(Map<String, Object> row, String key) {
		return (String) Objects.requireNonNull(row.get(key), () -> key + " of " + row);
	}

	@SuppressWarnings("unchecked") // the file has lists of texts
	private static List<String> texts(Map<String, Object> row, String key) {
		return (List<String>) row.getOrDefault(key, List.of());
	}

	boolean isShown() {
		return !signals().isEmpty();
	}

	/**
	 * Whether it is shown on the very client that was named.
	 */
	boolean isShownOnNamedClient() {
		return "yes".equals(this.named);
	}

	List<Signal> signals() {
		return Stream
			.concat(this.attributes.stream().map(SpanSignal::parse), this.queries.stream().flatMap(SeriesSignal::parse))
			.toList();
	}

	/**
	 * The incidents that a test stages.
	 */
	@Target(ElementType.METHOD)
	@Retention(RetentionPolicy.RUNTIME)
	@interface Staged {

		int[] value();

	}

}
