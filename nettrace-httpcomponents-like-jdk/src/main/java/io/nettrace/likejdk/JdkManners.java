package io.nettrace.likejdk;

import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.util.TimeValue;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;

/**
 * Gives HttpComponents the manners of the JDK's client. Everything is a default that a
 * later customizer replaces.
 */
final class JdkManners {

	private JdkManners() {
	}

	static HttpComponentsClientHttpRequestFactoryBuilder apply(HttpComponentsClientHttpRequestFactoryBuilder builder) {
		return builder.withConnectionManagerCustomizer(JdkManners::withoutLimits)
			.withConnectionConfigCustomizer(JdkManners::looksAtKeptConnections)
			.withDefaultRequestConfigCustomizer(JdkManners::redirectsAndOffers)
			.withHttpClientCustomizer(JdkManners::client);
	}

	private static void withoutLimits(PoolingHttpClientConnectionManagerBuilder manager) {
		manager.setMaxConnTotal(Integer.MAX_VALUE).setMaxConnPerRoute(Integer.MAX_VALUE);
	}

	/**
	 * The JDK's client notices at once when a server closes a connection that it keeps.
	 * To look costs a millisecond, and so is done only after a pause.
	 */
	private static void looksAtKeptConnections(ConnectionConfig.Builder connection) {
		connection.setValidateAfterInactivity(TimeValue.ofMilliseconds(100));
	}

	/**
	 * The library would offer an upgrade to TLS, and take a second visit of an address
	 * for a loop.
	 */
	private static void redirectsAndOffers(RequestConfig.Builder request) {
		request.setCircularRedirectsAllowed(true).setProtocolUpgradeEnabled(false);
	}

	/**
	 * The library would ask {@link java.net.Authenticator}.
	 */
	private static void client(HttpClientBuilder client) {
		JdkCookies.apply(client);
		JdkRetries.apply(client);
		JdkRedirects.apply(client);
		client.setDefaultCredentialsProvider(new BasicCredentialsProvider())
			.addExecInterceptorFirst("nettrace-like-jdk", new JdkRequests());
	}

}
