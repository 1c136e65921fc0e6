package io.nettrace.client.reactor;

import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.nettrace.Hook;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.NameResolver;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsCnameCache;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsQueryLifecycleObserverFactory;
import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.NoopDnsQueryLifecycleObserverFactory;
import io.netty.resolver.dns.RoundRobinDnsAddressResolverGroup;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.util.concurrent.EventExecutor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The queries of Netty's resolver, sent to servers in this process: each is told of in
 * the lookup that it belongs to.
 */
@SuppressWarnings("NullAway.Init") // the server
class NettyQueriesTests {

	private static final List<String> KUBERNETES = List.of("default.svc.cluster.local", "svc.cluster.local",
			"cluster.local");

	private static DisposableServer server;

	private static LoopResources loops;

	private final DnsServer dns = DnsServer.start();

	private final DnsServer second = DnsServer.start();

	private final RecordedLookups told = new RecordedLookups((server) -> server.equals(this.second.address()));

	private final ConnectionProvider pool = ConnectionProvider.newConnection();

	private final List<AutoCloseable> resolvers = new ArrayList<>();

	@BeforeAll
	static void startServer() {
		server = HttpServer.create()
			.host("127.0.0.1")
			.port(0)
			.handle((request, response) -> response.status(204).send())
			.bindNow();
		loops = LoopResources.create("queries", 1, true);
	}

	@AfterAll
	static void stopServer() {
		server.disposeNow();
		loops.dispose();
	}

	@AfterEach
	void stop() throws Exception {
		for (AutoCloseable resolver : this.resolvers) {
			resolver.close();
		}
		this.dns.close();
		this.second.close();
	}

	private DnsNameResolverBuilder resolver() {
		return new DnsNameResolverBuilder().datagramChannelType(NioDatagramChannel.class)
			.socketChannelType(NioSocketChannel.class)
			.nameServerProvider(new SequentialDnsServerAddressStreamProvider(this.dns.address(), this.second.address()))
			.resolvedAddressTypes(ResolvedAddressTypes.IPV4_PREFERRED)
			.searchDomains(List.of());
	}

	private static DnsNameResolverBuilder inKubernetes(DnsNameResolverBuilder resolver) {
		return resolver.ndots(5).searchDomains(KUBERNETES);
	}

	private DnsAddressResolverGroup group(UnaryOperator<DnsNameResolverBuilder> settings) {
		DnsAddressResolverGroup group = new DnsAddressResolverGroup(settings.apply(resolver()));
		this.resolvers.add(group);
		return group;
	}

	private HttpClient client(UnaryOperator<DnsNameResolverBuilder> settings) {
		return client(group(settings), new NetTracing(this.told));
	}

	private HttpClient client(DnsAddressResolverGroup group, NetTracing tracing) {
		return new NetTraceReactorNetty(tracing, LookupSettings.defaults(), LookupThreads.create())
			.instrument(HttpClient.create(this.pool).runOn(loops, false).resolver(group));
	}

	private List<String> get(HttpClient client, String host) {
		client.get().uri(url(host)).response().onErrorComplete().block(Duration.ofSeconds(20));
		return this.told.of(host);
	}

	private static String url(String host) {
		return "http://" + host + ":" + server.port() + "/";
	}

	@Test
	void eachSearchDomainIsAQuery() {
		this.dns.set("api.example.com", DnsAnswer.addresses("127.0.0.1"));
		assertThat(get(client(NettyQueriesTests::inKubernetes), "api.example.com")).containsExactly("start",
				"A api.example.com.default.svc.cluster.local. NOT_FOUND NXDOMAIN",
				"AAAA api.example.com.default.svc.cluster.local. NOT_FOUND NXDOMAIN",
				"A api.example.com.svc.cluster.local. NOT_FOUND NXDOMAIN",
				"AAAA api.example.com.svc.cluster.local. NOT_FOUND NXDOMAIN",
				"A api.example.com.cluster.local. NOT_FOUND NXDOMAIN",
				"AAAA api.example.com.cluster.local. NOT_FOUND NXDOMAIN", "A api.example.com. ANSWERED NOERROR",
				"AAAA api.example.com. NO_DATA NOERROR", "NAME_SERVER 8 failed 0", "done 1");
		assertThat(this.dns.received()).hasSize(8);
	}

	/**
	 * Also over TCP, after an answer that was truncated.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void eachTransport(boolean isNative) {
		this.dns.set("api.example.com", DnsAnswer.addresses("127.0.0.1", "127.0.0.2").truncated());
		EventLoopGroup eventLoops = loops.onClient(isNative);
		DnsAddressResolverGroup group = group((resolver) -> resolver.ndots(5)
			.searchDomains(List.of("cluster.local"))
			.datagramChannelType(loops.onChannelClass(DatagramChannel.class, eventLoops))
			.socketChannelType(loops.onChannelClass(SocketChannel.class, eventLoops)));
		HttpClient client = new NetTraceReactorNetty(new NetTracing(this.told), LookupSettings.defaults(),
				LookupThreads.create())
			.instrument(HttpClient.create(this.pool).runOn(loops, isNative).resolver(group));
		assertThat(get(client, "api.example.com")).containsExactlyInAnyOrder("start",
				"A api.example.com.cluster.local. NOT_FOUND NXDOMAIN",
				"AAAA api.example.com.cluster.local. NOT_FOUND NXDOMAIN",
				"A api.example.com. ANSWERED NOERROR over TCP", "AAAA api.example.com. NO_DATA NOERROR over TCP",
				"NAME_SERVER 4 failed 0", "done 2");
	}

	@Test
	void aFinalDotSavesThem() {
		this.dns.set("api.example.com", DnsAnswer.addresses("127.0.0.1", "::1"));
		assertThat(get(client(NettyQueriesTests::inKubernetes), "api.example.com.")).containsExactly("start",
				"A api.example.com. ANSWERED NOERROR", "AAAA api.example.com. ANSWERED NOERROR",
				"NAME_SERVER 2 failed 0", "done 2");
	}

	@Test
	void nameThatDoesNotExist() {
		assertThat(get(client((resolver) -> resolver), "lost.example")).containsExactly("start",
				"A lost.example. NOT_FOUND NXDOMAIN", "AAAA lost.example. NOT_FOUND NXDOMAIN", "NAME_SERVER 2 failed 0",
				"done 0");
	}

	@Test
	void serverThatFailsAndTheNext() {
		this.dns.set("broken.example", DnsAnswer.failure());
		this.second.set("broken.example", DnsAnswer.addresses("127.0.0.1"));
		assertThat(get(client((resolver) -> resolver.resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)),
				"broken.example"))
			.containsExactly("start", "A broken.example. ERROR SERVFAIL",
					"A broken.example. ANSWERED NOERROR at another server", "NAME_SERVER 2 failed 1", "done 1");
	}

	@Test
	void serverThatIsSilentAndTheNext() {
		this.dns.set("silent.example", DnsAnswer.silence());
		this.second.set("silent.example", DnsAnswer.addresses("127.0.0.1"));
		assertThat(get(client(
				(resolver) -> resolver.resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY).queryTimeoutMillis(500)),
				"silent.example"))
			.containsExactly("start", "A silent.example. TIMED_OUT null",
					"A silent.example. ANSWERED NOERROR at another server", "NAME_SERVER 2 failed 1", "done 1");
	}

	@Test
	void truncatedAnswerComesOverTcp() {
		this.dns.set("long.example", DnsAnswer.addresses("127.0.0.1", "127.0.0.2").truncated());
		assertThat(get(client((resolver) -> resolver.resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)),
				"long.example"))
			.containsExactly("start", "A long.example. ANSWERED NOERROR over TCP", "NAME_SERVER 1 failed 0", "done 2");
		assertThat(this.dns.received()).containsExactly("A long.example", "A long.example over TCP");
	}

	@Test
	void serverThatDeniesTheNameForOneType() {
		this.dns.set("odd.example", DnsAnswer.addresses("127.0.0.1")).set("odd.example", "AAAA", DnsAnswer.unknown());
		assertThat(get(client((resolver) -> resolver), "odd.example")).containsExactly("start",
				"A odd.example. ANSWERED NOERROR", "AAAA odd.example. NOT_FOUND NXDOMAIN", "NAME_SERVER 2 failed 0",
				"done 1");
	}

	@Test
	void aliasIsFollowed() {
		this.dns.set("alias.example", DnsAnswer.alias("target.example.net"))
			.set("target.example.net", DnsAnswer.addresses("127.0.0.1"));
		assertThat(get(client((resolver) -> resolver.resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)),
				"alias.example"))
			.containsExactly("start", "A alias.example. ANSWERED NOERROR",
					"A target.example.net. ANSWERED NOERROR for alias.example.", "NAME_SERVER 2 failed 0", "done 1");
	}

	@Test
	void answerOfNettysCacheTookNoQuery() {
		this.dns.set("cached.example", DnsAnswer.addresses("127.0.0.1"));
		HttpClient client = client((resolver) -> resolver.ttl(60, 60));
		get(client, "cached.example");
		this.told.clear();
		assertThat(get(client, "cached.example")).containsExactly("start", "LOCAL 0 failed 0", "done 1");
		assertThat(this.dns.received()).hasSize(2);
	}

	/**
	 * What was looked up before there were observers says nothing of later lookups.
	 */
	@Test
	void resolverThatWasMadeBeforeTellsNothing() {
		this.dns.set("early.example", DnsAnswer.addresses("127.0.0.1"));
		DnsAddressResolverGroup group = group((resolver) -> resolver.ttl(60, 60));
		HttpClient.create(this.pool)
			.runOn(loops, false)
			.resolver(group)
			.get()
			.uri(url("early.example"))
			.response()
			.block(Duration.ofSeconds(20));
		HttpClient client = client(group, new NetTracing(this.told));
		assertThat(get(client, "early.example")).containsExactly("start", "done 1");
		assertThat(get(client, "unknown.example")).containsExactly("start", "done 0");
	}

	@Test
	void answerThatIsNotWaitedForIsCancelled() {
		this.dns.set("both.example", DnsAnswer.addresses("127.0.0.1")).set("both.example", "AAAA", DnsAnswer.silence());
		assertThat(get(client((resolver) -> resolver.completeOncePreferredResolved(true)), "both.example"))
			.containsExactly("start", "A both.example. ANSWERED NOERROR", "AAAA both.example. CANCELLED null",
					"NAME_SERVER 2 failed 0", "done 1");
	}

	@Test
	void cancelledRequestTellsWhatItWaitedFor() {
		this.dns.set("slow.example", DnsAnswer.silence());
		HttpClient client = client((resolver) -> resolver.resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY));
		Disposable request = client.get().uri(url("slow.example")).response().subscribe();
		this.dns.awaitQueries("slow.example", "A", 1);
		request.dispose();
		await().atMost(Duration.ofSeconds(20))
			.untilAsserted(() -> assertThat(this.told.of("slow.example")).containsExactly("start",
					"A slow.example. CANCELLED null", "NAME_SERVER 1 failed 0", "done 0"));
	}

	/**
	 * Also names that begin with another one, and aliases that Netty has in its cache, so
	 * that their queries have no name in common with the lookup.
	 */
	@Test
	void fiftyNamesAtOnceOnOneEventLoopHaveEachTheirOwn() {
		HttpClient client = client((resolver) -> inKubernetes(resolver).maxQueriesPerResolve(64));
		CompletableFuture<Void> release = new CompletableFuture<>();
		List<String> names = Stream
			.concat(Stream.of("foo", "foo.default", "foo.default.svc", "foo.default.svc.cluster"),
					IntStream.range(0, 46).mapToObj((i) -> "name" + i))
			.toList();
		for (String name : names) {
			this.dns.set(name, DnsAnswer.addresses("127.0.0.1").after(release));
		}
		List<CompletableFuture<?>> requests = new ArrayList<>();
		for (String name : names) {
			requests.add(client.get().uri(url(name)).response().toFuture());
		}
		names.forEach((name) -> this.dns.awaitQueries(name, "A", 1));
		release.complete(null);
		CompletableFuture.allOf(requests.toArray(CompletableFuture[]::new)).join();
		for (String name : names) {
			assertThat(this.told.of(name)).as(name).containsExactlyElementsOf(expected(name));
		}
	}

	private static List<String> expected(String name) {
		List<String> expected = new ArrayList<>(List.of("start"));
		for (String domain : KUBERNETES) {
			expected.add("A " + name + "." + domain + ". NOT_FOUND NXDOMAIN");
			expected.add("AAAA " + name + "." + domain + ". NOT_FOUND NXDOMAIN");
		}
		expected.addAll(List.of("A " + name + ". ANSWERED NOERROR", "AAAA " + name + ". NO_DATA NOERROR",
				"NAME_SERVER 8 failed 0", "done 1"));
		return expected;
	}

	@Test
	void fiftyAliasesInTheCacheHaveEachTheirOwn() {
		HttpClient client = client((resolver) -> resolver.resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)
			.cnameCache(new KeptAliases()));
		List<String> names = IntStream.range(0, 50).mapToObj((i) -> "alias" + i).toList();
		for (String name : names) {
			this.dns.set(name, DnsAnswer.alias("of-" + name)).set("of-" + name, DnsAnswer.addresses("127.0.0.1"));
			get(client, name);
		}
		this.told.clear();
		Flux.fromIterable(names)
			.flatMap((name) -> client.get().uri(url(name)).response(), 50)
			.blockLast(Duration.ofSeconds(20));
		for (String name : names) {
			assertThat(this.told.of(name)).as(name)
				.containsExactly("start", "A of-" + name + ". ANSWERED NOERROR", "NAME_SERVER 1 failed 0", "done 1");
		}
	}

	/**
	 * Found in the second search domain: what follows the end of a query has no name in
	 * common with its lookup.
	 */
	@Test
	void fiftyAliasesOfASearchDomainHaveEachTheirOwn() {
		HttpClient client = client((resolver) -> resolver.resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)
			.cnameCache(new KeptAliases())
			.ndots(2)
			.searchDomains(List.of("first.test", "second.test")));
		List<String> names = IntStream.range(0, 50).mapToObj((i) -> "found" + i).toList();
		for (String name : names) {
			this.dns.set(name + ".second.test", DnsAnswer.alias("of-" + name))
				.set("of-" + name, DnsAnswer.addresses("127.0.0.1"));
			get(client, name);
		}
		this.told.clear();
		Flux.fromIterable(names)
			.flatMap((name) -> client.get().uri(url(name)).response(), 50)
			.blockLast(Duration.ofSeconds(20));
		for (String name : names) {
			assertThat(this.told.of(name)).as(name)
				.containsExactly("start", "A " + name + ".first.test. NOT_FOUND NXDOMAIN",
						"A of-" + name + ". ANSWERED NOERROR", "NAME_SERVER 2 failed 0", "done 1");
		}
	}

	/**
	 * Netty's cache keeps nothing that has no time to live.
	 */
	private static final class KeptAliases implements DnsCnameCache {

		private final Map<String, String> aliases = new ConcurrentHashMap<>();

		@Override
		public @Nullable String get(String hostname) {
			return this.aliases.get(hostname);
		}

		@Override
		public void cache(String hostname, String cname, long ttl, EventLoop loop) {
			this.aliases.put(hostname, cname);
		}

		@Override
		public void clear() {
			this.aliases.clear();
		}

		@Override
		public boolean clear(String hostname) {
			return this.aliases.remove(hostname) != null;
		}

	}

	@Test
	void observerOfTheApplicationStays() {
		List<String> observed = Collections.synchronizedList(new ArrayList<>());
		DnsQueryLifecycleObserverFactory own = (question) -> {
			observed.add(question.name());
			return NoopDnsQueryLifecycleObserverFactory.INSTANCE.newDnsQueryLifecycleObserver(question);
		};
		this.dns.set("own.example", DnsAnswer.addresses("127.0.0.1"));
		HttpClient client = client((resolver) -> resolver.resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)
			.dnsQueryLifecycleObserverFactory(own));
		assertThat(get(client, "own.example")).contains("A own.example. ANSWERED NOERROR");
		assertThat(observed).containsOnly("own.example.");
	}

	/**
	 * By the setters and constructors that an application may use.
	 */
	@Test
	@SuppressWarnings("deprecation") // there they are
	void groupsOfTheApplicationInAnyForm() {
		this.dns.set("made.example", DnsAnswer.addresses("127.0.0.1"));
		SequentialDnsServerAddressStreamProvider servers = new SequentialDnsServerAddressStreamProvider(
				this.dns.address());
		Map<String, DnsAddressResolverGroup> groups = Map.of("factories",
				group((resolver) -> resolver.channelFactory(NioDatagramChannel::new)
					.socketChannelFactory(NioSocketChannel::new)),
				"types", group((resolver) -> resolver.channelType(NioDatagramChannel.class)), "by type",
				new DnsAddressResolverGroup(NioDatagramChannel.class, servers), "by factory",
				new DnsAddressResolverGroup(NioDatagramChannel::new, servers), "in turn",
				new RoundRobinDnsAddressResolverGroup(resolver()));
		this.resolvers.addAll(groups.values());
		groups.forEach((form, group) -> {
			this.told.clear();
			assertThat(get(client(group, new NetTracing(this.told)), "made.example.")).as(form)
				.startsWith("start", "A made.example. ANSWERED NOERROR")
				.endsWith("done 1")
				.anyMatch((event) -> event.startsWith("NAME_SERVER "));
		});
	}

	/**
	 * A group that makes its resolvers with another builder than the one that it was
	 * given: nothing is claimed of queries that are not seen.
	 */
	@Test
	void groupWithResolversOfItsOwnTellsNothing() {
		this.dns.set("own.example", DnsAnswer.addresses("127.0.0.1"));
		DnsAddressResolverGroup group = new DnsAddressResolverGroup(resolver()) {

			@Override
			protected NameResolver<InetAddress> newNameResolver(EventLoop eventLoop,
					ChannelFactory<? extends DatagramChannel> channels, DnsServerAddressStreamProvider servers) {
				return resolver().ttl(60, 60).eventLoop(eventLoop).build();
			}

		};
		this.resolvers.add(group);
		HttpClient client = client(group, new NetTracing(this.told));
		assertThat(get(client, "own.example")).containsExactly("start", "done 1");
		this.told.clear();
		assertThat(get(client, "own.example")).as("from the cache").containsExactly("start", "done 1");
		assertThat(this.dns.received()).hasSize(2);
	}

	/**
	 * Makes its resolvers by hand, with an observer of the application's.
	 */
	private static final class ByHand extends AddressResolverGroup<InetSocketAddress> {

		private final DnsNameResolverBuilder resolver;

		ByHand(DnsNameResolverBuilder resolver) {
			this.resolver = resolver;
		}

		@Override
		protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
			return this.resolver.copy().eventLoop((EventLoop) executor).build().asAddressResolver();
		}

	}

	@Test
	void resolversMadeByHandShowTheirQueriesIfAskedTo() {
		this.dns.set("hand.example", DnsAnswer.addresses("127.0.0.1"));
		List<String> observed = Collections.synchronizedList(new ArrayList<>());
		DnsNameResolverBuilder builder = resolver().resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)
			.dnsQueryLifecycleObserverFactory((question) -> {
				observed.add(question.name());
				return NoopDnsQueryLifecycleObserverFactory.INSTANCE.newDnsQueryLifecycleObserver(question);
			});
		NetTraceReactorNetty netTrace = new NetTraceReactorNetty(new NetTracing(this.told), LookupSettings.defaults(),
				LookupThreads.create());
		try (ByHand untold = new ByHand(builder.copy()); ByHand group = new ByHand(builder)) {
			netTrace.showQueries(group, builder);
			netTrace.showQueries(group, builder); // once
			HttpClient plain = HttpClient.create(this.pool).runOn(loops, false);
			assertThat(get(netTrace.instrument(plain.resolver(group)), "hand.example")).containsExactly("start",
					"A hand.example. ANSWERED NOERROR", "NAME_SERVER 1 failed 0", "done 1");
			this.told.clear();
			assertThat(get(netTrace.instrument(plain.resolver(untold)), "hand.example")).containsExactly("start",
					"done 1");
		}
		assertThat(observed).containsExactly("hand.example.", "hand.example.");
		assertThat(this.dns.received()).hasSize(2);
	}

	@Test
	void lookupsOfOthersAreNobodys() {
		this.dns.set("traced.example", DnsAnswer.silence());
		DnsAddressResolverGroup group = group(
				(resolver) -> resolver.resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY).queryTimeoutMillis(200));
		HttpClient traced = client(group, new NetTracing(this.told));
		CompletableFuture<?> request = traced.get().uri(url("traced.example")).response().onErrorComplete().toFuture();
		this.dns.awaitQueries("traced.example", "A", 1);
		HttpClient.create(this.pool)
			.runOn(loops, false)
			.resolver(group)
			.get()
			.uri(url("untraced.example"))
			.response()
			.onErrorComplete()
			.block(Duration.ofSeconds(20));
		request.join();
		assertThat(this.dns.received()).contains("A untraced.example");
		assertThat(this.told.of("traced.example")).noneMatch((event) -> event.contains("untraced"));
	}

	@Test
	void nothingIsToldIfTheHookIsOff() {
		this.dns.set("off.example", DnsAnswer.addresses("127.0.0.1"));
		Set<Hook> hooks = EnumSet.complementOf(EnumSet.of(Hook.DNS_ANSWER));
		NetTracing tracing = new NetTracing(() -> List.of(this.told), List::of, hooks);
		assertThat(get(client(group((resolver) -> resolver), tracing), "off.example")).containsExactly("start",
				"done 1");
	}

	/**
	 * The resolver outlives the application, as Reactor Netty's default one does.
	 */
	@Test
	void resolverHoldsNothing() {
		this.dns.set("held.example", DnsAnswer.addresses("127.0.0.1"));
		this.dns.set("given-up.example", DnsAnswer.silence());
		DnsAddressResolverGroup group = group(
				(resolver) -> resolver.resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY));
		WeakReference<?> tracing = use(group);
		await().atMost(Duration.ofSeconds(20)).until(() -> {
			System.gc();
			return tracing.get() == null;
		});
	}

	private WeakReference<?> use(DnsAddressResolverGroup group) {
		try (NetTracing tracing = new NetTracing(this.told)) {
			HttpClient client = client(group, tracing);
			assertThat(get(client, "held.example")).contains("NAME_SERVER 1 failed 0");
			Disposable request = client.get().uri(url("given-up.example")).response().subscribe();
			this.dns.awaitQueries("given-up.example", "A", 1);
			request.dispose();
			return new WeakReference<>(tracing);
		}
	}

}
