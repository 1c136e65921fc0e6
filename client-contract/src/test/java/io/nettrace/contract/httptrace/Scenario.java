package io.nettrace.contract.httptrace;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * One file of recordings. The format is described in the {@code README.md} beside them.
 * Times are milliseconds.
 *
 * @param name the scenario's name, for reading
 * @param description what happens, for reading
 * @param group the kind of scenario, for reading
 * @param client the client's settings
 * @param dns what a lookup answers, by host
 * @param network how addresses without a server behave
 * @param servers the scripts of the servers
 * @param requests what is sent
 * @param actions other actions
 * @param traces the traces of each request, oldest first; empty: one without a name
 * @param settleMs how long to wait for late hooks
 * @param rules the rules of {@code RULES.md} that name this scenario
 * @param go what Go did
 */
record Scenario(String name, @Nullable String description, @Nullable String group, Client client, Map<String, Dns> dns,
		Map<String, Network> network, List<Server> servers, List<Request> requests, List<Action> actions,
		List<String> traces, int settleMs, Set<String> rules, Go go) {

	private static final JsonMapper JSON = JsonMapper.builder()
		.enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
		.disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
		.enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
		.propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
		.build();

	Scenario {
		required("name", name);
		required("client", client);
		required("requests", requests);
		required("go", go);
		dns = orEmpty(dns);
		network = orEmpty(network);
		servers = orEmpty(servers);
		actions = orEmpty(actions);
		traces = orEmpty(traces);
		rules = (rules != null) ? rules : Set.of();
	}

	/**
	 * Read a scenario.
	 * @param file the file
	 * @return the scenario
	 * @throws IllegalArgumentException if a field or a value is not known
	 */
	static Scenario read(Path file) throws IOException {
		try {
			return JSON.readValue(Files.readString(file), Scenario.class);
		}
		catch (JacksonException ex) {
			throw new IllegalArgumentException(file.getFileName() + ": " + ex.getMessage(), ex);
		}
	}

	/**
	 * Whether Go's events apply to any client: none of the rules is particular to Go's
	 * own pool.
	 */
	boolean isPortable() {
		return this.rules.stream().allMatch((rule) -> rule.startsWith("G"));
	}

	Request request(String by) {
		return this.requests.stream()
			.filter((request) -> request.by().equals(by))
			.findFirst()
			.orElseThrow(() -> new IllegalArgumentException(this.name + ": no request is named " + by));
	}

	private static void required(String field, @Nullable Object value) {
		if (value == null) {
			throw new IllegalArgumentException("the field '" + field + "' is missing");
		}
	}

	private static <T> List<T> orEmpty(@Nullable List<T> list) {
		return (list != null) ? list : List.of();
	}

	private static <T> Map<String, T> orEmpty(@Nullable Map<String, T> map) {
		return (map != null) ? map : Map.of();
	}

	/**
	 * The client's settings; an absent limit means no limit.
	 */
	record Client(boolean http2, boolean disableKeepAlives, @Nullable Integer maxConnsPerHost,
			@Nullable Integer maxIdleConnsPerHost, @Nullable Integer idleConnTimeoutMs,
			@Nullable Integer tlsHandshakeTimeoutMs, @Nullable Integer responseHeaderTimeoutMs,
			@Nullable Integer expectContinueTimeoutMs, @Nullable Integer dialTimeoutMs,
			@Nullable Integer wholeRequestTimeoutMs, @Nullable URI proxy, @Nullable TlsVersion tlsMin,
			@Nullable TlsVersion tlsMax, boolean tlsSessionCache) {

		/**
		 * Whether a connection whose request is done is never used again.
		 */
		boolean keepsNoConnection() {
			return this.disableKeepAlives || (this.maxIdleConnsPerHost != null && this.maxIdleConnsPerHost < 0);
		}

		boolean hasProxy(String scheme) {
			return this.proxy != null && this.proxy.getScheme().equals(scheme);
		}

	}

	enum TlsVersion {

		@JsonProperty("1.0")
		TLS_1_0("TLSv1"),

		@JsonProperty("1.1")
		TLS_1_1("TLSv1.1"),

		@JsonProperty("1.2")
		TLS_1_2("TLSv1.2"),

		@JsonProperty("1.3")
		TLS_1_3("TLSv1.3");

		private final String protocol;

		TlsVersion(String protocol) {
			this.protocol = protocol;
		}

		/**
		 * Return the versions that a side takes, as the JDK names them.
		 */
		static String[] protocols(@Nullable TlsVersion min, @Nullable TlsVersion max) {
			TlsVersion from = (min != null) ? min : TLS_1_2;
			TlsVersion to = (max != null) ? max : TLS_1_3;
			return List.of(values())
				.stream()
				.filter((version) -> version.compareTo(from) >= 0 && version.compareTo(to) <= 0)
				.map((version) -> version.protocol)
				.toArray(String[]::new);
		}

	}

	/**
	 * What a lookup answers.
	 *
	 * @param addresses the addresses in this order
	 * @param error the class of its error
	 * @param delayMs how long the first, second, ... lookup takes; the last one repeats
	 */
	record Dns(List<String> addresses, @Nullable DnsError error, List<Integer> delayMs) {

		Dns {
			addresses = orEmpty(addresses);
			delayMs = orEmpty(delayMs);
		}

	}

	enum DnsError {

		DNS_NOT_FOUND, DNS_SERVER_MISBEHAVING

	}

	record Network(Connect connect) {

		Network {
			required("connect", connect);
		}

	}

	enum Connect {

		ACCEPT, REFUSE, DROP

	}

	/**
	 * A server: of scripted connections, or of HTTP/2.
	 */
	record Server(List<String> at, List<Connection> connections, @Nullable Map<String, H2Path> h2, int h2MaxStreams,
			int h2IdleTimeoutMs) {

		Server {
			required("at", at);
			connections = orEmpty(connections);
		}

	}

	record Connection(List<Step> start, List<List<Step>> each) {

		Connection {
			start = orEmpty(start);
			each = orEmpty(each);
		}

	}

	/**
	 * A step of a script: it sleeps, and then does one thing.
	 */
	record Step(int sleepMs, @Nullable Read read, @Nullable String send, @Nullable String sendBase64, @Nullable Tls tls,
			@JsonProperty("do") @Nullable Ending ending) {

	}

	enum Read {

		HEAD, BODY, REQUEST, SOCKS

	}

	enum Ending {

		CLOSE, RESET, HOLD

	}

	record Tls(String certificate, @Nullable TlsVersion max, List<String> alpn, boolean requiresClientCertificate) {

		Tls {
			required("certificate", certificate);
			alpn = orEmpty(alpn);
		}

	}

	record H2Path(int status, @Nullable String body, int delayMs, List<Integer> interim, boolean readsBody,
			boolean resetsStream) {

		H2Path {
			interim = orEmpty(interim);
		}

	}

	/**
	 * What is sent.
	 */
	record Request(String by, int startAtMs, @Nullable String after, int afterMs, String method, URI url,
			Map<String, String> header, boolean close, @Nullable Body body, @Nullable Integer cancelAtMs,
			@Nullable Integer timeoutMs, ReadMode read, boolean followRedirects,
			@JsonProperty("got1xx_hook_fails") boolean got1xxHookFails) {

		Request {
			required("by", by);
			required("method", method);
			required("url", url);
			header = orEmpty(header);
			read = (read != null) ? read : ReadMode.ALL;
		}

		boolean isCancelledBefore() {
			return this.cancelAtMs != null && this.cancelAtMs < 0;
		}

		boolean isSecure() {
			return "https".equals(this.url.getScheme());
		}

		boolean expectsContinue() {
			return this.header.entrySet()
				.stream()
				.anyMatch((field) -> field.getKey().equalsIgnoreCase("Expect")
						&& field.getValue().equalsIgnoreCase("100-continue"));
		}

		int port() {
			return (this.url.getPort() >= 0) ? this.url.getPort() : isSecure() ? 443 : 80;
		}

	}

	record Body(int bytes, boolean chunked, @Nullable Integer failsAfterBytes, int pauseMsBeforeSecondHalf) {

	}

	enum ReadMode {

		/**
		 * To the end, then close.
		 */
		ALL,

		/**
		 * To the end, and not closed.
		 */
		ALL_LEAVE,

		/**
		 * Close at once.
		 */
		CLOSE,

		/**
		 * Three bytes, then close.
		 */
		PART,

		/**
		 * Neither read nor closed.
		 */
		LEAVE;

		/**
		 * Whether the caller does not want the whole body.
		 */
		boolean isUnread() {
			return this == CLOSE || this == PART || this == LEAVE;
		}

	}

	record Action(int atMs, @JsonProperty("do") ActionKind kind) {

		Action {
			required("do", kind);
		}

	}

	enum ActionKind {

		CLOSE_IDLE_CONNECTIONS

	}

	/**
	 * What Go did. Other fields of the file are for readers.
	 *
	 * @param events what happened in every run
	 * @param before pairs of indices of {@code events}: the first one came before the
	 * second
	 * @param eventsInSomeRuns what may or may not happen
	 */
	@JsonIgnoreProperties(ignoreUnknown = true)
	record Go(List<Map<String, Object>> events, List<List<Integer>> before,
			List<Map<String, Object>> eventsInSomeRuns) {

		Go {
			required("events", events);
			before = orEmpty(before);
			eventsInSomeRuns = orEmpty(eventsInSomeRuns);
			events.forEach(Event::of); // fails if one is not known
			eventsInSomeRuns.forEach(Event::of);
		}

	}

}
