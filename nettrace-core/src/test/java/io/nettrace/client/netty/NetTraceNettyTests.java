package io.nettrace.client.netty;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import javax.net.ssl.SSLHandshakeException;

import io.nettrace.DnsAnswerInfo;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.TlsInfo;
import io.nettrace.TraceRecorder;
import io.nettrace.client.Keystore;
import io.nettrace.client.RecordedHooks;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.DefaultAddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

@SuppressWarnings("try") // a scope is only opened and closed
class NetTraceNettyTests {

	private static final EventLoopGroup EVENT_LOOPS = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

	private static final ChannelHandler NOTHING_MORE = new ChannelInitializer<>() {

		@Override
		protected void initChannel(Channel channel) {
		}

	};

	private final TraceRecorder recorder = new TraceRecorder();

	@AfterAll
	static void stop() {
		EVENT_LOOPS.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
	}

	@Test
	void firesTheHooksOfALookupAndAnAttempt() throws IOException {
		try (ServerSocket server = listen()) {
			assertThat(connect(bootstrap(NOTHING_MORE), "localhost.test", server.getLocalPort(), this.recorder)
				.isSuccess()).isTrue();
			assertThat(this.recorder.events()).containsExactly("dnsStart localhost.test", "dnsDone [127.0.0.1]",
					"connectStart tcp 127.0.0.1 " + server.getLocalPort(),
					"connectDone tcp 127.0.0.1 " + server.getLocalPort());
		}
	}

	@Test
	void failsAsTheBootstrapDoes() throws IOException {
		int port;
		try (ServerSocket server = listen()) {
			port = server.getLocalPort();
		}
		ChannelFuture refused = connect(bootstrap(NOTHING_MORE), "localhost.test", port, this.recorder);
		assertThat(refused.cause()).isInstanceOf(ConnectException.class);
		ChannelFuture unknown = connect(bootstrap(NOTHING_MORE), "unknown.test", port, this.recorder);
		assertThat(unknown.cause()).isExactlyInstanceOf(UnknownHostException.class).hasMessage("unknown.test");
		assertThat(this.recorder.events()).containsExactly("dnsStart localhost.test", "dnsDone [127.0.0.1]",
				"connectStart tcp 127.0.0.1 " + port,
				"connectDone tcp 127.0.0.1 " + port + " " + refused.cause().getClass().getSimpleName(),
				"dnsStart unknown.test", "dnsDone [] UnknownHostException");
	}

	/**
	 * The name is too long for a label, so that nothing is asked.
	 */
	@Test
	void saysThatTheJvmHadTheFailureInItsCache() {
		RecordedHooks hooks = new RecordedHooks();
		String name = "y".repeat(64) + ".netty.invalid";
		Bootstrap bootstrap = bootstrap(NOTHING_MORE).resolver(DefaultAddressResolverGroup.INSTANCE);
		try (NetTracing tracing = new NetTracing((request) -> hooks.trace())) {
			for (int i = 0; i < 2; i++) {
				netTrace(tracing).connects(bootstrap);
				assertThat(bootstrap.connect(name, 80).awaitUninterruptibly().cause())
					.isExactlyInstanceOf(UnknownHostException.class);
			}
		}
		assertThat(hooks.all(DnsAnswerInfo.class)).last()
			.extracting(DnsAnswerInfo::source)
			.isEqualTo(DnsAnswerInfo.Source.JVM_CACHE);
	}

	@Test
	void anAddressIsNotLookedUp() throws IOException {
		try (ServerSocket server = listen()) {
			assertThat(connect(bootstrap(NOTHING_MORE), "127.0.0.1", server.getLocalPort(), this.recorder).isSuccess())
				.isTrue();
			assertThat(this.recorder.events()).containsExactly("connectStart tcp 127.0.0.1 " + server.getLocalPort(),
					"connectDone tcp 127.0.0.1 " + server.getLocalPort());
		}
	}

	/**
	 * As when a library reconnects by itself.
	 */
	@Test
	void furtherConnectionsDoNotBelongToTheThreadOfTheFirst() throws IOException {
		TraceRecorder any = new TraceRecorder();
		try (ServerSocket server = listen(); NetTracing tracing = new NetTracing((request) -> any)) {
			Bootstrap bootstrap = bootstrap(NOTHING_MORE);
			InetSocketAddress name = InetSocketAddress.createUnresolved("localhost.test", server.getLocalPort());
			ChannelFuture first;
			try (NetTraceContext.Scope bound = NetTraceContext.current().withTrace(this.recorder).open()) {
				netTrace(tracing).connects(bootstrap);
				first = bootstrap.connect(name);
			}
			close(first);
			close(bootstrap.connect(name));
			assertThat(any.events()).hasSize(8);
			assertThat(this.recorder.events()).hasSize(4);
		}
	}

	@Test
	void holdsNothingOfTheFirstConnection() throws IOException {
		try (ServerSocket server = listen(); NetTracing tracing = new NetTracing()) {
			Bootstrap bootstrap = bootstrap(NOTHING_MORE);
			ChannelFuture open = bootstrap.clone().connect("127.0.0.1", server.getLocalPort());
			WeakReference<?> trace = connectBoundTo(tracing, bootstrap, server.getLocalPort());
			Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
				System.gc();
				return trace.get() == null;
			});
			assertThat(bootstrap.config().attrs()).isNotEmpty();
			close(open);
		}
	}

	private static WeakReference<?> connectBoundTo(NetTracing tracing, Bootstrap bootstrap, int port) {
		NetTrace trace = new RecordedHooks().trace();
		try (NetTraceContext.Scope bound = NetTraceContext.current().withTrace(trace).open()) {
			netTrace(tracing).connects(bootstrap);
			bootstrap.connect(InetSocketAddress.createUnresolved("localhost.test", port)).syncUninterruptibly();
		}
		return new WeakReference<>(trace);
	}

	/**
	 * A bootstrap is asked to connect by a thread with another alternate resolver.
	 */
	@Test
	void asksTheAlternateResolver() throws IOException {
		try (ServerSocket server = listen(); NetTracing tracing = new NetTracing()) {
			Bootstrap bootstrap = bootstrap(NOTHING_MORE);
			ChannelFuture connected;
			try (NetTraceContext.Scope bound = NetTraceContext.current()
				.withResolver((network, host) -> List.of(InetAddress.getByName("127.0.0.1")))
				.open()) {
				netTrace(tracing).connects(bootstrap);
				connected = bootstrap
					.connect(InetSocketAddress.createUnresolved("unknown.test", server.getLocalPort()));
			}
			close(connected);
			assertThat(connected.isSuccess()).isTrue();
		}
	}

	@Test
	void firesTheHooksOfAHandshake(@TempDir Path directory)
			throws IOException, InterruptedException, GeneralSecurityException {
		KeyStore keystore = Keystore.create(directory, "localhost.test");
		X509Certificate certificate = (X509Certificate) keystore.getCertificate("server");
		SslContext serverTls = SslContextBuilder
			.forServer((PrivateKey) keystore.getKey("server", Keystore.PASSWORD), certificate)
			.build();
		Channel server = new ServerBootstrap().group(EVENT_LOOPS)
			.channel(NioServerSocketChannel.class)
			.childHandler(initializer((channel) -> channel.pipeline().addLast(serverTls.newHandler(channel.alloc()))))
			.bind("127.0.0.1", 0)
			.syncUninterruptibly()
			.channel();
		int port = ((InetSocketAddress) server.localAddress()).getPort();
		assertThat(handshake(SslContextBuilder.forClient().trustManager(certificate).build(), port))
			.satisfies((info) -> assertThat(info.error()).isNull())
			.extracting(TlsInfo::version)
			.isEqualTo("TLSv1.3");
		assertThat(handshake(SslContextBuilder.forClient().build(), port).error())
			.isInstanceOf(SSLHandshakeException.class);
		server.close().syncUninterruptibly();
	}

	private static TlsInfo handshake(SslContext tls, int port) {
		RecordedHooks hooks = new RecordedHooks();
		ChannelHandler initializer = initializer(
				(channel) -> channel.pipeline().addLast(tls.newHandler(channel.alloc(), "localhost.test", port)));
		try (NetTracing tracing = new NetTracing((request) -> hooks.trace())) {
			Bootstrap bootstrap = bootstrap(initializer);
			netTrace(tracing).connects(bootstrap);
			ChannelFuture connected = bootstrap.connect("localhost.test", port);
			Awaitility.await().until(() -> hooks.all(TlsInfo.class).size() == 2);
			close(connected);
		}
		assertThat(hooks.all(TlsInfo.class)).extracting(TlsInfo::serverName).containsOnly("localhost.test");
		return hooks.all(TlsInfo.class).get(1);
	}

	/**
	 * As for a library that shows nothing of its bootstrap.
	 */
	@Test
	void firesTheHooksOfAChannelThatAFactoryHasMade() throws IOException {
		int refusing;
		try (ServerSocket server = listen()) {
			refusing = server.getLocalPort();
		}
		try (ServerSocket server = listen(); NetTracing tracing = new NetTracing((request) -> this.recorder)) {
			Bootstrap bootstrap = new Bootstrap().group(EVENT_LOOPS)
				.channelFactory(NetTraceNetty.channelFactory("test", tracing, NioSocketChannel::new))
				.resolver(new LocalhostOnly())
				.handler(NOTHING_MORE);
			close(bootstrap.connect("localhost.test", server.getLocalPort()));
			close(bootstrap.connect("localhost.test", refusing));
			assertThat(this.recorder.events()).containsExactly("connectStart tcp 127.0.0.1 " + server.getLocalPort(),
					"connectDone tcp 127.0.0.1 " + server.getLocalPort(), "connectStart tcp 127.0.0.1 " + refusing,
					"connectDone tcp 127.0.0.1 " + refusing + " AnnotatedConnectException");
		}
	}

	/**
	 * As a pool does, which makes its connections on an event loop of its own.
	 */
	@Test
	void aChannelBelongsToTheRequestForWhichAnEventLoopMakesIt() throws IOException {
		TraceRecorder any = new TraceRecorder();
		try (ServerSocket server = listen(); NetTracing tracing = new NetTracing((request) -> any)) {
			EventLoopGroup loops = NetTraceNetty.eventLoops("test", tracing, 2, new DefaultThreadFactory("test"));
			EventLoop pool = loops.next();
			Bootstrap bootstrap = new Bootstrap().group(loops)
				.channelFactory(NetTraceNetty.channelFactory("test", tracing, NioSocketChannel::new))
				.handler(NOTHING_MORE)
				.remoteAddress(server.getLocalSocketAddress());
			Promise<String> answer = pool.newPromise();
			Promise<Void> nothing = pool.newPromise();
			Promise<String> failure = pool.newPromise();
			try (NetTraceContext.Scope bound = NetTraceContext.current().withTrace(this.recorder).open()) {
				close(connectOn(pool, pool, bootstrap));
				close(connectOn(pool, loops.next(), bootstrap));
			}
			assertThat(this.recorder.events()).hasSize(4);
			assertThat(any.events()).hasSize(4);
			Queue<ChannelFuture> connected = new ConcurrentLinkedQueue<>();
			FutureListener<Object> connect = (future) -> connected.add(bootstrap.connect());
			try (NetTraceContext.Scope bound = NetTraceContext.current().withTrace(this.recorder).open()) {
				pool.submit(() -> {
					answer.addListener(connect);
					nothing.addListener(connect);
					failure.addListener(connect);
				}).syncUninterruptibly();
			}
			answer.setSuccess("answer");
			Awaitility.await().until(() -> connected.size() == 1);
			close(connected.remove());
			assertThat(this.recorder.events()).hasSize(6);
			assertThat(any.events()).hasSize(6);
			// what follows is for others
			nothing.setSuccess(null);
			failure.setFailure(new IOException("for the test"));
			Awaitility.await().until(() -> connected.size() == 2);
			connected.forEach(NetTraceNettyTests::close);
			assertThat(this.recorder.events()).hasSize(6);
			assertThat(any.events()).hasSize(10);
			tracing.close();
			assertThat(pool.submit(CarriedRequest::current).syncUninterruptibly().getNow()).isNull();
			loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
		}
	}

	private static ChannelFuture connectOn(EventLoop first, EventLoop second, Bootstrap bootstrap) {
		Queue<ChannelFuture> connected = new ConcurrentLinkedQueue<>();
		first.execute(() -> second.execute(() -> connected.add(bootstrap.connect())));
		Awaitility.await().until(() -> !connected.isEmpty());
		return connected.remove();
	}

	@Test
	@SuppressWarnings("unchecked") // Netty's signature
	void aListenerCanBeRemoved() {
		try (NetTracing tracing = new NetTracing()) {
			EventLoopGroup loops = NetTraceNetty.eventLoops("test", tracing, 1, new DefaultThreadFactory("test"));
			Promise<String> promise = loops.next().newPromise();
			List<String> called = new CopyOnWriteArrayList<>();
			FutureListener<String> stays = (future) -> called.add("stays");
			FutureListener<String> goes = (future) -> called.add("goes");
			promise.addListeners(goes, stays, goes);
			promise.removeListeners(goes, goes);
			promise.setSuccess("");
			loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
			assertThat(called).containsExactly("stays");
		}
	}

	/**
	 * gRPC's handler of TLS comes when the channel is connected, PostgreSQL's when the
	 * server has answered.
	 */
	@Test
	void firesTheHooksOfAHandshakeThatComesLater(@TempDir Path directory)
			throws IOException, InterruptedException, GeneralSecurityException {
		KeyStore keystore = Keystore.create(directory, "localhost.test");
		X509Certificate certificate = (X509Certificate) keystore.getCertificate("server");
		SslContext serverTls = SslContextBuilder
			.forServer((PrivateKey) keystore.getKey("server", Keystore.PASSWORD), certificate)
			.build();
		SslContext tls = SslContextBuilder.forClient().trustManager(certificate).build();
		ChannelHandler whenConnected = new ChannelInboundHandlerAdapter() {

			@Override
			public void channelActive(ChannelHandlerContext context) {
				context.pipeline().addFirst(tls.newHandler(context.alloc(), "localhost.test", 1));
				context.fireChannelActive();
			}

		};
		ChannelHandler whenAnswered = new ChannelInboundHandlerAdapter() {

			@Override
			public void channelRead(ChannelHandlerContext context, Object message) {
				ReferenceCountUtil.release(message);
				context.pipeline().remove(this).addFirst(tls.newHandler(context.alloc(), "localhost.test", 1));
			}

		};
		Channel server = listen(serverTls, false);
		assertThat(handshakes(server, whenConnected, false)).extracting(TlsInfo::error).containsExactly(null, null);
		server.close().syncUninterruptibly();
		Channel answering = listen(serverTls, true);
		assertThat(handshakes(answering, whenAnswered, true)).extracting(TlsInfo::error).containsExactly(null, null);
		answering.close().syncUninterruptibly();
	}

	/**
	 * A server that shakes hands at once, or when it has sent its one byte in plain.
	 */
	private static Channel listen(SslContext tls, boolean startTls) {
		return new ServerBootstrap().group(EVENT_LOOPS)
			.channel(NioServerSocketChannel.class)
			.childHandler(new ChannelInboundHandlerAdapter() {

				@Override
				@SuppressWarnings("FutureReturnValueIgnored") // the client hears
				public void channelActive(ChannelHandlerContext context) {
					if (startTls) {
						context.writeAndFlush(Unpooled.wrappedBuffer(new byte[] { 'S' }));
					}
					context.pipeline().addFirst(tls.newHandler(context.alloc()));
				}

				@Override
				public boolean isSharable() {
					return true;
				}

			})
			.bind("127.0.0.1", 0)
			.syncUninterruptibly()
			.channel();
	}

	private static List<TlsInfo> handshakes(Channel server, ChannelHandler handler, boolean startTls) {
		RecordedHooks hooks = new RecordedHooks();
		try (NetTracing tracing = new NetTracing((request) -> hooks.trace())) {
			ChannelFuture connected = new Bootstrap().group(EVENT_LOOPS)
				.channelFactory(
						startTls ? NetTraceNetty.channelFactoryForStartTls("test", tracing, NioSocketChannel::new)
								: NetTraceNetty.channelFactory("test", tracing, NioSocketChannel::new))
				.handler(handler)
				.connect(server.localAddress());
			Awaitility.await().until(() -> hooks.all(TlsInfo.class).size() == 2);
			assertThat(connected.channel().pipeline().names()).noneMatch((name) -> name.contains("ConnectHandler"));
			close(connected);
		}
		return hooks.all(TlsInfo.class);
	}

	@Test
	void anAttemptMayBelongToTheThreadThatMakesTheChannel() throws IOException {
		TraceRecorder any = new TraceRecorder();
		try (ServerSocket server = listen(); NetTracing tracing = new NetTracing((request) -> any)) {
			Bootstrap bootstrap = new Bootstrap().group(EVENT_LOOPS)
				.channelFactory(NetTraceNetty.channelFactoryForStartTls("test", tracing, NioSocketChannel::new))
				.handler(NOTHING_MORE);
			ChannelFuture connected;
			try (NetTraceContext.Scope bound = NetTraceContext.current().withTrace(this.recorder).open()) {
				connected = bootstrap.connect("127.0.0.1", server.getLocalPort());
			}
			close(connected);
			assertThat(this.recorder.events()).hasSize(2).isEqualTo(any.events());
		}
	}

	@Test
	void hooksThatAreOffAreNotCalled() throws IOException {
		try (ServerSocket server = listen();
				NetTracing tracing = new NetTracing(() -> List.of((request) -> this.recorder), List::of,
						Set.of(Hook.CONNECT))) {
			Bootstrap bootstrap = bootstrap(NOTHING_MORE);
			netTrace(tracing).connects(bootstrap);
			close(bootstrap.connect("localhost.test", server.getLocalPort()));
			assertThat(this.recorder.events()).hasSize(2).allMatch((event) -> event.startsWith("connect"));
		}
	}

	private static ServerSocket listen() throws IOException {
		return new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
	}

	private static ChannelFuture connect(Bootstrap bootstrap, String host, int port, NetTrace trace) {
		try (NetTracing tracing = new NetTracing((request) -> trace)) {
			netTrace(tracing).connects(bootstrap);
			ChannelFuture connected = bootstrap.connect(host, port);
			close(connected);
			return connected;
		}
	}

	private static void close(ChannelFuture connected) {
		connected.awaitUninterruptibly();
		connected.channel().close().syncUninterruptibly();
	}

	private static NetTraceNetty netTrace(NetTracing tracing) {
		return new NetTraceNetty("test", tracing, LookupSettings.defaults(), LookupThreads.create());
	}

	private static Bootstrap bootstrap(ChannelHandler handlers) {
		return new Bootstrap().group(EVENT_LOOPS)
			.channel(NioSocketChannel.class)
			.resolver(new LocalhostOnly())
			.handler(initializer((channel) -> {
				channel.pipeline().addLast(handlers);
				NetTraceNetty.connects(channel);
			}));
	}

	private static ChannelHandler initializer(Consumer<Channel> init) {
		return new ChannelInitializer<>() {

			@Override
			protected void initChannel(Channel channel) {
				init.accept(channel);
			}

		};
	}

	private static final class LocalhostOnly extends AddressResolverGroup<InetSocketAddress> {

		@Override
		protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
			return new InetNameResolver(executor) {

				@Override
				protected void doResolve(String host, Promise<InetAddress> promise) throws Exception {
					if (host.equals("unknown.test")) {
						promise.setFailure(new UnknownHostException(host));
					}
					else {
						promise.setSuccess(InetAddress.getByName("127.0.0.1"));
					}
				}

				@Override
				protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
					throw new UnsupportedOperationException();
				}

			}.asAddressResolver();
		}

	}

}
