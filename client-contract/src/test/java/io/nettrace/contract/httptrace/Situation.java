package io.nettrace.contract.httptrace;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The outcomes of the requests of a run, and what the servers' scripts have for them.
 *
 * @param scenario the scenario
 * @param run the events
 */
record Situation(Scenario scenario, List<Recorded> run) {

	private static final Pattern FINAL_HEAD = Pattern.compile("(?s)HTTP/1\\.1 [2-5]\\d\\d.*?\r\n\r\n");

	private Stream<Event> events(String name, String by) {
		return this.run.stream().map(Recorded::event).filter((event) -> event.is(name) && event.by().equals(by));
	}

	/**
	 * Return the error that the request has returned.
	 */
	@Nullable String error(String by) {
		return events("return", by).map(Event::error).filter(Objects::nonNull).findFirst().orElse(null);
	}

	/**
	 * Return the status that the request has returned, 0 if none.
	 */
	int status(String by) {
		return events("return", by).map((event) -> event.arguments().get("status"))
			.filter(Integer.class::isInstance)
			.map(Integer.class::cast)
			.findFirst()
			.orElse(0);
	}

	boolean isGivenUp(String by) {
		return events("cancel", by).findFirst().isPresent() || Stream.of("return", "bodyError")
			.flatMap((name) -> events(name, by))
			.anyMatch((event) -> Set.of("canceled", "timeout").contains(String.valueOf(event.error())));
	}

	/**
	 * Whether the request has asked for more than one connection, and not for a redirect.
	 */
	boolean isSentAgain(String by) {
		return !by.isEmpty() && !this.scenario.request(by).followRedirects() && events("getConn", by).count() > 1;
	}

	/**
	 * Whether a server sends {@code 100 Continue} to a request that did not ask for it.
	 */
	boolean hasUnaskedContinue(String by) {
		return !by.isEmpty() && !this.scenario.request(by).expectsContinue()
				&& this.scenario.servers()
					.stream()
					.flatMap((server) -> server.connections().stream())
					.flatMap((connection) -> connection.each().stream())
					.flatMap(List::stream)
					.anyMatch((step) -> step.send() != null && step.send().startsWith("HTTP/1.1 100 "));
	}

	/**
	 * Whether the request's body waits to be asked for, and is refused.
	 */
	boolean refusesBody(String by) {
		return !by.isEmpty() && this.scenario.request(by).expectsContinue() && status(by) >= 400
				&& events("got100Continue", by).findFirst().isEmpty();
	}

	/**
	 * The final response heads of the scripts.
	 */
	private List<String> heads() {
		List<String> heads = new ArrayList<>();
		this.scenario.servers()
			.stream()
			.flatMap((server) -> server.connections().stream())
			.flatMap((connection) -> Stream.concat(Stream.of(connection.start()), connection.each().stream()))
			.forEach((steps) -> heads.addAll(heads(steps)));
		return heads;
	}

	private static List<String> heads(List<Scenario.Step> script) {
		List<String> heads = new ArrayList<>();
		for (Scenario.Step step : script) {
			Matcher matcher = FINAL_HEAD.matcher(Objects.requireNonNullElse(step.send(), ""));
			while (matcher.find()) {
				heads.add(matcher.group());
			}
		}
		return heads;
	}

	/**
	 * The response heads that the request may have got, without the proxy's answer to
	 * CONNECT.
	 */
	private List<String> heads(String by) {
		int status = status(by);
		return heads().stream()
			.filter((head) -> head.startsWith("HTTP/1.1 " + status))
			.filter((head) -> this.scenario.client().proxy() == null || !head.equals("HTTP/1.1 200 OK\r\n\r\n"))
			.toList();
	}

	/**
	 * Whether a script answers the first request of a connection with an error: that of a
	 * proxy, to CONNECT.
	 */
	boolean refusesToConnect() {
		return this.scenario.servers()
			.stream()
			.flatMap((server) -> server.connections().stream())
			.flatMap((connection) -> heads(connection.start()).stream())
			.anyMatch((head) -> head.matches("(?s)HTTP/1\\.1 [345].*"));
	}

	/**
	 * Whether a proxy has refused to connect, and its response is that of the request.
	 */
	boolean isRefusedTunnel(String by) {
		return !by.isEmpty() && this.scenario.client().proxy() != null && this.scenario.request(by).isSecure()
				&& refusesToConnect() && status(by) >= 300;
	}

	/**
	 * Whether the response is compressed.
	 */
	boolean isCompressed(String by) {
		return !by.isEmpty() && heads(by).stream().anyMatch((head) -> head.contains("Content-Encoding:"));
	}

	/**
	 * Whether the response has a body, {@code null} if the scripts do not tell.
	 */
	@Nullable Boolean hasBody(String by) {
		int status = status(by);
		if (this.scenario.request(by).method().equals("HEAD") || status == 204 || status == 304) {
			return false;
		}
		return same(heads(by).stream().map((head) -> !saysEmpty(head)).toList());
	}

	private static boolean saysEmpty(String head) {
		return head.contains("Content-Length: 0\r\n");
	}

	boolean hasEmptyBody(String by) {
		return !by.isEmpty() && heads(by).stream().anyMatch(Situation::saysEmpty);
	}

	/**
	 * Whether the server says that it closes the connection, or the end of the body is
	 * that of the connection; {@code null} if the scripts do not tell.
	 */
	@Nullable Boolean isClosedByServer(String by) {
		boolean bodiless = Boolean.FALSE.equals(hasBody(by));
		return same(heads(by).stream()
			.map((head) -> head.contains("Connection: close\r\n")
					|| (!bodiless && !head.contains("Content-Length:") && !head.contains("Transfer-Encoding:")))
			.toList());
	}

	private static @Nullable Boolean same(List<Boolean> values) {
		return (values.stream().distinct().count() == 1) ? values.get(0) : null;
	}

}
