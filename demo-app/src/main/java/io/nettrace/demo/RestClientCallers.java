package io.nettrace.demo;

import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;

import io.nettrace.client.reactor.NetTraceReactorNetty;
import io.netty.resolver.AddressResolverGroup;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.HttpHost;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.HttpResources;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

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
 * Calls with RestClient, here on HttpComponents, whose blocking client has no HTTP/2: for
 * that it is on Reactor Netty.
 */
@Component
@Order(1)
final class RestClientCallers implements Caller.Factory {

	private final HttpComponentsClientHttpRequestFactoryBuilder pools;

	private final HttpClientSettings settings;

	private final RestClient.Builder clients;

	private final RacingClients racing;

	private final Targets targets;

	private final NetTraceReactorNetty netTrace;

	private final AddressResolverGroup<InetSocketAddress> nettyNames;

	RestClientCallers(ClientHttpRequestFactoryBuilder<?> pools, HttpClientSettings settings, RestClient.Builder clients,
			RacingClients racing, Targets targets, Certificates certificates, NetTraceReactorNetty netTrace,
			AddressResolverGroup<InetSocketAddress> demoNettyResolver) {
		this.pools = (HttpComponentsClientHttpRequestFactoryBuilder) pools;
		this.settings = settings.withSslBundle(certificates.trust());
		this.clients = clients;
		this.racing = racing;
		this.targets = targets;
		this.netTrace = netTrace;
		this.nettyNames = demoNettyResolver;
	}

	@Override
	public String client() {
		return "RestClient";
	}

	@Override
	public @Nullable String whyNot(ClientFeature feature) {
		return switch (feature) {
			case SEARCH_DOMAINS ->
				"RestClient is on HttpComponents here, whose resolver says nothing of what it asks; the JVM's does not either.";
			default -> null;
		};
	}

	@Override
	public Caller open(ClientSetup setup) {
		if (setup.has(ClientFeature.HTTP2)) {
			ConnectionProvider pool = this.netTrace
				.connectionProvider(ConnectionProvider.builder("demo").maxConnections(setup.connections()));
			return caller(http2(pool), pool::dispose, setup);
		}
		ClientHttpRequestFactory pool = pool(setup);
		return caller(pool, () -> destroy(pool), setup);
	}

	private Caller caller(ClientHttpRequestFactory requests, Runnable close, ClientSetup setup) {
		RestClient client = this.clients.clone().requestFactory(requests).build();
		RetryTemplate attempts = attempts(setup);
		return new Caller() {

			@Override
			public void get(String url) {
				attempts.invoke(() -> client.get().uri(url).retrieve().toEntity(String.class));
			}

			@Override
			public void close() {
				close.run();
			}

		};
	}

	private ClientHttpRequestFactory http2(ConnectionProvider pool) {
		return ClientHttpRequestFactoryBuilder.reactor()
			.withHttpClientFactory(() -> HttpClient.create(pool).protocol(HttpProtocol.H2C))
			.withHttpClientCustomizer((client) -> this.netTrace.instrument(
					client.runOn(HttpResources.get(), NamesConfiguration.PREFER_NATIVE).resolver(this.nettyNames)))
			.build(this.settings);
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
