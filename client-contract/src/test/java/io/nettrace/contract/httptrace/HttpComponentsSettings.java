package io.nettrace.contract.httptrace;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.auth.BasicScheme;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * The settings of a scenario for HttpComponents' two clients.
 */
final class HttpComponentsSettings {

	private static final int MANY = 100;

	private final TestClient.Setup setup;

	private final Scenario.Client settings;

	HttpComponentsSettings(TestClient.Setup setup) {
		this.setup = setup;
		this.settings = setup.settings();
		setup.unsupportedIf(this.settings.hasProxy("socks5"),
				"SOCKS: the library takes the proxy's address, not its name, and looks up the target's name");
		setup.unsupportedIf(setup.limitsIdleConnections(),
				"a limit of idle connections: the library limits all connections");
	}

	DnsResolver names() {
		return new Names(this.setup.names());
	}

	int maxConnections() {
		return MANY;
	}

	int maxConnectionsPerHost() {
		return Objects.requireNonNullElse(this.settings.maxConnsPerHost(), MANY);
	}

	ConnectionConfig connection() {
		ConnectionConfig.Builder connection = ConnectionConfig.custom();
		if (this.settings.dialTimeoutMs() != null) {
			connection.setConnectTimeout(Timeout.ofMilliseconds(this.settings.dialTimeoutMs()));
		}
		if (this.settings.idleConnTimeoutMs() != null) {
			connection.setIdleTimeout(Timeout.ofMilliseconds(this.settings.idleConnTimeoutMs()));
		}
		return connection.build();
	}

	TlsConfig.Builder tls() {
		TlsConfig.Builder tls = TlsConfig.custom().setSupportedProtocols(this.setup.tlsProtocols());
		if (this.settings.tlsHandshakeTimeoutMs() != null) {
			tls.setHandshakeTimeout(Timeout.ofMilliseconds(this.settings.tlsHandshakeTimeoutMs()));
		}
		return tls;
	}

	Http1Config http1() {
		int millis = Objects.requireNonNullElse(this.settings.expectContinueTimeoutMs(), 1); // 0:
																								// for
																								// ever
		return Http1Config.custom().setWaitForContinueTimeout(Timeout.ofMilliseconds(millis)).build();
	}

	HttpHost proxy(URI proxy) {
		return new HttpHost(proxy.getScheme(), proxy.getHost(), this.setup.addresses().real(proxy.getPort()));
	}

	RequestConfig request(Scenario.Request script) {
		RequestConfig.Builder config = RequestConfig.custom()
			.setRedirectsEnabled(script.followRedirects())
			.setExpectContinueEnabled(script.expectsContinue());
		if (this.settings.responseHeaderTimeoutMs() != null) {
			config.setResponseTimeout(this.settings.responseHeaderTimeoutMs(), TimeUnit.MILLISECONDS);
		}
		return config.build();
	}

	/**
	 * Add the header fields. {@code Expect} is a setting.
	 */
	void addHeader(HttpRequest request, Scenario.Request script) {
		script.header().forEach((name, value) -> {
			if (!name.equalsIgnoreCase(HttpHeaders.EXPECT)) {
				request.addHeader(name, value);
			}
		});
		if (script.close() || this.settings.disableKeepAlives()) {
			request.addHeader(HttpHeaders.CONNECTION, "close");
		}
	}

	/**
	 * With the proxy's credentials at once, as Go sends them.
	 */
	HttpClientContext context() {
		HttpClientContext context = HttpClientContext.create();
		URI proxy = this.settings.proxy();
		if (proxy != null && proxy.getUserInfo() != null) {
			String[] user = proxy.getUserInfo().split(":", 2);
			BasicScheme scheme = new BasicScheme();
			scheme.initPreemptive(new UsernamePasswordCredentials(user[0], user[1].toCharArray()));
			context.resetAuthExchange(proxy(proxy), scheme);
		}
		return context;
	}

	/**
	 * The requests that Go sends again (S9).
	 */
	static final class RetryOnReusedConnection extends DefaultHttpRequestRetryStrategy {

		RetryOnReusedConnection() {
			super(1, TimeValue.ZERO_MILLISECONDS);
		}

		@Override
		public boolean retryRequest(HttpRequest request, IOException exception, int count, HttpContext context) {
			EndpointDetails connection = HttpCoreContext.cast(context).getEndpointDetails();
			return connection != null && connection.getRequestCount() > 1
					&& super.retryRequest(request, exception, count, context);
		}

		@Override
		public boolean retryRequest(HttpResponse response, int count, HttpContext context) {
			return false;
		}

		@Override
		protected boolean handleAsIdempotent(HttpRequest request) {
			return super.handleAsIdempotent(request) || request.containsHeader("Idempotency-Key");
		}

	}

	private record Names(ScriptedNames names) implements DnsResolver {

		@Override
		public InetAddress[] resolve(String host) throws UnknownHostException {
			return this.names.resolve(host).toArray(InetAddress[]::new);
		}

		@Override
		public String resolveCanonicalHostname(String host) {
			return host;
		}

	}

}
