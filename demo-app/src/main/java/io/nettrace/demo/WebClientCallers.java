package io.nettrace.demo;

import java.net.InetSocketAddress;
import java.net.UnknownHostException;

import io.nettrace.client.reactor.NetTraceReactorNetty;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.DefaultAddressResolverGroup;
import io.netty.resolver.NoopAddressResolverGroup;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.transport.ProxyProvider.Proxy;
import reactor.util.retry.Retry;

import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientResponseException;

/**
 * Calls with WebClient on Reactor Netty.
 */
@Component
@Order(2)
final class WebClientCallers implements Caller.Factory {

	private final ReactorClientHttpConnectorBuilder connectors;

	private final HttpClientSettings settings;

	private final WebClient.Builder clients;

	private final NetTraceReactorNetty netTrace;

	private final RacingClients racing;

	private final Targets targets;

	private final AddressResolverGroup<InetSocketAddress> searching;

	WebClientCallers(ClientHttpConnectorBuilder<?> connectors, HttpClientSettings settings, WebClient.Builder clients,
			NetTraceReactorNetty netTrace, RacingClients racing, Targets targets, Certificates certificates,
			AddressResolverGroup<InetSocketAddress> demoSearchingResolver) {
		this.connectors = (ReactorClientHttpConnectorBuilder) connectors;
		this.settings = settings.withSslBundle(certificates.trust());
		this.clients = clients;
		this.netTrace = netTrace;
		this.racing = racing;
		this.targets = targets;
		this.searching = demoSearchingResolver;
	}

	@Override
	public String client() {
		return "WebClient";
	}

	@Override
	public @Nullable String whyNot(ClientFeature feature) {
		return null;
	}

	/**
	 * Reactor Netty returns the response before the connection is back in its pool. A
	 * request sent at once would open another connection, if the pool allowed it.
	 */
	@Override
	public Caller open(ClientSetup setup) {
		ConnectionProvider pool = this.netTrace
			.connectionProvider(ConnectionProvider.builder("demo").maxConnections(setup.connections()));
		WebClient client = this.clients.clone()
			.clientConnector(this.connectors.withHttpClientFactory(() -> client(pool, setup))
				.withHttpClientCustomizer((each) -> customized(each, setup))
				.build(this.settings))
			.build();
		Retry attempts = Retry.max(setup.has(ClientFeature.RETRY) ? 1 : 0)
			.filter((failure) -> failure instanceof WebClientResponseException.ServiceUnavailable
					|| failure.getCause() instanceof UnknownHostException)
			.onRetryExhaustedThrow((policy, signal) -> signal.failure());
		return new Caller() {

			@Override
			public void get(String url) {
				client.get()
					.uri(url)
					.retrieve()
					.toEntity(String.class)
					.retryWhen(attempts)
					.contextCapture() // a retry begins on another thread
					.block();
			}

			@Override
			public void close() {
				pool.dispose();
			}

		};
	}

	private static HttpClient client(ConnectionProvider pool, ClientSetup setup) {
		HttpClient client = HttpClient.create(pool);
		return setup.has(ClientFeature.HTTP2) ? client.protocol(HttpProtocol.H2C) : client;
	}

	private HttpClient customized(HttpClient client, ClientSetup setup) {
		if (setup.has(ClientFeature.FALLBACK_RACE)) {
			return this.racing.instrument(client);
		}
		if (setup.has(ClientFeature.SEARCH_DOMAINS)) {
			return client.resolver(this.searching);
		}
		if (setup.has(ClientFeature.JVM_RESOLVER)) {
			return client.resolver(DefaultAddressResolverGroup.INSTANCE);
		}
		return setup.has(ClientFeature.PROXY) ? proxied(client) : client;
	}

	/**
	 * The proxy looks up the host, as it would if the demo had no resolver of its own.
	 */
	private HttpClient proxied(HttpClient client) {
		return client.proxy((proxy) -> proxy.type(Proxy.HTTP).host(Targets.ANSWERING).port(this.targets.proxyPort()))
			.resolver(NoopAddressResolverGroup.INSTANCE);
	}

}
