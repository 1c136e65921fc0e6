package io.nettrace.client.httpcomponents;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.async.methods.SimpleRequestBuilder;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.nio.AsyncClientConnectionManager;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An asynchronous client whose hooks are recorded. It is built when it sends first.
 */
final class AsyncCalls implements Closeable {

	final HookRecorder recorder = new HookRecorder();

	final ScriptedServer server;

	final HttpAsyncClientBuilder builder = HttpAsyncClients.custom();

	final PoolingAsyncClientConnectionManagerBuilder manager;

	private final NetTraceHttpComponentsAsync netTrace;

	private @Nullable CloseableHttpAsyncClient client;

	private volatile CountDownLatch returned = new CountDownLatch(0);

	AsyncCalls() {
		this(null);
	}

	/**
	 * Create a client of whose hooks some are called before they are recorded.
	 */
	AsyncCalls(@Nullable NetTrace before) {
		try {
			this.server = ScriptedServer.start();
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		this.netTrace = new NetTraceHttpComponentsAsync(
				new NetTracing(
						() -> List.of((request) -> (before != null) ? before : new Gate(), (request) -> this.recorder),
						() -> List.of(this.recorder), EnumSet.allOf(Hook.class)),
				LookupSettings.defaults(), LookupThreads.create());
		this.manager = this.netTrace.connectionManagerBuilder();
	}

	synchronized CloseableHttpAsyncClient client() {
		CloseableHttpAsyncClient built = this.client;
		if (built == null) {
			instrument();
			built = this.builder.build();
			built.start();
			this.client = built;
		}
		return built;
	}

	/**
	 * Instrument the client before it sends.
	 */
	void instrument() {
		if (this.builder.getConnManager() == null) {
			instrument(this.manager.build());
		}
	}

	/**
	 * Instrument the client with a connection manager of its own.
	 */
	void instrument(AsyncClientConnectionManager library) {
		this.netTrace.instrument(this.builder.setConnectionManager(library));
	}

	SimpleHttpRequest get(String path) {
		return SimpleRequestBuilder.get(this.server.url(path)).build();
	}

	/**
	 * A request that fails if nothing comes for a moment.
	 */
	SimpleHttpRequest impatientGet(String url) {
		SimpleHttpRequest request = SimpleRequestBuilder.get(url).build();
		request.setConfig(RequestConfig.custom().setResponseTimeout(Timeout.ofMilliseconds(50)).build());
		return request;
	}

	SimpleHttpRequest post(String path, boolean expectContinue) {
		SimpleHttpRequest request = SimpleRequestBuilder.post(this.server.url(path))
			.setBody("body", ContentType.TEXT_PLAIN)
			.build();
		request.setConfig(RequestConfig.custom().setExpectContinueEnabled(expectContinue).build());
		return request;
	}

	/**
	 * Start a request. A new connection is used after this has returned: the library does
	 * not cancel a request that was sent before (HttpClient 5.6).
	 */
	Future<SimpleHttpResponse> start(SimpleHttpRequest request) {
		CountDownLatch returning = new CountDownLatch(1);
		this.returned = returning;
		try {
			return client().execute(request, null);
		}
		finally {
			returning.countDown();
		}
	}

	private final class Gate implements NetTrace {

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			try {
				AsyncCalls.this.returned.await();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

	/**
	 * Send a request and read the body.
	 * @return the status
	 */
	int send(SimpleHttpRequest request) throws IOException {
		return status(start(request));
	}

	/**
	 * Wait for a response.
	 * @return the status
	 */
	static int status(Future<SimpleHttpResponse> response) throws IOException {
		try {
			return response.get(20, TimeUnit.SECONDS).getCode();
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof IOException cause) ? cause : new IOException(ex.getCause());
		}
		catch (InterruptedException | TimeoutException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Wait for a hook; the application has its response before the connection is back in
	 * the pool.
	 */
	void await(String event) {
		Awaitility.await()
			.pollInterval(Duration.ofMillis(5))
			.atMost(Duration.ofSeconds(20))
			.untilAsserted(() -> assertThat(this.recorder.events()).contains(event));
	}

	List<String> eventsUntil(String last) {
		await(last);
		return this.recorder.take();
	}

	@Override
	public synchronized void close() throws IOException {
		if (this.client != null) {
			this.client.close(CloseMode.IMMEDIATE); // requests may hang
		}
		this.server.close();
	}

}
