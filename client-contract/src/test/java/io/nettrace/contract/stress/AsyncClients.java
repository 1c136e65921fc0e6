package io.nettrace.contract.stress;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

import io.micrometer.observation.Observation;
import io.nettrace.client.httpcomponents.NetTraceHttpComponentsAsync;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.DefaultHttpRequestRetryStrategy;
import org.apache.hc.client5.http.impl.async.CloseableHttpAsyncClient;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.async.HttpAsyncClients;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.ClientTlsStrategyBuilder;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.nio.AsyncRequestProducer;
import org.apache.hc.core5.http.nio.AsyncResponseConsumer;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.apache.hc.core5.http.nio.entity.BasicAsyncEntityProducer;
import org.apache.hc.core5.http.nio.support.BasicRequestProducer;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.IOReactorConfig;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Asynchronous HttpComponents.
 */
final class AsyncClients implements StressClients {

	private static final int MANY = 100;

	private final Map<Pool, CloseableHttpAsyncClient> clients = new EnumMap<>(Pool.class);

	AsyncClients(StressRun run) {
		for (Pool pool : Pool.values()) {
			NetTraceHttpComponentsAsync netTrace = new NetTraceHttpComponentsAsync(run.tracing(),
					run.lookupSettings(pool), run.lookupThreads());
			PoolingAsyncClientConnectionManagerBuilder connections = netTrace.connectionManagerBuilder()
				.setDnsResolver(new Names.OfHttpComponents())
				.setTlsStrategy(ClientTlsStrategyBuilder.create().setSslContext(run.authority().client()).buildAsync())
				.setMaxConnPerRoute((pool == Pool.SMALL) ? SMALL_PER_HOST : MANY)
				.setMaxConnTotal((pool == Pool.SMALL) ? SMALL_IN_ALL : MANY)
				.setDefaultConnectionConfig(ClassicClients.connection(pool).build())
				.setDefaultTlsConfig(TlsConfig.custom()
					.setHandshakeTimeout(Timeout.of(HANDSHAKE))
					.setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_1)
					.build());
			HttpAsyncClientBuilder builder = HttpAsyncClients.custom()
				.setConnectionManager(connections.build())
				.setIOReactorConfig(IOReactorConfig.custom().setIoThreadCount(2).build())
				.setRetryStrategy(new DefaultHttpRequestRetryStrategy(1, TimeValue.ofMilliseconds(3)));
			if (pool == Pool.SMALL) {
				builder.evictExpiredConnections().evictIdleConnections(TimeValue.of(IDLE));
			}
			if (pool == Pool.PROXIED) {
				builder.setProxy(new HttpHost("http", Names.LIVE, run.server().proxyPort()));
			}
			CloseableHttpAsyncClient client = netTrace.instrument(builder).build();
			client.start();
			this.clients.put(pool, client);
		}
	}

	@Override
	public Outcome send(TrackedRequest request, Observation observation) throws Exception {
		Plan plan = request.plan();
		CompletableFuture<Outcome> result = new CompletableFuture<>();
		HttpClientContext context = HttpClientContext.create();
		context.setRequestConfig(ClassicClients.config(plan));
		CloseableHttpAsyncClient client = Objects.requireNonNull(this.clients.get(plan.pool()));
		Future<Outcome> future = observation
			.scoped(() -> client.execute(producer(request), new Consumer(request), null, context, new Result(result)));
		request.cancelledBy(() -> future.cancel(true));
		return Asynchronous.await(result);
	}

	private static AsyncRequestProducer producer(TrackedRequest request) {
		Plan plan = request.plan();
		return new BasicRequestProducer(plan.method(), URI.create(request.url()), (plan.body() > 0)
				? new BasicAsyncEntityProducer(new byte[plan.body()], ContentType.APPLICATION_OCTET_STREAM) : null);
	}

	@Override
	public void close() {
		this.clients.values().forEach((client) -> client.close(CloseMode.GRACEFUL));
	}

	private record Result(CompletableFuture<Outcome> result) implements FutureCallback<Outcome> {

		@Override
		public void completed(Outcome outcome) {
			this.result.complete(outcome);
		}

		@Override
		public void failed(Exception ex) {
			this.result.completeExceptionally(ex);
		}

		@Override
		public void cancelled() {
			Asynchronous.cancelled(this.result);
		}

	}

	/**
	 * Counts, or does not want more.
	 */
	private static final class Consumer implements AsyncResponseConsumer<Outcome> {

		private final TrackedRequest request;

		private @Nullable FutureCallback<Outcome> callback;

		private int status;

		private long length;

		Consumer(TrackedRequest request) {
			this.request = request;
		}

		@Override
		public void consumeResponse(HttpResponse response, @Nullable EntityDetails entity, HttpContext context,
				FutureCallback<Outcome> callback) throws IOException {
			this.status = response.getCode();
			this.length = 0; // the library may try again when a body was cut
			this.callback = callback;
			if (this.request.plan().reading() == Plan.Reading.NOTHING && entity != null) {
				throw new IOException("the caller wants no body");
			}
			if (entity == null) {
				callback.completed(new Outcome(this.status, 0));
			}
		}

		@Override
		public void informationResponse(HttpResponse response, HttpContext context) {
		}

		@Override
		public void updateCapacity(CapacityChannel channel) throws IOException {
			channel.update(Integer.MAX_VALUE);
		}

		@Override
		public void consume(ByteBuffer bytes) throws IOException {
			this.length += bytes.remaining();
			bytes.position(bytes.limit());
			this.request.at(Moment.BODY);
			if (this.request.plan().reading() == Plan.Reading.PART) {
				throw new IOException("the caller wants no more");
			}
		}

		@Override
		public void streamEnd(List<? extends Header> trailers) {
			Objects.requireNonNull(this.callback).completed(new Outcome(this.status, this.length));
		}

		@Override
		public void failed(Exception cause) {
			FutureCallback<Outcome> callback = this.callback;
			if (callback != null) {
				callback.failed(cause);
			}
		}

		@Override
		public void releaseResources() {
		}

	}

}
