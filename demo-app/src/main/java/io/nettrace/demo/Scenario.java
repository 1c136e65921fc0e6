package io.nettrace.demo;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

import io.nettrace.test.DnsAnswer;

import static io.nettrace.demo.ClientFeature.FALLBACK_RACE;
import static io.nettrace.demo.ClientFeature.HTTP2;
import static io.nettrace.demo.ClientFeature.JVM_RESOLVER;
import static io.nettrace.demo.ClientFeature.PROXY;
import static io.nettrace.demo.ClientFeature.RETRY;
import static io.nettrace.demo.ClientFeature.SEARCH_DOMAINS;
import static io.nettrace.demo.Section.CONNECTIONS;
import static io.nettrace.demo.Section.CONNECTS;
import static io.nettrace.demo.Section.LOOKUPS;
import static io.nettrace.demo.Section.RESPONSES;
import static io.nettrace.demo.Section.TLS;
import static io.nettrace.demo.TargetController.LAST;
import static io.nettrace.demo.TargetController.MOVED;
import static io.nettrace.demo.TargetController.PATH;
import static io.nettrace.demo.TargetController.SLOW;
import static io.nettrace.demo.TargetController.SLOW_BODY;
import static io.nettrace.demo.Targets.ANSWERING;
import static io.nettrace.demo.Targets.REFUSING;
import static io.nettrace.demo.Targets.SILENT;
import static io.nettrace.test.DnsAnswer.addresses;

/**
 * Something to try: GET requests to a host that belongs to the scenario.
 *
 * @param name what it is called in the API
 * @param section where the page lists it
 * @param title what the page calls it
 * @param description what happens, and what to look for
 * @param answer what the demo's name server answers for the host
 * @param server what listens there
 * @param requests what is sent
 * @param client what sends it
 */
record Scenario(String name, Section section, String title, String description, DnsAnswer answer, Server server,
		Requests requests, ClientSetup client) {

	/**
	 * RFC 1035 section 2.3.4: so the system says that it does not exist without asking a
	 * name server.
	 */
	private static final String UNKNOWN_EVERYWHERE = "this-label-has-more-than-the-63-letters-that-dns-allows-so-it-is-unknown";

	static final List<Scenario> ALL = List.of(

			of("healthy", LOOKUPS, "Healthy", "One address, and it answers. Every phase of the request is short."),

			of("slow-dns", LOOKUPS, "Slow DNS",
					"The name server takes 400 ms to answer. The lookup is most of the request.")
				.with(addresses(ANSWERING).after(Duration.ofMillis(400))),

			of("nxdomain", LOOKUPS, "Unknown name",
					"The name does not exist. The lookup fails, and there is nothing to connect to.")
				.with(DnsAnswer.unknown()),

			of("coalesced-burst", LOOKUPS, "Shared lookup",
					"Four requests at once share one lookup, of 300 ms. It is in each of them, marked as coalesced.")
				.with(addresses(ANSWERING).after(Duration.ofMillis(300)))
				.with(Requests.atOnce(4, PATH)),

			of("search-domains", LOOKUPS, "Search domains",
					"As in a pod of Kubernetes (ndots:5): three search domains are tried before the name itself. "
							+ "One lookup, eight queries; its row names them.")
				.with(ClientSetup.of(SEARCH_DOMAINS)),

			of("jvm-cache", LOOKUPS, "Failure from the JVM's cache",
					"The JVM's resolver does not know the name, and the application asks again. The second answer is not "
							+ "a new one: the JVM keeps failures for 10 s. Its lookup names the cache as its source.")
				.with(ClientSetup.of(JVM_RESOLVER, RETRY)),

			of("first-address-refused", CONNECTS, "First address refused",
					"Two addresses: the first refuses to connect, the second answers. There are two attempts.")
				.with(addresses(REFUSING, ANSWERING)),

			of("black-hole", CONNECTS, "Black hole",
					"Two addresses: the first is silent until the connect times out, after 500 ms.")
				.with(addresses(SILENT, ANSWERING)),

			of("dead-ipv6", CONNECTS, DeadAddress.TITLE,
					"The name has " + DeadAddress.DESCRIPTION
							+ ". The request waits for it until the connect times out.")
				.with(addresses(DeadAddress.LITERAL, ANSWERING)),

			of("dead-ipv6-race", CONNECTS, DeadAddress.TITLE + ", with a race",
					"The same addresses with Happy Eyeballs: the second one starts after 250 ms and wins. The first is cancelled.")
				.with(addresses(DeadAddress.LITERAL, ANSWERING))
				.with(ClientSetup.of(FALLBACK_RACE)),

			of("proxy-refused", CONNECTS, "Proxy refuses",
					"The proxy answers CONNECT with 403. The connect succeeds, the proxy's step fails.")
				.with(Server.SECURE)
				.with(ClientSetup.of(PROXY)),

			of("tls-resumed", TLS, "TLS, new and resumed",
					"Two connections, because the server closes the first. The second handshake resumes the session and is shorter.")
				.with(Server.SECURE)
				.with(Requests.inTurn(LAST, PATH)),

			of("certificate-expired", TLS, "Certificate expired",
					"The certificate expired an hour ago. The handshake fails: certificate_expired.")
				.with(Server.SECURE),

			of("certificate-other-host", TLS, "Certificate of another host",
					"The certificate is not for this name. The handshake fails: certificate_hostname_mismatch.")
				.with(Server.SECURE),

			of("pooled-reuse", CONNECTIONS, "Pooled connection",
					"Two requests: the second reuses the connection, so it needs neither lookup nor connect.")
				.with(Requests.inTurn(PATH, PATH)),

			of("pool-exhausted", CONNECTIONS, "Pool exhausted",
					"Four requests at once, two connections, 250 ms for each response. Two requests wait for a connection.")
				.with(Requests.atOnce(4, SLOW))
				.with(ClientSetup.pool(2)),

			of("stale-connection", CONNECTIONS, "Stale connection",
					"The server hangs up on the second request of a kept connection. "
							+ "RestClient's library sends it again on a new connection; WebClient's fails.")
				.with(Server.HANGS_UP)
				.with(Requests.inTurn(PATH, PATH).after(Duration.ofMillis(50))),

			of("goaway", CONNECTIONS, "GOAWAY",
					"Over HTTP/2 the server answers the first request and sends GOAWAY (ENHANCE_YOUR_CALM) in place of a second answer. "
							+ "RestClient is on Reactor Netty here: HttpComponents' blocking client has no HTTP/2.")
				.with(Server.SENDS_AWAY)
				.with(Requests.inTurn(PATH, PATH))
				.with(ClientSetup.of(HTTP2)),

			of("slow-first-byte", RESPONSES, "Slow first byte",
					"The server takes 250 ms before it answers. The request waits for the first byte.")
				.with(Requests.inTurn(SLOW)),

			of("slow-body", RESPONSES, "Slow body",
					"The head comes at once, the rest of the body 250 ms later. Reading it takes longest.")
				.with(Requests.inTurn(SLOW_BODY)),

			of("redirect", RESPONSES, "Redirect",
					"The server sends the request on to another path. One request, two exchanges on one connection.")
				.with(Requests.inTurn(MOVED)),

			of("retry", RESPONSES, "Retry",
					"The server answers 503, and the application asks again. "
							+ "Two requests: the second reuses the connection and succeeds.")
				.with(Server.BUSY_AT_FIRST)
				.with(ClientSetup.of(RETRY)));

	private static Scenario of(String name, Section section, String title, String description) {
		return new Scenario(name, section, title, description, addresses(ANSWERING), Server.PLAIN,
				Requests.inTurn(PATH), ClientSetup.of());
	}

	private Scenario with(DnsAnswer answer) {
		return new Scenario(this.name, this.section, this.title, this.description, answer, this.server, this.requests,
				this.client);
	}

	private Scenario with(Server server) {
		return new Scenario(this.name, this.section, this.title, this.description, this.answer, server, this.requests,
				this.client);
	}

	/**
	 * With a connection for each request that is sent at once.
	 */
	private Scenario with(Requests requests) {
		return new Scenario(this.name, this.section, this.title, this.description, this.answer, this.server, requests,
				ClientSetup.pool(requests.atOnce() ? requests.paths().size() : 1));
	}

	private Scenario with(ClientSetup client) {
		return new Scenario(this.name, this.section, this.title, this.description, this.answer, this.server,
				this.requests, client);
	}

	static Optional<Scenario> named(String name) {
		return ALL.stream().filter((scenario) -> scenario.name.equals(name)).findFirst();
	}

	static List<String> names() {
		return ALL.stream().map(Scenario::name).toList();
	}

	String host() {
		return (this.client.has(JVM_RESOLVER) ? UNKNOWN_EVERYWHERE : this.name) + ".demo.test";
	}

	/**
	 * What is sent to the host.
	 *
	 * @param paths the paths, one for each request
	 * @param atOnce whether they are sent at once instead of one after the other
	 * @param pause how long the connection is idle between two requests
	 */
	record Requests(List<String> paths, boolean atOnce, Duration pause) {

		static Requests inTurn(String... paths) {
			return new Requests(List.of(paths), false, Duration.ZERO);
		}

		static Requests atOnce(int count, String path) {
			return new Requests(Collections.nCopies(count, path), true, Duration.ZERO);
		}

		Requests after(Duration pause) {
			return new Requests(this.paths, this.atOnce, pause);
		}

	}

}
