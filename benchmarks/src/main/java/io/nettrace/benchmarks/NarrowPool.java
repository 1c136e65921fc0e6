package io.nettrace.benchmarks;

import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.netty.resources.ConnectionProvider;

/**
 * Gives each client a pool of few connections.
 *
 * @param connections how many
 */
record NarrowPool(int connections)
		implements
			ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> {

	@Override
	public HttpComponentsClientHttpRequestFactoryBuilder customize(
			HttpComponentsClientHttpRequestFactoryBuilder builder) {
		return builder.withConnectionManagerCustomizer(
				(manager) -> manager.setMaxConnPerRoute(this.connections).setMaxConnTotal(this.connections));
	}

	/**
	 * Return what makes the clients on Reactor Netty, which have a pool each.
	 */
	ReactorResourceFactory reactor() {
		ReactorResourceFactory reactor = new ReactorResourceFactory();
		reactor.setUseGlobalResources(false);
		reactor.setConnectionProviderSupplier(() -> ConnectionProvider.builder("narrow")
			.maxConnections(this.connections)
			.pendingAcquireMaxCount(-1)
			.build());
		return reactor;
	}

}
