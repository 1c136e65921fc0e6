package io.nettrace.contract.httptrace;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import io.nettrace.concurrent.LookupThreads;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.auth.BasicScheme;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.entity.EntityTemplate;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * HttpComponents' classic client.
 */
final class ClassicClient implements TestClient {

	private static final int MANY = 100;

	private final Setup setup;

	private final PoolingHttpClientConnectionManager connections;

	private final CloseableHttpClient client;

	ClassicClient(Setup setup) {
		this.setup = setup;
		Scenario.Client settings = setup.settings();
		setup.unsupportedIf(settings.http2(), "HTTP/2: the classic client has none");
		setup.unsupportedIf(settings.hasProxy("socks5"),
				"SOCKS: the library takes the proxy's address, not its name, and looks up the target's name");
		setup.unsupportedIf(settings.maxIdleConnsPerHost() != null && settings.maxIdleConnsPerHost() >= 0,
				"a limit of idle connections: the library limits all connections");
		NetTraceHttpComponents netTrace = new NetTraceHttpComponents(setup.tracing(), setup.lookupSettings(),
				LookupThreads.create());
		this.connections = connections(netTrace.connectionManagerBuilder());
		this.client = netTrace.instrument(client(HttpClients.custom())).build();
	}

	private PoolingHttpClientConnectionManager connections(PoolingHttpClientConnectionManagerBuilder builder) {
		Scenario.Client settings = this.setup.settings();
		ConnectionConfig.Builder connection = ConnectionConfig.custom();
		if (settings.dialTimeoutMs() != null) {
			connection.setConnectTimeout(Timeout.ofMilliseconds(settings.dialTimeoutMs()));
		}
		if (settings.idleConnTimeoutMs() != null) {
			connection.setIdleTimeout(Timeout.ofMilliseconds(settings.idleConnTimeoutMs()));
		}
		TlsConfig.Builder tls = TlsConfig.custom().setSupportedProtocols(this.setup.tlsProtocols());
		if (settings.tlsHandshakeTimeoutMs() != null) {
			tls.setHandshakeTimeout(Timeout.ofMilliseconds(settings.tlsHandshakeTimeoutMs()));
		}
		int perHost = Objects.requireNonNullElse(settings.maxConnsPerHost(), MANY);
		return builder.setDnsResolver(new Names(this.setup.names()))
			.setMaxConnPerRoute(perHost)
			.setMaxConnTotal(MANY)
			.setDefaultConnectionConfig(connection.build())
			.setDefaultTlsConfig(tls.build())
			.setTlsSocketStrategy(new DefaultClientTlsStrategy(this.setup.tls()))
			.build();
	}

	private HttpClientBuilder client(HttpClientBuilder builder) {
		Scenario.Client settings = this.setup.settings();
		builder.setConnectionManager(this.connections)
			.setRetryStrategy(new RetryWithoutPause())
			.setRequestExecutor(new HttpRequestExecutor(Http1Config.custom()
				.setWaitForContinueTimeout(
						Timeout.ofMilliseconds(Objects.requireNonNullElse(settings.expectContinueTimeoutMs(), 0)))
				.build(), null, null));
		if (settings.keepsNoConnection()) {
			builder.setConnectionReuseStrategy((request, response, context) -> false);
		}
		if (settings.proxy() != null) {
			builder.setProxy(proxy(settings.proxy()));
		}
		return builder;
	}

	private HttpHost proxy(URI proxy) {
		return new HttpHost(proxy.getScheme(), proxy.getHost(), this.setup.addresses().real(proxy.getPort()));
	}

	@Override
	public void send(Call call) throws IOException {
		HttpUriRequestBase request = request(call);
		call.onCancel(request::cancel);
		ClassicHttpResponse response;
		try {
			HttpHost target = new HttpHost(request.getScheme(), request.getAuthority());
			response = this.client.executeOpen(target, request, context());
		}
		catch (IOException | RuntimeException ex) {
			call.failed(ex);
			return;
		}
		call.returned(response.getCode(), response.getVersion().toString());
		HttpEntity entity = response.getEntity();
		call.read((entity != null) ? entity.getContent() : InputStream.nullInputStream(), response);
	}

	private HttpUriRequestBase request(Call call) {
		Scenario.Request script = call.request();
		Scenario.Client settings = this.setup.settings();
		HttpUriRequestBase request = new HttpUriRequestBase(script.method(), this.setup.addresses().real(script.url()));
		RequestConfig.Builder config = RequestConfig.custom()
			.setRedirectsEnabled(script.followRedirects())
			.setExpectContinueEnabled(script.expectsContinue());
		if (settings.responseHeaderTimeoutMs() != null) {
			config.setResponseTimeout(settings.responseHeaderTimeoutMs(), TimeUnit.MILLISECONDS);
		}
		request.setConfig(config.build());
		script.header().forEach((name, value) -> {
			if (!name.equalsIgnoreCase(HttpHeaders.EXPECT)) {
				request.addHeader(name, value);
			}
		});
		if (script.close() || settings.disableKeepAlives()) {
			request.addHeader(HttpHeaders.CONNECTION, "close");
		}
		if (script.body() != null) {
			request.setEntity(new EntityTemplate(script.body().chunked() ? -1 : script.body().bytes(), null, null,
					(out) -> call.body().transferTo(out)));
		}
		return request;
	}

	/**
	 * With the proxy's password at once, as Go sends it.
	 */
	private HttpClientContext context() {
		HttpClientContext context = HttpClientContext.create();
		URI proxy = this.setup.settings().proxy();
		if (proxy != null && proxy.getUserInfo() != null) {
			String[] user = proxy.getUserInfo().split(":", 2);
			BasicScheme scheme = new BasicScheme();
			scheme.initPreemptive(new UsernamePasswordCredentials(user[0], user[1].toCharArray()));
			context.resetAuthExchange(proxy(proxy), scheme);
		}
		return context;
	}

	@Override
	public void closeIdleConnections() {
		this.connections.closeIdle(TimeValue.ZERO_MILLISECONDS);
	}

	@Override
	public void close() throws IOException {
		this.client.close();
	}

	/**
	 * What the library does by default, at once.
	 */
	private static final class RetryWithoutPause extends DefaultHttpRequestRetryStrategy {

		RetryWithoutPause() {
			super(1, TimeValue.ZERO_MILLISECONDS);
		}

	}

	private record Names(ScriptedNames names) implements DnsResolver {

		@Override
		public InetAddress[] resolve(String host) throws UnknownHostException {
			List<InetAddress> addresses = this.names.resolve(host);
			return addresses.toArray(InetAddress[]::new);
		}

		@Override
		public String resolveCanonicalHostname(String host) {
			return host;
		}

	}

}
