package io.nettrace.contract.stress;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;

import io.micrometer.observation.Observation;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.nettrace.client.reactor.NetTraceReactorNetty;
import io.nettrace.dial.DialSettings;
import io.nettrace.dial.DialStrategy;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.resolver.NoopAddressResolverGroup;
import org.reactivestreams.Publisher;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.netty.ByteBufFlux;
import reactor.netty.NettyOutbound;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientRequest;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import reactor.netty.transport.ProxyProvider;

/**
 * Reactor Netty.
 */
final class ReactorClients implements StressClients {

	private static final int MANY = 100;

	private static final DialSettings RACE = DialSettings.defaults()
		.withStrategy(DialStrategy.RFC8305)
		.withFallbackDelay(Duration.ofMillis(10));

	private static final Duration CLOSE = Duration.ofSeconds(5);

	private final Map<Pool, HttpClient> clients = new EnumMap<>(Pool.class);

	private final Map<Pool, ConnectionProvider> providers = new EnumMap<>(Pool.class);

	private final LoopResources loops = LoopResources.create("stress", 2, true);

	ReactorClients(StressRun run) {
		this(run, HttpProtocol.HTTP11);
	}

	private ReactorClients(StressRun run, HttpProtocol protocol) {
		SslContext trusting = trusting(run);
		for (Pool pool : Pool.values()) {
			NetTraceReactorNetty netTrace = new NetTraceReactorNetty(run.tracing(), run.lookupSettings(pool),
					run.lookupThreads(), (pool == Pool.LARGE) ? RACE : null);
			ConnectionProvider provider = netTrace.connectionProvider(settings(pool));
			this.providers.put(pool, provider);
			HttpClient client = HttpClient.create(provider)
				.runOn(this.loops)
				.protocol(protocol)
				.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) CONNECT.toMillis())
				.followRedirect(true);
			if (protocol == HttpProtocol.HTTP11) {
				client = client.secure((spec) -> spec.sslContext(trusting).handshakeTimeout(HANDSHAKE));
			}
			client = (pool != Pool.PROXIED || run.library().multiplexes()) ? client.resolver(new Names.OfNetty())
					: client
						.proxy((proxy) -> proxy.type(ProxyProvider.Proxy.HTTP)
							.host(Names.LIVE)
							.port(run.server().proxyPort())
							.connectTimeoutMillis(CONNECT.toMillis()))
						.resolver(NoopAddressResolverGroup.INSTANCE);
			this.clients.put(pool, netTrace.instrument(client));
		}
	}

	static ReactorClients ofHttp2(StressRun run) {
		return new ReactorClients(run, HttpProtocol.H2C);
	}

	private static SslContext trusting(StressRun run) {
		try {
			TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
			trust.init(run.authority().trusted());
			return SslContextBuilder.forClient().trustManager(trust).build();
		}
		catch (GeneralSecurityException | SSLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static ConnectionProvider.Builder settings(Pool pool) {
		ConnectionProvider.Builder builder = ConnectionProvider.builder(pool.name());
		if (pool == Pool.SMALL) {
			return builder.maxConnections(SMALL_PER_HOST)
				.pendingAcquireMaxCount(MANY)
				.pendingAcquireTimeout(LEASE)
				.maxIdleTime(IDLE)
				.maxLifeTime(LIFE)
				.evictInBackground(IDLE);
		}
		return builder.maxConnections(MANY).pendingAcquireTimeout(LEASE);
	}

	@Override
	public Outcome send(TrackedRequest request, Observation observation) throws Exception {
		Plan plan = request.plan();
		CompletableFuture<Outcome> result = new CompletableFuture<>();
		HttpClient client = Objects.requireNonNull(this.clients.get(plan.pool()))
			.responseTimeout(plan.responseTimeout());
		Mono<Outcome> response = read(request,
				client.request(HttpMethod.valueOf(plan.method()))
					.uri(request.url())
					.send(sending(plan.expectsContinue(), plan.body())));
		Subscriber subscriber = new Subscriber(result);
		request.cancelledBy(() -> {
			subscriber.cancel();
			Asynchronous.cancelled(result);
		});
		if (plan.inReactorContext()) {
			response.contextWrite((context) -> context.put(ObservationThreadLocalAccessor.KEY, observation))
				.subscribe(subscriber);
		}
		else {
			observation.scoped(() -> response.subscribe(subscriber));
		}
		return Asynchronous.await(result);
	}

	/**
	 * Pools hold the first client of a host, and this with it.
	 */
	private static java.util.function.BiFunction<HttpClientRequest, NettyOutbound, Publisher<Void>> sending(
			boolean expectsContinue, int body) {
		return (request, outbound) -> {
			if (expectsContinue) {
				request.header("Expect", "100-continue");
			}
			return (body > 0) ? outbound.send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(new byte[body])))
					: outbound;
		};
	}

	private static Mono<Outcome> read(TrackedRequest request, HttpClient.ResponseReceiver<?> receiver) {
		return switch (request.plan().reading()) {
			case ALL -> receiver.response((response, body) -> count(request, response, body)).single();
			case PART ->
				receiver.response((response, body) -> count(request, response, ByteBufFlux.fromInbound(body.take(1))))
					.single();
			case NOTHING -> receiver.response().map((response) -> new Outcome(response.status().code(), 0));
		};
	}

	private static Mono<Outcome> count(TrackedRequest request, HttpClientResponse response, ByteBufFlux body) {
		return body.map((bytes) -> {
			request.at(Moment.BODY);
			return (long) bytes.readableBytes();
		}).reduce(0L, Long::sum).map((length) -> new Outcome(response.status().code(), length));
	}

	@Override
	public void close() {
		this.providers.values().forEach((provider) -> provider.disposeLater().block(CLOSE));
		this.loops.disposeLater(Duration.ZERO, CLOSE).block(CLOSE);
	}

	private static final class Subscriber extends BaseSubscriber<Outcome> {

		private final CompletableFuture<Outcome> result;

		Subscriber(CompletableFuture<Outcome> result) {
			this.result = result;
		}

		@Override
		protected void hookOnNext(Outcome outcome) {
			this.result.complete(outcome);
		}

		@Override
		protected void hookOnError(Throwable failure) {
			this.result.completeExceptionally(failure);
		}

	}

}
