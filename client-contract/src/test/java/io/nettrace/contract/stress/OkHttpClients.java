package io.nettrace.contract.stress;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.security.GeneralSecurityException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

import io.micrometer.observation.Observation;
import io.nettrace.client.okhttp.NetTraceOkHttp;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSource;
import okio.Okio;
import org.jspecify.annotations.Nullable;

/**
 * OkHttp. Calls are executed by their caller, or enqueued.
 */
final class OkHttpClients implements StressClients {

	private static final int MANY = 100;

	private final Map<Pool, OkHttpClient> clients = new EnumMap<>(Pool.class);

	private final StressRun run;

	OkHttpClients(StressRun run) {
		this(run, List.of(Protocol.HTTP_1_1));
	}

	private OkHttpClients(StressRun run, List<Protocol> protocols) {
		this.run = run;
		NetTraceOkHttp netTrace = new NetTraceOkHttp(run.tracing());
		for (Pool pool : Pool.values()) {
			OkHttpClient.Builder builder = new OkHttpClient.Builder().protocols(protocols)
				.dns(new Names.OfOkHttp())
				.sslSocketFactory(run.authority().client().getSocketFactory(), trusting(run))
				.connectTimeout(CONNECT)
				.fastFallback(pool == Pool.LARGE)
				.dispatcher(dispatcher(pool))
				.connectionPool((pool == Pool.SMALL)
						? new ConnectionPool(SMALL_PER_HOST, IDLE.toMillis(), TimeUnit.MILLISECONDS)
						: new ConnectionPool(MANY, 1, TimeUnit.MINUTES));
			if (pool == Pool.PROXIED && !run.library().multiplexes()) {
				builder.proxy(new Proxy(Proxy.Type.HTTP, new InetSocketAddress(Names.LIVE, run.server().proxyPort())));
			}
			this.clients.put(pool, netTrace.instrument(builder.build()));
		}
	}

	static OkHttpClients ofHttp2(StressRun run) {
		return new OkHttpClients(run, List.of(Protocol.H2_PRIOR_KNOWLEDGE));
	}

	private static Dispatcher dispatcher(Pool pool) {
		Dispatcher dispatcher = new Dispatcher();
		dispatcher.setMaxRequests((pool == Pool.SMALL) ? SMALL_IN_ALL : MANY);
		dispatcher.setMaxRequestsPerHost((pool == Pool.SMALL) ? SMALL_PER_HOST : MANY);
		return dispatcher;
	}

	private static X509TrustManager trusting(StressRun run) {
		try {
			TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
			trust.init(run.authority().trusted());
			return (X509TrustManager) trust.getTrustManagers()[0];
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * One that waits for the dispatcher is given up with its call only.
	 */
	private OkHttpClient client(Plan plan) {
		OkHttpClient.Builder builder = Objects.requireNonNull(this.clients.get(plan.pool())).newBuilder();
		return ((plan.pool() == Pool.SMALL) ? builder.callTimeout(plan.responseTimeout())
				: builder.readTimeout(plan.responseTimeout()))
			.build();
	}

	@Override
	public Outcome send(TrackedRequest request, Observation observation) throws Exception {
		Plan plan = request.plan();
		Request.Builder message = new Request.Builder().url(request.url())
			.method(plan.method(),
					(plan.body() > 0) ? RequestBody.create(new byte[plan.body()], (MediaType) null) : null);
		if (plan.expectsContinue()) {
			message.header("Expect", "100-continue");
		}
		Call call = client(plan).newCall(message.build());
		return plan.inReactorContext() ? enqueue(request, observation, call)
				: observation.scopedChecked(() -> execute(request, call));
	}

	private static Outcome execute(TrackedRequest request, Call call) throws IOException {
		Thread caller = Thread.currentThread();
		request.cancelledBy(request.plan().interrupted() ? caller::interrupt : call::cancel);
		try (Response response = call.execute()) {
			return read(request, response);
		}
	}

	private static Outcome enqueue(TrackedRequest request, Observation observation, Call call) throws Exception {
		request.cancelledBy(call::cancel);
		CompletableFuture<Outcome> result = new CompletableFuture<>();
		observation.scoped(() -> call.enqueue(new Callback() {

			@Override
			public void onFailure(Call call, IOException failure) {
				result.completeExceptionally(failure);
			}

			@Override
			public void onResponse(Call call, Response response) {
				@Nullable Outcome outcome = null;
				try (response) {
					outcome = read(request, response);
				}
				catch (Throwable ex) {
					result.completeExceptionally(ex);
				}
				if (outcome != null) {
					result.complete(outcome);
				}
			}

		}));
		return Asynchronous.await(result);
	}

	private static Outcome read(TrackedRequest request, Response response) throws IOException {
		if (request.plan().reading() == Plan.Reading.NOTHING) {
			return new Outcome(response.code(), 0);
		}
		BufferedSource body = response.body().source();
		boolean some = body.request(10);
		long length = some ? 10 : body.getBuffer().size();
		body.skip(length);
		request.at(Moment.BODY);
		if (request.plan().reading() == Plan.Reading.ALL) {
			length += body.readAll(Okio.blackhole());
		}
		return new Outcome(response.code(), length);
	}

	/**
	 * That connections are closed is told with the next call, which is not sent.
	 */
	@Override
	public void close() {
		this.clients.values().forEach((client) -> {
			client.connectionPool().evictAll();
			client.dispatcher().executorService().shutdown();
		});
		this.run.observeLast((request) -> {
			OkHttpClient client = Objects.requireNonNull(this.clients.get(Pool.LARGE));
			Call call = client.newCall(new Request.Builder().url(request.url()).build());
			call.cancel();
			try (Response response = call.execute()) {
				throw new IllegalStateException("answered " + response);
			}
			catch (IOException ex) {
				// it is cancelled
			}
		});
	}

}
