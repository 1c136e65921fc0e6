package io.nettrace.client.reactor;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.transport.ProxyProvider;

import static org.assertj.core.api.Assertions.assertThat;

@SuppressWarnings("NullAway.Init") // the server
class ReactorRequestTests {

	private static DisposableServer server;

	private final List<RequestInfo> requests = Collections.synchronizedList(new ArrayList<>());

	@BeforeAll
	static void startServer() {
		server = HttpServer.create()
			.host("127.0.0.1")
			.port(0)
			.route((routes) -> routes.get("/moved", (request, response) -> response.sendRedirect("/here"))
				.get("/elsewhere",
						(request, response) -> response.header("Connection", "close")
							.sendRedirect("http://localhost:" + server.port() + "/here"))
				.get("/here", (request, response) -> response.status(204).send()))
			.bindNow();
	}

	@AfterAll
	static void stopServer() {
		server.disposeNow();
	}

	static Stream<Arguments> settings() {
		return Stream.of(Arguments.of(to((client) -> client), "http://a.test:8080/path?q", "a.test", 8080),
				Arguments.of(to((client) -> client), "https://a.test/", "a.test", 443),
				Arguments.of(to((client) -> client), "WSS://a.test", "a.test", 443),
				Arguments.of(to((client) -> client), "http://[::1]/", "::1", 80),
				Arguments.of(to((client) -> client.baseUrl("http://base.test")), "/path", "base.test", 80),
				Arguments.of(to((client) -> client.host("host.test").port(81)), "/path", "host.test", 81),
				Arguments.of(to((client) -> client.host("host.test").port(81).secure()), "/path", "host.test", 81),
				Arguments.of(
						to((client) -> client
							.proxy((proxy) -> proxy.type(ProxyProvider.Proxy.HTTP).host("127.0.0.1").port(1))),
						"http://a.test/", "a.test", 80));
	}

	private static UnaryOperator<HttpClient> to(UnaryOperator<HttpClient> settings) {
		return settings;
	}

	@ParameterizedTest
	@MethodSource("settings")
	void hostAndPortAreThoseOfTheRequest(UnaryOperator<HttpClient> settings, String uri, String host, int port) {
		HttpClient client = settings.apply(HttpClient.newConnection()).resolver(new NoNames());
		instrument(client, EnumSet.allOf(Hook.class)).get()
			.uri(uri)
			.response()
			.timeout(Duration.ofSeconds(20))
			.onErrorComplete()
			.block();
		assertThat(this.requests).singleElement().satisfies((request) -> {
			assertThat(request.client()).isEqualTo("reactor-netty");
			assertThat(request.host()).isEqualTo(host);
			assertThat(request.port()).isEqualTo(port);
		});
	}

	private static final class NoNames extends AddressResolverGroup<InetSocketAddress> {

		@Override
		protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
			return new InetNameResolver(executor) {

				@Override
				protected void doResolve(String name, Promise<InetAddress> promise) {
					promise.setFailure(new UnknownHostException(name));
				}

				@Override
				protected void doResolveAll(String name, Promise<List<InetAddress>> promise) {
					promise.setFailure(new UnknownHostException(name));
				}

			}.asAddressResolver();
		}

	}

	@Test
	void redirectsHaveTheTraceOfTheirRequest() {
		HttpClient client = instrument(HttpClient.newConnection().followRedirect(true), EnumSet.allOf(Hook.class));
		assertThat(status(client, "/moved")).isEqualTo(204);
		assertThat(this.requests).singleElement().extracting(RequestInfo::host).isEqualTo("127.0.0.1");
	}

	@Test
	void hostIsThatOfTheFirstExchangeAlsoIfOnlyTheRedirectDials() {
		ConnectionProvider pool = ConnectionProvider.create("one", 1);
		HttpClient client = instrument(HttpClient.create(pool).followRedirect(true), Set.of(Hook.DNS, Hook.CONNECT));
		assertThat(status(client, "/here")).isEqualTo(204);
		assertThat(status(client, "/elsewhere")).isEqualTo(204);
		assertThat(this.requests).extracting(RequestInfo::host).containsExactly("127.0.0.1", "127.0.0.1");
		pool.dispose();
	}

	@Test
	void aPooledConnectionNeedsNoTraceUnlessItsHooksAreCalled() {
		ConnectionProvider pool = ConnectionProvider.create("one", 1);
		HttpClient setUp = instrument(HttpClient.create(pool), Set.of(Hook.DNS, Hook.CONNECT, Hook.TLS_HANDSHAKE));
		for (int i = 0; i < 3; i++) {
			assertThat(status(setUp, "/here")).isEqualTo(204);
		}
		assertThat(this.requests).hasSize(1);
		HttpClient each = instrument(HttpClient.create(pool), Set.of(Hook.CONNECT, Hook.GET_CONN));
		for (int i = 0; i < 3; i++) {
			assertThat(status(each, "/here")).isEqualTo(204);
		}
		assertThat(this.requests).hasSize(4);
		pool.dispose();
	}

	private static @Nullable Integer status(HttpClient client, String path) {
		return client.get()
			.uri("http://127.0.0.1:" + server.port() + path)
			.responseSingle((response, body) -> body.thenReturn(response.status().code()))
			.block(Duration.ofSeconds(20));
	}

	private HttpClient instrument(HttpClient client, Set<Hook> hooks) {
		NetTracing tracing = new NetTracing(() -> List.of((request) -> {
			this.requests.add(request);
			return new NetTrace() {
			};
		}), List::of, hooks);
		return new NetTraceReactorNetty(tracing, LookupSettings.defaults(), LookupThreads.create()).instrument(client);
	}

}
