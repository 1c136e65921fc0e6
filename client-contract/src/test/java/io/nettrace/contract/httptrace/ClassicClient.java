package io.nettrace.contract.httptrace;

import java.io.IOException;
import java.io.InputStream;

import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import io.nettrace.concurrent.LookupThreads;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.entity.EntityTemplate;
import org.apache.hc.core5.util.TimeValue;

/**
 * HttpComponents' classic client.
 */
final class ClassicClient implements TestClient {

	private final Setup setup;

	private final HttpComponentsSettings settings;

	private final PoolingHttpClientConnectionManager connections;

	private final CloseableHttpClient client;

	ClassicClient(Setup setup) {
		this.setup = setup;
		this.settings = new HttpComponentsSettings(setup);
		setup.unsupportedIf(setup.settings().http2(), "HTTP/2: the classic client has none");
		setup.unsupportedIf(setup.answersBeforeBody(),
				"an answer before the request's body has been sent: the library reads once it has written");
		NetTraceHttpComponents netTrace = new NetTraceHttpComponents(setup.tracing(), setup.lookupSettings(),
				LookupThreads.create());
		this.connections = netTrace.connectionManagerBuilder()
			.setDnsResolver(this.settings.names())
			.setMaxConnPerRoute(this.settings.maxConnectionsPerHost())
			.setMaxConnTotal(this.settings.maxConnections())
			.setDefaultConnectionConfig(this.settings.connection())
			.setDefaultTlsConfig(this.settings.tls().build())
			.setTlsSocketStrategy(new DefaultClientTlsStrategy(setup.tls()))
			.build();
		this.client = netTrace.instrument(client(HttpClients.custom())).build();
	}

	private HttpClientBuilder client(HttpClientBuilder builder) {
		builder.setConnectionManager(this.connections)
			.setRetryStrategy(new HttpComponentsSettings.RetryOnReusedConnection())
			.setRequestExecutor(new HttpRequestExecutor(this.settings.http1(), null, null));
		if (this.setup.settings().keepsNoConnection()) {
			builder.setConnectionReuseStrategy((request, response, context) -> false);
		}
		if (this.setup.settings().proxy() != null) {
			builder.setProxy(this.settings.proxy(this.setup.settings().proxy()));
		}
		return builder;
	}

	@Override
	public void send(Call call) {
		HttpUriRequestBase request = request(call);
		call.onCancel(request::cancel);
		ClassicHttpResponse response;
		InputStream body;
		try {
			HttpHost target = new HttpHost(request.getScheme(), request.getAuthority());
			response = this.client.executeOpen(target, request, this.settings.context());
			HttpEntity entity = response.getEntity();
			body = (entity != null) ? entity.getContent() : InputStream.nullInputStream();
		}
		catch (IOException | RuntimeException ex) {
			call.failed(ex);
			return;
		}
		call.returned(response.getCode(), response.getVersion().toString());
		call.read(body, () -> {
			if (call.request().read().isUnread()) {
				request.cancel(); // closing alone would read the rest
			}
			response.close();
		});
	}

	private HttpUriRequestBase request(Call call) {
		Scenario.Request script = call.request();
		HttpUriRequestBase request = new HttpUriRequestBase(script.method(), this.setup.addresses().real(script.url()));
		request.setConfig(this.settings.request(script));
		this.settings.addHeader(request, script);
		if (script.body() != null) {
			request.setEntity(new EntityTemplate(script.body().chunked() ? -1 : script.body().bytes(), null, null,
					(out) -> call.body().transferTo(out)));
		}
		return request;
	}

	@Override
	public void closeIdleConnections() {
		this.connections.closeIdle(TimeValue.ZERO_MILLISECONDS);
	}

	@Override
	public void close() throws IOException {
		this.client.close();
	}

}
