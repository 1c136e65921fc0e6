package io.nettrace.likejdk;

import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.util.TimeValue;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;

/**
 * Defaults that make HttpComponents behave like the JDK's client. A later customizer can
 * replace each of them.
 */
final class JdkDefaults {

	private JdkDefaults() {
	}

	static HttpComponentsClientHttpRequestFactoryBuilder apply(HttpComponentsClientHttpRequestFactoryBuilder builder) {
		return builder.withConnectionManagerCustomizer(JdkDefaults::withoutLimits)
			.withConnectionConfigCustomizer(JdkDefaults::checksIdleConnections)
			.withDefaultRequestConfigCustomizer(JdkDefaults::redirectsAndOffers)
			.withHttpClientCustomizer(JdkDefaults::client);
	}

	private static void withoutLimits(PoolingHttpClientConnectionManagerBuilder manager) {
		manager.setMaxConnTotal(Integer.MAX_VALUE).setMaxConnPerRoute(Integer.MAX_VALUE);
	}

	/**
	 * The JDK's client notices immediately when a server closes an idle connection. A
	 * check costs a millisecond, so it is made only after a pause.
	 */
	private static void checksIdleConnections(ConnectionConfig.Builder connection) {
		connection.setValidateAfterInactivity(TimeValue.ofMilliseconds(100));
	}

	/**
	 * The library would offer an upgrade to TLS, and treat a second visit of an address
	 * as a loop.
	 */
	private static void redirectsAndOffers(RequestConfig.Builder request) {
		request.setCircularRedirectsAllowed(true).setProtocolUpgradeEnabled(false);
	}

	/**
	 * The library would use {@link java.net.Authenticator}.
	 */
	private static void client(HttpClientBuilder client) {
		JdkCookies.apply(client);
		JdkRetries.apply(client);
		JdkRedirects.apply(client);
		client.setDefaultCredentialsProvider(new BasicCredentialsProvider())
			.addExecInterceptorFirst("nettrace-like-jdk", new JdkRequests());
	}

}
