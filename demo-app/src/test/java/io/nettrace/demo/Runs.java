package io.nettrace.demo;

import java.util.List;
import java.util.stream.Stream;

/**
 * Which scenario runs on which client.
 */
final class Runs {

	static final List<String> CLIENTS = List.of("RestClient", "WebClient");

	private Runs() {
	}

	/**
	 * The scenarios that a client can run.
	 */
	static Stream<Scenario> on(String client) {
		return Scenario.ALL.stream()
			.filter((scenario) -> client.equals("WebClient") || !scenario.client().has(ClientFeature.SEARCH_DOMAINS));
	}

}
