package io.nettrace.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Clients without instrumentation, unless their JVM has an agent. It reads lines
 * {@code client path requests} and answers with the {@link Cost}.
 */
public final class UninstrumentedJvm {

	private UninstrumentedJvm() {
	}

	/**
	 * Send what is asked for.
	 * @param args the server's URL
	 * @throws IOException if the other process has gone
	 */
	public static void main(String[] args) throws IOException {
		try (Load load = new Load()) {
			Map<String, SentBy> clients = Map.of("rest", SentBy.rest(load,
					RestClient.builder().requestFactory(new HttpComponentsClientHttpRequestFactory()).build(), args[0]),
					"web", SentBy.web(load,
							WebClient.builder().clientConnector(new ReactorClientHttpConnector()).build(), args[0]));
			BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
			for (String line = in.readLine(); line != null; line = in.readLine()) {
				String[] words = line.split(" ", 3);
				SentBy client = clients.get(words[0]);
				if (client == null) {
					throw new IllegalArgumentException("'client' must be rest or web, not " + words[0]);
				}
				System.out.println(client.send(words[1], Integer.parseInt(words[2])).text());
			}
		}
	}

}
