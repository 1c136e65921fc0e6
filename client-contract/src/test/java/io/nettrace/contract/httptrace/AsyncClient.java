package io.nettrace.contract.httptrace;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.nettrace.client.httpcomponents.NetTraceHttpComponentsAsync;
import io.nettrace.concurrent.LookupThreads;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.message.BasicHttpRequest;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;
import org.apache.hc.core5.http.nio.AsyncResponseConsumer;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.apache.hc.core5.http.nio.support.BasicRequestProducer;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * HttpComponents' asynchronous client.
 */
final class AsyncClient implements TestClient {

	private static final int MOST_RELEASE_MILLIS = 50;

	private final AtomicInteger active = new AtomicInteger();

	private final Setup setup;

	private final HttpComponentsSettings settings;

	private final PoolingAsyncClientConnectionManager connections;

	private final CloseableHttpAsyncClient client;

	AsyncClient(Setup setup) {
		this.setup = setup;
		this.settings = new HttpComponentsSettings(setup);
		setup.unsupportedIf(setup.settings().http2(),
				"HTTP/2: requests at one time do not share a connection of its pool");
		setup.unsupportedIf(
				setup.settings().hasProxy("https")
						&& setup.scenario().requests().stream().anyMatch(Scenario.Request::isSecure),
				"TLS inside the TLS of a proxy: the library has none");
		setup.unsupportedIf(setup.leavesBody(), TestClient.TAKES_WHAT_IS_LEFT);
		setup.unsupportedIf(setup.scenario().requests().stream().anyMatch(Scenario.Request::isCancelledBefore),
				"a request that is cancelled before it is sent: what can be cancelled is the result of sending");
		NetTraceHttpComponentsAsync netTrace = new NetTraceHttpComponentsAsync(setup.tracing(), setup.lookupSettings(),
				LookupThreads.create());
		this.connections = netTrace.connectionManagerBuilder()
			.setDnsResolver(this.settings.names())
			.setMaxConnPerRoute(this.settings.maxConnectionsPerHost())
			.setMaxConnTotal(this.settings.maxConnections())
			.setDefaultConnectionConfig(this.settings.connection())
			.setDefaultTlsConfig(this.settings.tls().setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_1).build())
			.setTlsStrategy(new DefaultClientTlsStrategy(setup.tls()))
			.build();
		this.client = netTrace.instrument(client(HttpAsyncClients.custom())).build();
		this.client.start();
	}

	private HttpAsyncClientBuilder client(HttpAsyncClientBuilder builder) {
		builder.setConnectionManager(this.connections).disableAutomaticRetries().setHttp1Config(this.settings.http1());
		if (this.setup.settings().keepsNoConnection()) {
			builder.setConnectionReuseStrategy((request, response, context) -> false);
		}
		if (this.setup.settings().proxy() != null) {
			builder.setProxy(this.settings.proxy(this.setup.settings().proxy()));
		}
		return builder;
	}

	@Override
	public void send(Call call) throws InterruptedException {
		this.active.incrementAndGet();
		Consumer consumer = new Consumer(call);
		Scenario.Body body = call.request().body();
		AsyncEntityProducer producer = (body != null) ? new Producer(call.body(), body) : null;
		HttpClientContext context = this.settings.context();
		context.setRequestConfig(this.settings.request(call.request()));
		BasicHttpRequest request = new BasicHttpRequest(call.request().method(),
				this.setup.addresses().real(call.request().url()));
		this.settings.addHeader(request, call.request());
		Future<Void> future;
		try {
			future = this.client.execute(new BasicRequestProducer(request, producer), consumer, null, context,
					consumer);
		}
		catch (RuntimeException ex) {
			this.active.decrementAndGet();
			call.failed(ex);
			return;
		}
		call.onCancel(() -> future.cancel(true));
		consumer.done.await();
		awaitReleased();
	}

	/**
	 * The connection goes back once the result is there.
	 */
	private void awaitReleased() {
		int others = this.active.decrementAndGet();
		for (int i = 0; i < MOST_RELEASE_MILLIS && this.connections.getTotalStats().getLeased() > others; i++) {
			this.setup.pause().millis(1);
		}
	}

	@Override
	public void closeIdleConnections() {
		this.connections.closeIdle(TimeValue.ZERO_MILLISECONDS);
	}

	@Override
	public void close() {
		this.client.close(CloseMode.IMMEDIATE);
	}

	/**
	 * Reads the response, on the client's threads.
	 */
	private static final class Consumer implements AsyncResponseConsumer<Void>, FutureCallback<Void> {

		private final Call call;

		private final CountDownLatch done = new CountDownLatch(1);

		private @Nullable FutureCallback<Void> result;

		private int read;

		private volatile boolean returned;

		Consumer(Call call) {
			this.call = call;
		}

		@Override
		public void informationResponse(HttpResponse response, HttpContext context) {
		}

		@Override
		public void consumeResponse(HttpResponse response, @Nullable EntityDetails body, HttpContext context,
				FutureCallback<Void> result) throws IOException {
			this.result = result;
			if (this.done.getCount() == 0) { // it has been cancelled
				return;
			}
			this.returned = true;
			this.call.returned(response.getCode(), response.getVersion().toString());
			Scenario.ReadMode mode = this.call.request().read();
			if (body == null) {
				ended();
			}
			else if (mode == Scenario.ReadMode.CLOSE) {
				close();
			}
			else if (mode == Scenario.ReadMode.LEAVE) {
				this.done.countDown();
			}
		}

		@Override
		public void updateCapacity(CapacityChannel channel) throws IOException {
			if (this.call.request().read() != Scenario.ReadMode.LEAVE) {
				channel.update(Integer.MAX_VALUE);
			}
		}

		@Override
		public void consume(ByteBuffer bytes) throws IOException {
			this.read += bytes.remaining();
			bytes.position(bytes.limit());
			if (this.call.request().read() == Scenario.ReadMode.PART && this.read >= 3) {
				close();
			}
		}

		@Override
		public void streamEnd(@Nullable List<? extends Header> trailers) {
			if (!this.call.request().read().isUnread()) {
				ended();
			}
			else if (this.result != null) {
				this.result.completed(null);
			}
		}

		private void ended() {
			if (this.done.getCount() > 0) {
				this.call.bodyEof();
				if (!this.call.isLeft()) {
					this.call.bodyClosed();
				}
			}
			Objects.requireNonNull(this.result).completed(null);
		}

		/**
		 * Stops reading once the caller has cancelled: the future cannot cancel a request
		 * on a connection that was just made.
		 */
		private void close() throws IOException {
			if (this.done.getCount() > 0) {
				this.call.bodyClosed();
				this.done.countDown();
				throw new IOException("not wanted");
			}
		}

		@Override
		public void completed(Void nothing) {
			this.done.countDown();
		}

		@Override
		public void failed(Exception cause) {
			if (this.done.getCount() == 0) {
				return;
			}
			if (this.returned) {
				this.call.bodyFailed(cause);
				this.call.bodyClosed();
			}
			else {
				this.call.failed(cause);
			}
			this.done.countDown();
		}

		@Override
		public void cancelled() {
			failed(new CancellationException());
		}

		@Override
		public void releaseResources() {
		}

	}

	/**
	 * Writes the request's body, on the client's threads.
	 */
	private static final class Producer implements AsyncEntityProducer {

		private static final int BUFFER = 16 * 1024;

		private final ScriptedBody body;

		private final Scenario.Body script;

		private ByteBuffer buffer = ByteBuffer.allocate(0);

		private boolean ended;

		Producer(ScriptedBody body, Scenario.Body script) {
			this.body = body;
			this.script = script;
		}

		@Override
		public boolean isRepeatable() {
			return false;
		}

		@Override
		public void failed(Exception cause) {
		}

		@Override
		public long getContentLength() {
			return this.script.chunked() ? -1 : this.script.bytes();
		}

		@Override
		public @Nullable String getContentType() {
			return null;
		}

		@Override
		public @Nullable String getContentEncoding() {
			return null;
		}

		@Override
		public boolean isChunked() {
			return this.script.chunked();
		}

		@Override
		public Set<String> getTrailerNames() {
			return Set.of();
		}

		@Override
		public int available() {
			return Integer.MAX_VALUE;
		}

		@Override
		public void produce(DataStreamChannel channel) throws IOException {
			while (!this.ended) {
				if (!this.buffer.hasRemaining()) {
					int pause = this.body.takePause();
					if (pause > 0) {
						CompletableFuture.delayedExecutor(pause, TimeUnit.MILLISECONDS).execute(channel::requestOutput);
						return;
					}
					fill();
				}
				if (this.ended) {
					channel.endStream();
				}
				else if (channel.write(this.buffer) == 0) {
					return;
				}
			}
		}

		private void fill() throws IOException {
			byte[] next = new byte[BUFFER];
			int count = this.body.read(next);
			this.ended = count < 0;
			this.buffer = ByteBuffer.wrap(next, 0, Math.max(0, count));
		}

		@Override
		public void releaseResources() {
		}

	}

}
