package io.nettrace.demo;

import java.net.UnknownHostException;
import java.time.Duration;

import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.HttpHost;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.core.annotation.Order;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.HttpServerErrorException;
import org.springframework.web.client.RestClient;

/**
 * Calls with RestClient, here on HttpComponents.
 */
@Component
@Order(1)
final class RestClientCallers implements Caller.Factory {

	private final HttpComponentsClientHttpRequestFactoryBuilder pools;

	private final HttpClientSettings settings;

	private final RestClient.Builder clients;

	private final RacingClients racing;

	private final Targets targets;

	RestClientCallers(ClientHttpRequestFactoryBuilder<?> pools, HttpClientSettings settings, RestClient.Builder clients,
			RacingClients racing, Targets targets, Certificates certificates) {
		this.pools = (HttpComponentsClientHttpRequestFactoryBuilder) pools;
		this.settings = settings.withSslBundle(certificates.trust());
		this.clients = clients;
		this.racing = racing;
		this.targets = targets;
	}

	@Override
	public String client() {
		return "RestClient";
	}

	@Override
	public @Nullable String whyNot(ClientFeature feature) {
		return switch (feature) {
			case HTTP2 -> "RestClient is on HttpComponents here, whose blocking client speaks HTTP/1.1 only.";
			case SEARCH_DOMAINS ->
				"RestClient is on HttpComponents here, whose resolver says nothing of what it asks; the JVM's does not either.";
			default -> null;
		};
	}

	@Override
	public Caller open(ClientSetup setup) {
		ClientHttpRequestFactory pool = pool(setup);
		RestClient client = this.clients.clone().requestFactory(pool).build();
		RetryTemplate attempts = attempts(setup);
		return new Caller() {

			@Override
			public void get(String url) {
				attempts.invoke(() -> client.get().uri(url).retrieve().toEntity(String.class));
			}

			@Override
			public void close() {
				destroy(pool);
			}

		};
	}

	private ClientHttpRequestFactory pool(ClientSetup setup) {
		if (setup.has(ClientFeature.FALLBACK_RACE)) {
			return this.racing.requestFactory(this.settings);
		}
		HttpComponentsClientHttpRequestFactoryBuilder builder = this.pools
			.withConnectionManagerCustomizer((manager) -> limit(manager, setup.connections()));
		if (setup.has(ClientFeature.JVM_RESOLVER)) {
			builder = builder.withDnsResolver(SystemDefaultDnsResolver.INSTANCE);
		}
		if (setup.has(ClientFeature.PROXY)) {
			builder = builder.withHttpClientCustomizer(this::proxied);
		}
		return builder.build(this.settings);
	}

	private static void limit(PoolingHttpClientConnectionManagerBuilder manager, int connections) {
		manager.setMaxConnPerRoute(connections).setMaxConnTotal(connections);
	}

	private void proxied(HttpClientBuilder client) {
		client.setProxy(new HttpHost("http", Targets.ANSWERING, this.targets.proxyPort()));
	}

	private static RetryTemplate attempts(ClientSetup setup) {
		return new RetryTemplate(RetryPolicy.builder()
			.maxRetries(setup.has(ClientFeature.RETRY) ? 1 : 0)
			.delay(Duration.ZERO)
			.includes(HttpServerErrorException.ServiceUnavailable.class, UnknownHostException.class)
			.build());
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
