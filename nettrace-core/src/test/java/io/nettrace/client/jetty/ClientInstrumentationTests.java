package io.nettrace.client.jetty;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import com.sun.net.httpserver.HttpServer;
import io.nettrace.NetTrace;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Clients that an application builds by hand.
 */
class ClientInstrumentationTests {

	private final List<String> events = Collections.synchronizedList(new ArrayList<>());

	private final NetTraceJetty netTrace = new NetTraceJetty(new NetTracing((client) -> new Recorder()),
			LookupSettings.defaults(), LookupThreads.create());

	private final HttpClient client = new HttpClient();

	private final HttpServer server;

	ClientInstrumentationTests() throws Exception {
		this.server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
	}

	@BeforeEach
	void startServer() {
		this.server.createContext("/", (exchange) -> {
			exchange.sendResponseHeaders(204, -1);
			exchange.close();
		});
		this.server.start();
		this.client.setSocketAddressResolver((host, port, context, promise) -> new SocketAddressResolver.Sync()
			.resolve("127.0.0.1", port, context, promise));
	}

	@AfterEach
	void stop() throws Exception {
		this.client.stop();
		this.server.stop(0);
	}

	@Test
	void firesEachHookOnceHoweverOftenTheClientIsInstrumented() throws Exception {
		this.netTrace.instrument(this.netTrace.instrument(this.client)).start();
		get();
		assertThat(this.events).containsExactly("dnsStart a.test", "dnsDone 1", "connectStart", "connectDone null");
	}

	@Test
	void staysInstrumentedWhenTheClientStartsAgain() throws Exception {
		this.netTrace.instrument(this.client).start();
		get();
		this.client.stop();
		this.events.clear();
		this.client.start();
		get();
		assertThat(this.events).containsExactly("dnsStart a.test", "dnsDone 1", "connectStart", "connectDone null");
	}

	@Test
	void countsAConnectorOfTwoClientsOnce() throws Exception {
		HttpClient other = new HttpClient(this.client.getHttpClientTransport());
		assertThat(other.getClientConnector()).isSameAs(this.client.getClientConnector());
		this.netTrace.instrument(other).start();
		other.stop();
		this.netTrace.instrument(this.client).start();
		get();
		assertThat(this.events).containsExactly("dnsStart a.test", "dnsDone 1", "connectStart", "connectDone null");
	}

	@Test
	void leavesAClientAloneThatRuns() throws Exception {
		this.client.start();
		this.netTrace.instrument(this.client);
		get();
		assertThat(this.events).isEmpty();
	}

	private void get() throws Exception {
		assertThat(this.client.GET("http://a.test:" + this.server.getAddress().getPort() + "/").getStatus())
			.isEqualTo(204);
	}

	private final class Recorder implements NetTrace {

		@Override
		public void dnsStart(String host) {
			ClientInstrumentationTests.this.events.add("dnsStart " + host);
		}

		@Override
		public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
			ClientInstrumentationTests.this.events.add("dnsDone " + addresses.size());
		}

		@Override
		public void connectStart(String network, SocketAddress address) {
			ClientInstrumentationTests.this.events.add("connectStart");
		}

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			ClientInstrumentationTests.this.events.add("connectDone " + error);
		}

	}

}
