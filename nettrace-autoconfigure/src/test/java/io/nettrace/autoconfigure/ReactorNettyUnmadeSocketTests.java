package io.nettrace.autoconfigure;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Stream;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.client.reactor.NetTraceReactorNetty;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import reactor.netty.transport.ProxyProvider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * A request of Reactor Netty for which no socket can be made is an attempt: see also
 * {@code OutOfDescriptorsTests}.
 */
@SuppressWarnings("NullAway.Init") // the fields of startApplication
class ReactorNettyUnmadeSocketTests {

	private static TracedApplication application;

	private final LoopbackServer server = LoopbackServer.start("127.0.0.1");

	private final Sockets sockets = new Sockets();

	private final Attempts attempts = new Attempts();

	private final HttpClient plain = HttpClient.create(ConnectionProvider.newConnection()).runOn(this.sockets);

	@BeforeAll
	static void startApplication() {
		application = TracedApplication.start(List.of());
	}

	@BeforeEach
	void forgetSpans() {
		application.tree();
	}

	@AfterEach
	void stopServer() {
		this.server.close();
		this.sockets.dispose();
	}

	@AfterAll
	static void stopApplication() {
		application.close();
	}

	@Test
	void isAnAttemptBelowTheRequest() {
		this.sockets.failure = noDescriptorLeft();
		Observation.createNotStarted("business", application.bean(ObservationRegistry.class))
			.observe(() -> assertThat(failure(instrument(this.plain), "http://nowhere.test:81/"))
				.isSameAs(this.sockets.failure));
		application.awaitTree("""
				business
				  socket connect ! {error.type=too_many_open_sockets, nettrace.connect.attempt=1, \
				nettrace.connect.outcome=failed, network.peer.port=PORT, network.transport=tcp, \
				server.address=nowhere.test, server.port=PORT}
				""");
	}

	@ParameterizedTest
	@MethodSource
	void showsWhereTheRequestWasToConnect(Function<HttpClient, HttpClient> settings, @Nullable String url,
			SocketAddress expected) {
		this.sockets.failure = noDescriptorLeft();
		String network = (expected instanceof UnixDomainSocketAddress) ? "unix" : "tcp";
		assertThat(failure(settings.apply(instrument(this.plain)), url)).isSameAs(this.sockets.failure);
		assertThat(this.attempts.calls).containsExactly("start " + network + " " + expected,
				"done " + network + " " + expected + " " + this.sockets.failure);
	}

	static Stream<Arguments> showsWhereTheRequestWasToConnect() {
		Function<HttpClient, HttpClient> none = Function.identity();
		Function<HttpClient, HttpClient> unix = ReactorNettyUnmadeSocketTests::unix;
		return Stream.of(to(none, "http://a.test", "a.test", 80), to(none, "https://a.test?q=:1", "a.test", 443),
				to(none, "wss://a_b.test:8443/c:1", "a_b.test", 8443), to(none, "a.test:81/b", "a.test", 81),
				to(none, "HTTPS://a.test/", "a.test", 443), to(none, "http://[::1]:81/", "::1", 81),
				to(none, "http://127.0.0.1/", "127.0.0.1", 80), to(HttpClient::secure, "a.test/", "a.test", 443),
				to((client) -> client.baseUrl("http://base.test:81/b"), "/a", "base.test", 81),
				to((client) -> client.baseUrl("http://base.test:81"), "http://a.test/", "a.test", 80),
				to((client) -> client.host("host.test").port(81), "/a", "host.test", 81),
				to((client) -> client.host("host.test").port(81), null, "host.test", 81),
				to((client) -> client.proxy(ReactorNettyUnmadeSocketTests::proxy), "http://a.test/", "127.0.0.1", 3128),
				to((client) -> client.proxy(ReactorNettyUnmadeSocketTests::proxy), "http://direct.test/", "direct.test",
						80),
				to((client) -> client.doOnConnect((config) -> {
				}).doOnRequestError((request, error) -> {
				}), "http://a.test/", "a.test", 80), arguments(unix, "/a", UnixDomainSocketAddress.of("/no.sock")));
	}

	private static HttpClient unix(HttpClient client) {
		return client.remoteAddress(() -> new DomainSocketAddress("/no.sock"));
	}

	private static void proxy(ProxyProvider.TypeSpec spec) {
		spec.type(ProxyProvider.Proxy.HTTP).host("127.0.0.1").port(3128).nonProxyHosts("direct.test");
	}

	private static Arguments to(Function<HttpClient, HttpClient> settings, @Nullable String url, String host,
			int port) {
		InetSocketAddress address = host.endsWith(".test") ? InetSocketAddress.createUnresolved(host, port)
				: new InetSocketAddress(host, port);
		return arguments(settings, url, address);
	}

	@Test
	void isAnAttemptForEachRetry() {
		this.sockets.failure = noDescriptorLeft();
		Throwable failure = catchThrowable(
				() -> listening(() -> instrument(this.plain).get().uri("http://a.test/").response().retry(1).block()));
		assertThat(failure).isSameAs(this.sockets.failure);
		assertThat(this.attempts.calls).filteredOn((call) -> call.startsWith("start")).hasSize(2);
	}

	/**
	 * The lookup comes after the socket, and has one of its own.
	 */
	@Test
	void lookupWithoutASocketIsNoAttempt() {
		ChannelException failure = noDescriptorLeft();
		HttpClient client = instrument(this.plain.resolver(new Failing(failure)));
		assertThat(failure(client, "http://a.test/")).isSameAs(failure);
		assertThat(this.attempts.calls).isEmpty();
	}

	@Test
	void requestThatFailsForAnotherReasonIsNoAttempt() {
		HttpClient client = instrument(this.plain);
		for (RuntimeException each : List.of(new ChannelException("Failed to open a socket."),
				new ChannelException("An option", new IOException("Too many open files")),
				new ChannelException(new IOException("newSocketDgram(..) failed with error(-24): Too many open files")),
				new IllegalStateException("Failed to open a socket.", new IOException("Too many open files")))) {
			this.sockets.failure = each;
			assertThat(failure(client, "http://a.test/")).isSameAs(each);
		}
		assertThat(this.attempts.calls).isEmpty();
	}

	@Test
	void requestThatCannotOpenAFileIsNoAttempt() {
		HttpClient client = instrument(HttpClient.create(ConnectionProvider.create("one", 1)).runOn(this.sockets));
		client.get().uri(this.server.url("127.0.0.1")).responseContent().aggregate().block();
		IOException noFile = new IOException("file (Too many open files)");
		Throwable failure = catchThrowable(() -> listening(() -> client.post()
			.uri(this.server.url("127.0.0.1"))
			.send((request, outbound) -> outbound.sendByteArray(Mono.error(noFile)))
			.response()
			.block()));
		assertThat(failure).hasRootCause(noFile);
		assertThat(this.attempts.calls).isEmpty();
	}

	@Test
	void hookThatThrowsDoesNotChangeTheFailure() {
		this.sockets.failure = noDescriptorLeft();
		NetTrace hostile = new NetTrace() {

			@Override
			public void connectStart(String network, SocketAddress address) {
				throw new IllegalStateException("hook");
			}

			@Override
			public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
				throw new StackOverflowError("hook");
			}

		};
		Throwable failure = catchThrowable(() -> Calls.withContext(NetTraceContext.empty().withTrace(hostile),
				() -> instrument(this.plain).get().uri("http://a.test/").response().block()));
		assertThat(failure).isSameAs(this.sockets.failure);
	}

	/**
	 * What Netty throws over the JDK.
	 */
	private static ChannelException noDescriptorLeft() {
		return new ChannelException("Failed to open a socket.", new SocketException("Too many open files"));
	}

	private static HttpClient instrument(HttpClient client) {
		return application.bean(NetTraceReactorNetty.class).instrument(client);
	}

	private Throwable failure(HttpClient client, @Nullable String url) {
		return catchThrowable(() -> listening(() -> {
			HttpClient.ResponseReceiver<?> request = (url != null) ? client.get().uri(url) : client.get();
			request.response().block();
		}));
	}

	private void listening(Runnable action) {
		Calls.withContext(NetTraceContext.empty().withTrace(this.attempts), action);
	}

	/**
	 * Makes no sockets when there is a failure.
	 */
	private static final class Sockets implements LoopResources {

		private final LoopResources delegate = LoopResources.create("sockets", 1, true);

		private volatile @Nullable RuntimeException failure;

		@Override
		public <C extends Channel> C onChannel(Class<C> type, EventLoopGroup group) {
			if (this.failure != null) {
				throw this.failure;
			}
			return this.delegate.onChannel(type, group);
		}

		@Override
		public <C extends Channel> Class<? extends C> onChannelClass(Class<C> type, EventLoopGroup group) {
			return this.delegate.onChannelClass(type, group);
		}

		@Override
		public EventLoopGroup onClient(boolean useNative) {
			return this.delegate.onClient(useNative);
		}

		@Override
		public EventLoopGroup onServer(boolean useNative) {
			return this.delegate.onServer(useNative);
		}

		@Override
		public void dispose() {
			this.delegate.dispose();
		}

	}

	/**
	 * Finds no name.
	 */
	private static final class Failing extends AddressResolverGroup<InetSocketAddress> {

		private final Throwable failure;

		Failing(Throwable failure) {
			this.failure = failure;
		}

		@Override
		protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
			return new InetNameResolver(executor) {

				@Override
				protected void doResolve(String name, Promise<InetAddress> promise) {
					promise.setFailure(Failing.this.failure);
				}

				@Override
				protected void doResolveAll(String name, Promise<List<InetAddress>> promise) {
					promise.setFailure(Failing.this.failure);
				}

			}.asAddressResolver();
		}

	}

	/**
	 * Keeps the attempts with all there is of their addresses.
	 */
	private static final class Attempts implements NetTrace {

		private final List<String> calls = new CopyOnWriteArrayList<>();

		@Override
		public void connectStart(String network, SocketAddress address) {
			this.calls.add("start " + network + " " + address);
		}

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			this.calls.add("done " + network + " " + address + " " + error);
		}

	}

}
