package io.nettrace.contract.stress;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

import io.micrometer.observation.Observation;
import io.nettrace.client.jetty.NetTraceJetty;
import io.nettrace.dial.DialSettings;
import io.nettrace.dial.DialStrategy;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpClientTransport;
import org.eclipse.jetty.client.HttpProxy;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * Jetty.
 */
final class JettyClients implements StressClients {

	private static final int MANY = 100;

	private static final DialSettings RACE = DialSettings.defaults()
		.withStrategy(DialStrategy.RFC8305)
		.withFallbackDelay(Duration.ofMillis(10));

	/**
	 * One in so many requests has a listener that keeps the thread which has queued it.
	 * Another thread may send it meanwhile.
	 */
	private static final int KEPT = 3;

	/**
	 * With nettrace or without, Jetty 12.1 may clear a buffer that it has given back
	 * already: if a request is aborted while the head of its response is being told. If
	 * another connection has the buffer by then, what it has read is lost, and of a
	 * response that ends with its connection nothing shows that. See jetty.project#12934
	 * about these buffers.
	 */
	private static final ByteBufferPool USED_ONCE = new ByteBufferPool.NonPooling();

	private final Map<Pool, HttpClient> clients = new EnumMap<>(Pool.class);

	private final boolean mayNotEnd;

	private final ScheduledExecutorService resolver = Executors.newScheduledThreadPool(2);

	JettyClients(StressRun run) {
		this(run, HttpClientTransportOverHTTP::new);
	}

	private JettyClients(StressRun run, Function<ClientConnector, HttpClientTransport> transport) {
		this.mayNotEnd = run.library().multiplexes();
		for (Pool pool : Pool.values()) {
			SslContextFactory.Client trusting = new SslContextFactory.Client();
			trusting.setSslContext(run.authority().client());
			ClientConnector connector = new ClientConnector();
			connector.setSslContextFactory(trusting);
			HttpClient client = new HttpClient(transport.apply(connector));
			client.setByteBufferPool(USED_ONCE);
			client.setSocketAddressResolver(new Names.OfJetty(this.resolver));
			client.setConnectTimeout(CONNECT.toMillis());
			client.setMaxConnectionsPerDestination(
					(pool != Pool.SMALL) ? MANY : run.library().multiplexes() ? 1 : SMALL_PER_HOST);
			client.setMaxRequestsQueuedPerDestination(MANY);
			if (pool == Pool.SMALL) {
				client.setIdleTimeout(IDLE.toMillis());
			}
			if (pool == Pool.PROXIED && !run.library().multiplexes()) {
				client.getProxyConfiguration().addProxy(new HttpProxy(Names.LIVE, run.server().proxyPort()));
			}
			new NetTraceJetty(run.tracing(), run.lookupSettings(pool), run.lookupThreads(),
					(pool == Pool.LARGE) ? RACE : null)
				.instrument(client);
			start(client);
			this.clients.put(pool, client);
		}
	}

	static JettyClients ofHttp2(StressRun run) {
		return new JettyClients(run, (connector) -> new HttpClientTransportOverHTTP2(new HTTP2Client(connector)));
	}

	private static void start(HttpClient client) {
		try {
			client.start();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	@SuppressWarnings("FutureReturnValueIgnored") // the listener is told
	public Outcome send(TrackedRequest request, Observation observation) throws Exception {
		Plan plan = request.plan();
		CompletableFuture<Outcome> result = new CompletableFuture<>();
		Request message = Objects.requireNonNull(this.clients.get(plan.pool()))
			.newRequest(request.url())
			.method(plan.method())
			.timeout(plan.responseTimeout().toMillis(), TimeUnit.MILLISECONDS);
		if (plan.body() > 0) {
			message.body(new BytesRequestContent(new byte[plan.body()]));
		}
		if (plan.expectsContinue()) {
			message.headers((fields) -> fields.put("Expect", "100-continue"));
		}
		if (plan.id() % KEPT == 0) {
			message.onRequestQueued((queued) -> LockSupport.parkNanos(plan.id() % 10 * 20_000L));
		}
		Reader reader = new Reader(request, result);
		request.cancelledBy(() -> message.abort(new CancellationException("the caller")));
		observation.scoped(() -> message.send(reader));
		return this.mayNotEnd || plan.expectsContinue() ? awaitAtMost(result) : Asynchronous.await(result);
	}

	/**
	 * With nettrace or without, Jetty does not end a request that is given up just as it
	 * is told to continue, nor one over HTTP/2 whose connection is closed while the heads
	 * of several responses have been parsed and not been told.
	 */
	private static Outcome awaitAtMost(CompletableFuture<Outcome> result) throws Exception {
		try {
			return Asynchronous.await(result);
		}
		catch (Asynchronous.NeverEndsException ex) {
			throw new TimeoutException(ex.getMessage());
		}
	}

	@Override
	public void close() {
		for (HttpClient client : this.clients.values()) {
			try {
				client.stop();
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		}
		this.resolver.shutdownNow();
	}

	private static final class Reader
			implements Response.HeadersListener, Response.ContentListener, Response.CompleteListener {

		private final TrackedRequest request;

		private final CompletableFuture<Outcome> result;

		private long length;

		Reader(TrackedRequest request, CompletableFuture<Outcome> result) {
			this.request = request;
			this.result = result;
		}

		@Override
		@SuppressWarnings("FutureReturnValueIgnored") // the listener is told
		public void onHeaders(Response response) {
			if (this.request.plan().reading() == Plan.Reading.NOTHING) {
				response.abort(new CancellationException("the caller wants no body"));
			}
		}

		@Override
		@SuppressWarnings("FutureReturnValueIgnored") // the listener is told
		public void onContent(Response response, ByteBuffer content) {
			this.length += content.remaining();
			this.request.at(Moment.BODY);
			if (this.request.plan().reading() == Plan.Reading.PART) {
				response.abort(new CancellationException("the caller wants no more"));
			}
		}

		@Override
		public void onComplete(Result result) {
			this.request.over();
			if (result.isFailed()) {
				this.result.completeExceptionally(result.getFailure());
			}
			else {
				this.result.complete(new Outcome(result.getResponse().getStatus(), this.length));
			}
		}

	}

}
