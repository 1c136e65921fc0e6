package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

import com.sun.net.httpserver.HttpServer;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import io.nettrace.client.httpcomponents.Sending.Library;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.HttpHostConnectException;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Where the trace of a request begins, what finds it, and where it ends.
 */
@ParameterizedClass
@EnumSource
class RequestTraceExecTests {

	private final Library library;

	private final List<RequestInfo> requests = Collections.synchronizedList(new ArrayList<>());

	private final List<Thread> threads = Collections.synchronizedList(new ArrayList<>());

	private final List<String> events = Collections.synchronizedList(new ArrayList<>());

	private final List<WeakReference<NetTrace>> traces = Collections.synchronizedList(new ArrayList<>());

	private final HttpClientContext context = HttpClientContext.create();

	private final HttpServer server;

	private final HttpServer other;

	private Runnable inDnsDone = () -> {
	};

	RequestTraceExecTests(Library library) throws IOException {
		this.library = library;
		this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		this.other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
	}

	@BeforeEach
	void start() {
		this.server.createContext("/", (exchange) -> {
			if (exchange.getRequestURI().getPath().equals("/redirect")) {
				exchange.getResponseHeaders().set("Location", url(this.other, "/"));
				exchange.sendResponseHeaders(302, -1);
			}
			else {
				exchange.sendResponseHeaders(200, 2);
				exchange.getResponseBody().write(new byte[2]);
			}
			exchange.close();
		});
		this.other.createContext("/", (exchange) -> {
			exchange.sendResponseHeaders(204, -1);
			exchange.close();
		});
		this.server.start();
		this.other.start();
	}

	@AfterEach
	void stop() {
		this.server.stop(0);
		this.other.stop(0);
	}

	private static String url(HttpServer server, String path) {
		return "http://localhost:" + server.getAddress().getPort() + path;
	}

	private Sending client(Set<Hook> hooks) {
		return this.library.client(new NetTracing(new Factory(hooks)));
	}

	private Sending client() {
		return client(EnumSet.allOf(Hook.class));
	}

	@Test
	void isOneForARequestAndItsRedirects() throws IOException {
		try (Sending client = client(EnumSet.of(Hook.DNS, Hook.CONNECT))) {
			assertThat(client.get(url(this.server, "/redirect"), this.context)).isEqualTo(204);
		}
		assertThat(this.requests).singleElement()
			.isEqualTo(new RequestInfo(this.library.clientName(), "localhost", this.server.getAddress().getPort(), 1));
		assertThat(this.events).containsExactly("1 dnsStart", "1 dnsDone", "1 connectStart", "1 connectDone",
				"1 dnsStart", "1 dnsDone", "1 connectStart", "1 connectDone");
	}

	@Test
	void isMadeOnTheThreadThatSends() throws IOException {
		try (Sending client = client()) {
			client.get(url(this.server, "/redirect"), this.context);
		}
		assertThat(this.threads).containsExactly(Thread.currentThread());
	}

	@Test
	void isAnotherOneForTheNextRequestOfTheSameContext() throws IOException {
		try (Sending client = client()) {
			client.get(url(this.server, "/redirect"), this.context);
			client.get(url(this.server, "/"), this.context);
		}
		try (Sending client = client(EnumSet.of(Hook.DNS, Hook.CONNECT))) {
			client.get(url(this.server, "/"), this.context);
			client.get(url(this.other, "/"), this.context);
		}
		assertThat(this.requests).extracting(RequestInfo::port)
			.containsExactly(port(this.server), port(this.server), port(this.server), port(this.other));
	}

	private static int port(HttpServer server) {
		return server.getAddress().getPort();
	}

	@Test
	void isAnotherOneForTheNextRequestOfTheSameContextAfterAFailure() throws IOException {
		this.other.stop(0);
		try (Sending client = client()) {
			assertThatExceptionOfType(HttpHostConnectException.class)
				.isThrownBy(() -> client.get(url(this.other, "/"), this.context));
			client.get(url(this.server, "/"), this.context);
		}
		assertThat(this.requests).extracting(RequestInfo::port).containsExactly(port(this.other), port(this.server));
	}

	@Test
	void isFreedWhenTheRequestIsOver() throws IOException {
		try (Sending client = client()) {
			client.get(url(this.server, "/redirect"), this.context);
			Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
				System.gc();
				assertThat(this.traces).isNotEmpty().allMatch((trace) -> trace.refersTo(null));
			});
			client.get(url(this.server, "/"), this.context); // on the connection that was
																// kept
		}
	}

	/**
	 * The asynchronous client answers before the connection is back in its pool, and its
	 * dial may begin on a thread that knows nothing of the request.
	 */
	@Test
	void isMadeForAPooledConnectionOnlyIfTheExchangeIsWatched() throws IOException {
		try (Sending client = client(EnumSet.of(Hook.CONNECT, Hook.GOT_CONN))) {
			client.get(url(this.server, "/"), this.context);
			client.get(url(this.server, "/"), this.context);
		}
		assertThat(this.requests).hasSize(2);
		this.requests.clear();
		try (Sending client = client(EnumSet.of(Hook.DNS, Hook.CONNECT))) {
			client.get(url(this.server, "/"), this.context);
			client.get(url(this.server, "/"), this.context);
		}
		assertThat(this.requests).hasSize((this.library == Library.CLASSIC) ? 1 : 2);
	}

	@Test
	void keepsToItselfWhatAnotherRequestDoesInAHook() throws IOException {
		try (Sending client = client(); Sending inner = client()) {
			this.inDnsDone = () -> {
				try {
					inner.get(url(this.other, "/"), HttpClientContext.create());
				}
				catch (IOException ex) {
					throw new UncheckedIOException(ex);
				}
			};
			client.get(url(this.server, "/"), this.context);
		}
		assertThat(this.requests).hasSize(1);
		assertThat(this.events).containsExactly("1 dnsStart", "1 dnsDone", "1 connectStart", "1 connectDone");
	}

	private final class Factory implements NetTrace.Factory {

		private final Set<Hook> hooks;

		Factory(Set<Hook> hooks) {
			this.hooks = hooks;
		}

		@Override
		public NetTrace create(RequestInfo request) {
			RequestTraceExecTests.this.requests.add(request);
			RequestTraceExecTests.this.threads.add(Thread.currentThread());
			NetTrace trace = new Recorder(request.id() + " ");
			RequestTraceExecTests.this.traces.add(new WeakReference<>(trace));
			return trace;
		}

		@Override
		public Set<Hook> hooks() {
			return this.hooks;
		}

	}

	private final class Recorder implements NetTrace {

		private final String id;

		Recorder(String id) {
			this.id = id;
		}

		@Override
		public void dnsStart(String host) {
			add("dnsStart");
		}

		@Override
		public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
			add("dnsDone");
			RequestTraceExecTests.this.inDnsDone.run();
		}

		@Override
		public void connectStart(String network, SocketAddress address) {
			add("connectStart");
		}

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			add("connectDone");
		}

		private void add(String event) {
			RequestTraceExecTests.this.events.add(this.id + event);
		}

	}

}
