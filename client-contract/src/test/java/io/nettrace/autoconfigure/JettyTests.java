package io.nettrace.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import io.nettrace.autoconfigure.TracedClient.Call;
import io.nettrace.autoconfigure.TracedClient.Caller;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.http.client.JettyClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.JettyClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is particular to Jetty: requests that share a connection.
 */
class JettyTests {

	private static final int STREAMS = 10;

	private final DnsServer dns = DnsServer.start();

	private final Server server = new Server();

	private final HoldingHandler handler = new HoldingHandler();

	private final ServerConnector connector;

	JettyTests() {
		HttpConfiguration configuration = new HttpConfiguration();
		this.connector = new ServerConnector(this.server, new HttpConnectionFactory(configuration),
				new HTTP2CServerConnectionFactory(configuration));
		this.connector.setHost("127.0.0.9");
		this.server.addConnector(this.connector);
		this.server.setHandler(this.handler);
	}

	@BeforeEach
	void start() throws Exception {
		LoopbackNames.use(this.dns);
		this.dns.set("good.test", DnsAnswer.addresses("127.0.0.9"));
		this.server.start();
	}

	@AfterEach
	void stop() throws Exception {
		this.handler.release();
		this.server.stop();
		this.dns.close();
	}

	@ParameterizedTest
	@EnumSource(names = { "REST_CLIENT_ON_JETTY", "WEB_CLIENT_ON_JETTY" })
	void http2HasOneConnectForManyStreams(TracedClient client) throws Exception {
		try (TracedApplication application = client.start(List.of(LoopbackNames.class, Http2.class))) {
			Caller caller = client.caller(application);
			Call opener = caller.start(url());
			this.handler.awaitRequests(1);
			List<Call> others = IntStream.range(1, STREAMS).mapToObj((i) -> caller.start(url())).toList();
			this.handler.awaitRequests(STREAMS);
			this.handler.release();
			opener.result().get(20, TimeUnit.SECONDS);
			for (Call other : others) {
				other.result().get(20, TimeUnit.SECONDS);
			}
			application.awaitSpans(STREAMS + 2);
			assertThat(application.tree()).startsWith("http get\n  DNS lookup {")
				.contains("\n  socket connect {")
				.endsWith("\n" + "http get\n".repeat(STREAMS - 1))
				.hasLineCount(STREAMS + 2);
		}
	}

	private String url() {
		return "http://good.test:" + this.connector.getLocalPort() + "/";
	}

	/**
	 * Answers when it is released.
	 */
	private static final class HoldingHandler extends Handler.Abstract.NonBlocking {

		private final List<Callback> held = new ArrayList<>();

		private boolean released;

		@Override
		public synchronized boolean handle(Request request, Response response, Callback callback) {
			this.held.add(callback);
			if (this.released) {
				callback.succeeded();
			}
			notifyAll();
			return true;
		}

		synchronized void release() {
			if (!this.released) {
				this.released = true;
				this.held.forEach(Callback::succeeded);
			}
		}

		synchronized void awaitRequests(int count) throws InterruptedException {
			while (this.held.size() < count) {
				wait();
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Http2 {

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<JettyClientHttpRequestFactoryBuilder> http2() {
			return (builder) -> builder.withHttpClientTransportFactory(
					(connector) -> new HttpClientTransportOverHTTP2(new HTTP2Client(connector)));
		}

		@Bean
		ClientHttpConnectorBuilderCustomizer<JettyClientHttpConnectorBuilder> reactiveHttp2() {
			return (builder) -> builder.withHttpClientTransportFactory(
					(connector) -> new HttpClientTransportOverHTTP2(new HTTP2Client(connector)));
		}

	}

}
