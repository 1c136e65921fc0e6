package io.nettrace.benchmarks;

import java.io.IOException;
import java.net.URI;

import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import io.nettrace.client.reactor.NetTraceReactorNetty;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.springframework.http.ResponseEntity;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;

/**
 * Clients with and without nettrace, with a pooled connection.
 */
@State(Scope.Thread)
public class PooledClients {

	/**
	 * What listens.
	 */
	@Param({ "NONE", "SAMPLED" })
	public Watching watching = Watching.NONE;

	/**
	 * Whether nettrace is there.
	 */
	@Param({ "false", "true" })
	public boolean netTrace;

	private KeepAliveServer server;

	private URI uri;

	private Application application;

	private CloseableHttpClient httpComponents;

	private HttpClient reactorNetty;

	private WebClient webClient;

	/**
	 * Start server and application.
	 */
	@Setup
	public void start() {
		this.server = new KeepAliveServer();
		this.uri = this.server.uri();
		this.application = new Application(this.watching, "nettrace.enabled=" + this.netTrace);
		this.httpComponents = HttpClients.custom().setConnectionManager(connectionManagerBuilder().build()).build();
		HttpClient client = HttpClient.create();
		this.reactorNetty = this.netTrace ? this.application.bean(NetTraceReactorNetty.class).instrument(client)
				: client;
		this.webClient = this.application.bean(WebClient.Builder.class).build();
	}

	private PoolingHttpClientConnectionManagerBuilder connectionManagerBuilder() {
		return this.netTrace ? this.application.bean(NetTraceHttpComponents.class).connectionManagerBuilder()
				: PoolingHttpClientConnectionManagerBuilder.create();
	}

	int callHttpComponents() throws IOException {
		return this.httpComponents.execute(new HttpGet(this.uri), (response) -> response.getCode());
	}

	/**
	 * With the body read to its end: otherwise the connection is closed.
	 */
	@Nullable HttpClientResponse callReactorNetty() {
		return this.reactorNetty.get()
			.uri(this.uri)
			.responseSingle((response, body) -> body.then(Mono.just(response)))
			.block();
	}

	@Nullable ResponseEntity<Void> callWebClient() {
		return this.webClient.get().uri(this.uri).retrieve().toBodilessEntity().block();
	}

	/**
	 * Stop server and application.
	 * @throws IOException if a client or the server cannot be closed
	 */
	@TearDown
	public void stop() throws IOException {
		this.httpComponents.close();
		this.application.close();
		this.server.close();
	}

}
