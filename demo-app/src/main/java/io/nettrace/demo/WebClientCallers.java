package io.nettrace.demo;

import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Calls with WebClient on Reactor Netty.
 */
@Component
@Order(2)
final class WebClientCallers implements Caller.Factory {

	private final ReactorClientHttpConnectorBuilder connectors;

	private final HttpClientSettings settings;

	private final WebClient.Builder clients;

	WebClientCallers(ClientHttpConnectorBuilder<?> connectors, HttpClientSettings settings, WebClient.Builder clients) {
		this.connectors = (ReactorClientHttpConnectorBuilder) connectors;
		this.settings = settings;
		this.clients = clients;
	}

	@Override
	public String client() {
		return "WebClient";
	}

	/**
	 * Reactor Netty returns the response before the connection is back in its pool. A
	 * request sent at once would open another connection, if the pool allowed it.
	 */
	@Override
	public Caller open(int connections) {
		ConnectionProvider pool = ConnectionProvider.create("demo", connections);
		WebClient client = this.clients.clone()
			.clientConnector(this.connectors.withHttpClientFactory(() -> HttpClient.create(pool)).build(this.settings))
			.build();
		return new Caller() {

			@Override
			public void get(String url) {
				client.get().uri(url).retrieve().toBodilessEntity().block();
			}

			@Override
			public void close() {
				pool.dispose();
			}

		};
	}

}
