package io.nettrace.demo;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.core.annotation.Order;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

/**
 * Calls with RestClient, here on HttpComponents.
 */
@Component
@Order(1)
final class RestClientCallers implements Caller.Factory {

	private final ClientHttpRequestFactoryBuilder<?> pools;

	private final HttpClientSettings settings;

	private final RestClient.Builder clients;

	RestClientCallers(ClientHttpRequestFactoryBuilder<?> pools, HttpClientSettings settings,
			RestClient.Builder clients) {
		this.pools = pools;
		this.settings = settings;
		this.clients = clients;
	}

	@Override
	public String client() {
		return "RestClient";
	}

	@Override
	public Caller open(int connections) {
		ClientHttpRequestFactory pool = this.pools.build(this.settings);
		RestClient client = this.clients.clone().requestFactory(pool).build();
		return new Caller() {

			@Override
			public void get(String url) {
				client.get().uri(url).retrieve().toBodilessEntity();
			}

			@Override
			public void close() {
				destroy(pool);
			}

		};
	}

	private static void destroy(ClientHttpRequestFactory pool) {
		try {
			((DisposableBean) pool).destroy();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

}
