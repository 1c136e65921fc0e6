package io.nettrace.client.jetty;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

import io.nettrace.Hook;
import io.nettrace.client.RecordedHooks;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpClientTransport;
import org.eclipse.jetty.client.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A traced client of one connection, its hooks and connections written down, and a
 * server.
 */
@SuppressWarnings("NullAway.Init") // the server
abstract class AbstractJettyTests {

	static final Duration AT_MOST = Duration.ofSeconds(20);

	static final List<String> SENT = List.of("gotConn", "wroteHeaders", "wroteRequest");

	static final List<String> EXCHANGE = List.of("gotConn", "wroteHeaders", "wroteRequest", "gotFirstResponseByte",
			"responseDone 200", "putIdleConn");

	final RecordedHooks hooks = new RecordedHooks();

	final RecordedHooks connections = new RecordedHooks();

	HttpClient client = new HttpClient();

	ScriptedServer server;

	@BeforeEach
	void startServer() throws Exception {
		this.server = ScriptedServer.start();
		this.client.setMaxConnectionsPerDestination(1);
	}

	@AfterEach
	void stop() throws Exception {
		this.client.stop();
		this.server.close();
	}

	void use(HttpClientTransport transport) {
		this.client = new HttpClient(transport);
		this.client.setMaxConnectionsPerDestination(1);
	}

	void start() throws Exception {
		start(EnumSet.allOf(Hook.class));
	}

	void start(Set<Hook> which) throws Exception {
		start(new NetTracing(() -> List.of((request) -> this.hooks.trace()), () -> List.of(this.connections.listener()),
				which));
	}

	void start(NetTracing tracing) throws Exception {
		new NetTraceJetty(tracing, LookupSettings.defaults(), LookupThreads.create()).instrument(this.client).start();
	}

	Request request(String path) {
		return this.client.newRequest("http://127.0.0.1:" + this.server.port() + path);
	}

	void get(String path) throws Exception {
		assertThat(request(path).send().getStatus()).isEqualTo(200);
	}

	static void abort(Request request, Throwable cause) {
		assertThat(request.abort(cause)).isNotNull();
	}

	void awaitHooks(Object... names) {
		List<String> expected = flat(names);
		await().atMost(AT_MOST).untilAsserted(() -> assertThat(this.hooks.names()).containsExactlyElementsOf(expected));
	}

	@SuppressWarnings("unchecked")
	static List<String> flat(Object... names) {
		List<String> flat = new ArrayList<>();
		for (Object each : names) {
			flat.addAll((each instanceof List<?> several) ? (List<String>) several : List.of((String) each));
		}
		return flat;
	}

	void awaitHook(String name) {
		await().atMost(AT_MOST).until(() -> this.hooks.names().contains(name));
	}

	void awaitConnections(String... events) {
		await().atMost(AT_MOST).untilAsserted(() -> assertThat(this.connections.names()).containsExactly(events));
	}

}
