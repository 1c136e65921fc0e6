package io.nettrace.autoconfigure;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

import io.nettrace.NetTraceContext;
import io.nettrace.client.reactor.NetTraceReactorNetty;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import io.nettrace.test.SocksProxy;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.AttributeKey;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.InetAddressFilter;
import org.springframework.boot.http.client.ReactorClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.http.client.ReactorClientHttpRequestFactory;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.test.util.ReflectionTestUtils;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ExchangeFunctions;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Hooks;
import reactor.netty.ChannelPipelineConfigurer;
import reactor.netty.ConnectionObserver;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientConfig;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import reactor.netty.transport.ProxyProvider;

import static io.nettrace.autoconfigure.ExpectedSpans.answered;
import static io.nettrace.autoconfigure.ExpectedSpans.connected;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * What an application sets on Boot's builder after it was injected, or on a client of its
 * own after it was instrumented, holds as without nettrace.
 */
@Tag("one-jdk")
@ExtendWith(OutputCaptureExtension.class)
class ReactorNettySettingsTests {

	private static final ConnectionObserver OBSERVER = (connection, state) -> {
	};

	private static final ChannelPipelineConfigurer CHANNEL_INIT = (observer, channel, remote) -> {
	};

	private final DnsServer dns = DnsServer.start().set("good.test", DnsAnswer.addresses("127.0.0.9"));

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	@AfterEach
	void stop() {
		this.server.close();
		this.dns.close();
		Hooks.disableAutomaticContextPropagation();
	}

	@ParameterizedTest
	@EnumSource
	void resolverIsAskedAndTraced(ReactorNettyCaller caller) {
		try (TracedApplication application = caller.start(List.of())) {
			AddressResolverGroup<?> resolver = ReactorNettyCaller.Names.asking(this.dns.address());
			injected(application, caller, (client) -> client.resolver(resolver)).get(this.server.url("good.test"));
			application
				.awaitTree(outermost("http get\n" + answered("good.test") + connected(1, "127.0.0.9", "good.test")));
		}
	}

	@ParameterizedTest
	@EnumSource
	void proxyGetsWhatItGetsWithoutNetTrace(ReactorNettyCaller caller) {
		assertThat(connectsAtProxy(caller, true)).isEqualTo(connectsAtProxy(caller, false)).hasSize(1);
	}

	/**
	 * A name for RestClient. Boot's WebClient has event loops of Boot's, for which
	 * Reactor Netty gives it a resolver.
	 */
	private List<String> connectsAtProxy(ReactorNettyCaller caller, boolean enabled) {
		try (TracedApplication application = caller.start(List.of(), "nettrace.enabled=" + enabled);
				SocksProxy proxy = SocksProxy.start();
				LoopbackServer local = LoopbackServer.start("127.0.0.1")) {
			injected(application, caller, (client) -> behind(client, proxy)).get(local.url("localhost"));
			return proxy.connects().stream().map((target) -> target.toString().replaceAll("\\d+$", "")).toList();
		}
	}

	@ParameterizedTest
	@EnumSource
	void callbacksAreCalledAsWithoutNetTrace(ReactorNettyCaller caller) {
		assertThat(callbacks(caller, true)).isEqualTo(callbacks(caller, false))
			.contains("connect", "resolve good.test", "resolved", "channel", "connected", "request", "response");
	}

	private List<String> callbacks(ReactorNettyCaller caller, boolean enabled) {
		List<String> calls = new CopyOnWriteArrayList<>();
		LoopResources loops = LoopResources.create("of-the-application", 1, true);
		AddressResolverGroup<?> resolver = ReactorNettyCaller.Names.asking(this.dns.address());
		try (TracedApplication application = caller.start(List.of(), "nettrace.enabled=" + enabled)) {
			injected(application, caller, (client) -> client.resolver(resolver)
				.runOn(loops)
				.doOnConnect((configuration) -> calls.add("connect"))
				.doOnChannelInit((observer, channel, remote) -> calls.add("channel"))
				.doOnResolve((connection) -> calls.add("resolve good.test"))
				.doAfterResolve((connection, address) -> calls.add("resolved"))
				.doOnConnected((connection) -> calls
					.addAll(List.of("connected", Thread.currentThread().getName().replaceAll("\\d+$", ""),
							String.valueOf(connection.channel().config().getOption(ChannelOption.SO_KEEPALIVE)))))
				.option(ChannelOption.SO_KEEPALIVE, true)
				.doOnRequest((request, connection) -> calls
					.addAll(List.of("request", request.requestHeaders().get(HttpHeaderNames.ACCEPT_ENCODING))))
				.doOnResponse((response, connection) -> calls.add("response"))).get(this.server.url("good.test"));
		}
		finally {
			loops.disposeLater(Duration.ZERO, Duration.ofSeconds(5)).block();
		}
		return calls;
	}

	/**
	 * Whatever the library has or will have: each field of its configuration.
	 */
	@ParameterizedTest
	@EnumSource
	void finishedClientHasEverySetting(ReactorNettyCaller caller) throws IllegalAccessException {
		ConnectionProvider connections = ConnectionProvider.create("of-the-application", 1);
		LoopResources loops = LoopResources.create("of-the-application", 1, true);
		AttributeKey<String> attribute = AttributeKey.valueOf("of-the-application");
		UnaryOperator<HttpClient> settings = (client) -> client.runOn(loops)
			.attr(attribute, "value")
			.option(ChannelOption.SO_RCVBUF, 70_000)
			.compress(false)
			.protocol(HttpProtocol.H2C)
			.responseTimeout(Duration.ofSeconds(7))
			.bindAddress(() -> new InetSocketAddress("127.0.0.9", 0))
			.doOnChannelInit(CHANNEL_INIT)
			.observe(OBSERVER)
			.baseUrl("http://good.test")
			.followRedirect(false)
			.keepAlive(false)
			.disableRetry(true);
		HttpClient base = HttpClient.create(connections);
		Map<String, @Nullable Object> without = configuration(caller, base, settings, false);
		Map<String, @Nullable Object> with = configuration(caller, base, settings, true);
		assertThat(with.keySet()).isEqualTo(without.keySet()).hasSizeGreaterThan(30);
		// the last one goes with the resolver: tells runOn how to make another
		Set<String> ours = Set.of("connector", "doOnChannelInit", "observer", "doOnResolve", "resolver",
				"nameResolverProvider");
		for (String field : with.keySet()) {
			if (!ours.contains(field)) {
				assertThat(with.get(field)).as(field).isEqualTo(without.get(field));
			}
		}
		assertThat(with)
			.hasEntrySatisfying("doOnChannelInit",
					(init) -> assertThat(init).hasFieldOrPropertyWithValue("own", CHANNEL_INIT))
			.hasEntrySatisfying("observer",
					(observer) -> assertThat(observer).hasFieldOrPropertyWithValue("own", OBSERVER));
	}

	private Map<String, @Nullable Object> configuration(ReactorNettyCaller caller, HttpClient base,
			UnaryOperator<HttpClient> settings, boolean enabled) throws IllegalAccessException {
		try (TracedApplication application = caller.start(List.of(), "nettrace.enabled=" + enabled)) {
			HttpClient client = (caller == ReactorNettyCaller.REST_CLIENT)
					? client(imperative(application).withHttpClientFactory(() -> base)
						.withHttpClientCustomizer(settings)
						.build())
					: client(reactive(application).withHttpClientFactory(() -> base)
						.withHttpClientCustomizer(settings)
						.build());
			Map<String, @Nullable Object> fields = new LinkedHashMap<>();
			for (Class<?> type = HttpClientConfig.class; type != Object.class; type = type.getSuperclass()) {
				for (Field field : type.getDeclaredFields()) {
					if (!Modifier.isStatic(field.getModifiers())) {
						field.setAccessible(true);
						fields.put(field.getName(), field.get(client.configuration()));
					}
				}
			}
			return fields;
		}
	}

	private static HttpClient client(Object factory) {
		return (HttpClient) Objects.requireNonNull(ReflectionTestUtils.getField(factory, "httpClient"));
	}

	@ParameterizedTest
	@EnumSource
	void timeoutThatIsSetOnTheFactoryHolds(ReactorNettyCaller caller) {
		try (TracedApplication application = caller.start(List.of())) {
			HttpClientSettings settings = HttpClientSettings.defaults().withReadTimeout(Duration.ofSeconds(9));
			Object factory = (caller == ReactorNettyCaller.REST_CLIENT) ? imperative(application).build(settings)
					: reactive(application).build(settings);
			assertThat(client(factory).configuration().responseTimeout()).hasSeconds(9);
		}
	}

	@ParameterizedTest
	@EnumSource
	void addressFilterIsInFrontOfAnAlternateResolver(ReactorNettyCaller caller) {
		try (TracedApplication application = caller.start(List.of())) {
			HttpClientSettings settings = HttpClientSettings.defaults()
				.withInetAddressFilter(InetAddressFilter.not("127.0.0.9"));
			ReactorNettyCaller.Get get = (caller == ReactorNettyCaller.REST_CLIENT)
					? rest(application, imperative(application).build(settings))
					: web(application, reactive(application).build(settings));
			NetTraceContext alternate = NetTraceContext.empty()
				.withResolver((network, host) -> List.of(InetAddress.getByName("127.0.0.9")));
			assertThatException()
				.isThrownBy(() -> Calls.withContext(alternate, () -> get.get(this.server.url("nowhere.test"))))
				.withStackTraceContaining("FilteredHostException");
		}
	}

	@Test
	void exchangeFunctionFiltersAndCopiesOfAWebClientWorkAsWithoutNetTrace() {
		try (TracedApplication application = ReactorNettyCaller.WEB_CLIENT.start(this.dns, List.of())) {
			List<String> order = new ArrayList<>();
			WebClient client = application.bean(WebClient.Builder.class)
				.exchangeFunction(ExchangeFunctions.create(reactive(application).build()))
				.filter((request, next) -> {
					order.add("outer");
					return next.exchange(ClientRequest.from(request).header("X-Outer", "1").build());
				})
				.build()
				.mutate()
				.filter((request, next) -> {
					order.add("inner " + request.headers().getFirst("X-Outer"));
					return next.exchange(request);
				})
				.build();
			client.get().uri(this.server.url("good.test")).retrieve().toBodilessEntity().block();
			assertThat(order).containsExactly("outer", "inner 1");
			application
				.awaitTree(outermost("http get\n" + answered("good.test") + connected(1, "127.0.0.9", "good.test")));
		}
	}

	@Test
	void poolIsSharedWhateverIsSet() {
		NetTraceReactorNetty first = instrumentation();
		NetTraceReactorNetty second = instrumentation();
		AddressResolverGroup<?> resolver = ReactorNettyCaller.Names.asking(this.dns.address());
		List<UnaryOperator<HttpClient>> settings = List.of((client) -> client,
				(client) -> client.doOnChannelInit(CHANNEL_INIT), (client) -> client.resolver(resolver),
				(client) -> client.proxy((proxy) -> proxy.type(ProxyProvider.Proxy.HTTP).host("127.0.0.1"))
					.doOnChannelInit(CHANNEL_INIT));
		List<Integer> keys = new ArrayList<>();
		for (UnaryOperator<HttpClient> setting : settings) {
			HttpClient plain = setting.apply(HttpClient.create());
			HttpClient traced = first.instrument(plain);
			assertThat(List.of(second.instrument(setting.apply(HttpClient.create())), first.instrument(traced),
					second.instrument(traced), first.instrument(second.instrument(traced))))
				.extracting((client) -> client.configuration().channelHash())
				.containsOnly(traced.configuration().channelHash());
			HttpClient later = traced.doOnChannelInit(CHANNEL_INIT);
			assertThat(first.instrument(later).configuration().channelHash())
				.isEqualTo(later.configuration().channelHash());
			assertThat(isSharedIfSetLater(traced)).isEqualTo(isSharedIfSetLater(plain));
			keys.addAll(List.of(plain.configuration().channelHash(), traced.configuration().channelHash()));
		}
		assertThat(keys).doesNotHaveDuplicates();
	}

	private static boolean isSharedIfSetLater(HttpClient client) {
		Set<Integer> keys = new HashSet<>();
		for (int i = 0; i < 2; i++) {
			keys.add(client.doOnChannelInit(CHANNEL_INIT).configuration().channelHash());
		}
		return keys.size() == 1;
	}

	@Test
	void proxyThatIsSetOnAnInstrumentedClientGetsTheName() {
		try (SocksProxy proxy = SocksProxy.start(); LoopbackServer local = LoopbackServer.start("127.0.0.1")) {
			HttpClient client = behind(instrumentation().instrument(HttpClient.create()), proxy);
			client.get().uri(local.url("localhost")).response().block();
			assertThat(proxy.connects()).containsExactly(InetSocketAddress.createUnresolved("localhost", local.port()));
			client.noProxy().get().uri(local.url("localhost")).response().block();
			assertThat(proxy.connects()).hasSize(1);
		}
	}

	/**
	 * As without nettrace: Reactor Netty uses a resolver that was set even with a proxy.
	 */
	@Test
	void proxyGetsAnAddressIfTheClientHasAResolverOfItsOwn() {
		try (SocksProxy proxy = SocksProxy.start()) {
			HttpClient client = HttpClient.create().resolver(ReactorNettyCaller.Names.asking(this.dns.address()));
			behind(instrumentation().instrument(client), proxy).get()
				.uri(this.server.url("good.test"))
				.response()
				.block();
			assertThat(proxy.connects()).containsExactly(new InetSocketAddress("127.0.0.9", this.server.port()));
		}
	}

	@Test
	void leavesAFactoryThatItDoesNotKnowAsItIs(CapturedOutput output) {
		new FinishedReactorClient<>(String.class, (client) -> {
			throw new IllegalStateException();
		}).accept("a factory");
		assertThat(output).containsOnlyOnce("Requests of java.lang.String are not traced");
	}

	@Test
	void leavesAClientThatCannotBeInstrumentedAsItIs(CapturedOutput output) {
		HttpClient client = HttpClient.create();
		ReactorClientHttpRequestFactory factory = new ReactorClientHttpRequestFactory(client);
		new FinishedReactorClient<>(ReactorClientHttpRequestFactory.class, (given) -> {
			throw new IllegalStateException("not this one");
		}).accept(factory);
		assertThat(client(factory)).isSameAs(client);
		assertThat(output).contains("ReactorClientHttpRequestFactory are not traced").contains("not this one");
	}

	private static NetTraceReactorNetty instrumentation() {
		return new NetTraceReactorNetty(new NetTracing((client) -> new RecordingNetTrace()), LookupSettings.defaults(),
				LookupThreads.create());
	}

	private static HttpClient behind(HttpClient client, SocksProxy proxy) {
		return client.proxy((spec) -> spec.type(ProxyProvider.Proxy.SOCKS5).socketAddress(proxy.address()));
	}

	/**
	 * A client of Boot's injected builder.
	 */
	private static ReactorNettyCaller.Get injected(TracedApplication application, ReactorNettyCaller caller,
			UnaryOperator<HttpClient> settings) {
		return (caller == ReactorNettyCaller.REST_CLIENT)
				? rest(application, imperative(application).withHttpClientCustomizer(settings).build())
				: web(application, reactive(application).withHttpClientCustomizer(settings).build());
	}

	private static ReactorNettyCaller.Get rest(TracedApplication application, ReactorClientHttpRequestFactory factory) {
		RestClient client = application.bean(RestClient.Builder.class).requestFactory(factory).build();
		return (url) -> client.get().uri(url).retrieve().toBodilessEntity();
	}

	private static ReactorNettyCaller.Get web(TracedApplication application, ReactorClientHttpConnector connector) {
		WebClient client = application.bean(WebClient.Builder.class).clientConnector(connector).build();
		return (url) -> client.get().uri(url).retrieve().toBodilessEntity().block();
	}

	private static ReactorClientHttpRequestFactoryBuilder imperative(TracedApplication application) {
		return (ReactorClientHttpRequestFactoryBuilder) application.bean(ClientHttpRequestFactoryBuilder.class);
	}

	private static ReactorClientHttpConnectorBuilder reactive(TracedApplication application) {
		return (ReactorClientHttpConnectorBuilder) application.bean(ClientHttpConnectorBuilder.class);
	}

	private static String outermost(String tree) {
		return tree.replace("    ", "  ");
	}

}
