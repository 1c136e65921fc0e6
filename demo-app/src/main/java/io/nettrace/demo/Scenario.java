package io.nettrace.demo;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.nettrace.test.DnsAnswer;

import static io.nettrace.demo.Targets.ANSWERING;
import static io.nettrace.demo.Targets.REFUSING;
import static io.nettrace.demo.Targets.SILENT;
import static io.nettrace.test.DnsAnswer.addresses;

/**
 * Something to try: GET requests to a host that belongs to the scenario.
 *
 * @param name what it is called in the API
 * @param description what to expect, for the page
 * @param answer what the demo's name server answers for the host
 * @param requests how many requests are sent
 * @param atOnce whether they are sent at once instead of one after the other
 */
record Scenario(String name, String description, DnsAnswer answer, int requests, boolean atOnce) {

	static final List<Scenario> ALL = List.of(

			new Scenario("healthy", "One address, and it answers.", addresses(ANSWERING), 1),

			new Scenario("first-address-refused", "Two addresses: the first refuses to connect, the second answers.",
					addresses(REFUSING, ANSWERING), 1),

			new Scenario("nxdomain", "The name does not exist, so there is nothing to connect to.", DnsAnswer.unknown(),
					1),

			new Scenario("slow-dns", "The name server takes 400 ms to answer.",
					addresses(ANSWERING).after(Duration.ofMillis(400)), 1),

			new Scenario("black-hole", "Two addresses: the first is silent until the connect times out.",
					addresses(SILENT, ANSWERING), 1),

			new Scenario("pooled-reuse", "Two requests: the second needs neither lookup nor connect.",
					addresses(ANSWERING), 2),

			new Scenario("coalesced-burst", "Four requests at once share one lookup, of 300 ms.",
					addresses(ANSWERING).after(Duration.ofMillis(300)), 4, true));

	private Scenario(String name, String description, DnsAnswer answer, int requests) {
		this(name, description, answer, requests, false);
	}

	static Optional<Scenario> named(String name) {
		return ALL.stream().filter((scenario) -> scenario.name.equals(name)).findFirst();
	}

	static List<String> names() {
		return ALL.stream().map(Scenario::name).toList();
	}

	int connections() {
		return this.atOnce ? this.requests : 1;
	}

	String host() {
		return this.name + ".demo.test";
	}

}
