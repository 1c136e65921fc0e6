package io.nettrace.dial;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.TraceRecorder;
import io.nettrace.concurrent.TestThreads;
import io.nettrace.concurrent.Threads;
import io.nettrace.instrument.NetTraceAddress;
import io.nettrace.instrument.NetTracing;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The dialer with real sockets on loopback.
 */
@Timeout(60)
class RealSocketTests {

	private static final Duration SHORT = Duration.ofMillis(20);

	private final Tracking<SocketChannel> channels = new Tracking<>(new SocketChannelConnector(),
			SocketChannel::isOpen);

	private final Tracking<Socket> sockets = new Tracking<>(new SocketConnector(), (socket) -> !socket.isClosed());

	private final Waiting trace = new Waiting();

	private final List<AutoCloseable> targets = new ArrayList<>();

	private final List<Closeable> connections = new ArrayList<>();

	private DialSettings settings = DialSettings.defaults().withFallbackDelay(SHORT);

	@BeforeEach
	@AfterEach
	void noInterruptionIsLeft() {
		assertThat(Thread.interrupted()).isFalse();
	}

	@AfterEach
	void everySocketButTheConnectionIsClosed() throws Exception {
		assertThat(this.channels.open()).isSubsetOf(this.connections);
		assertThat(this.sockets.open()).isSubsetOf(this.connections);
		for (Closeable connection : this.connections) {
			connection.close();
		}
		for (AutoCloseable target : this.targets) {
			target.close();
		}
	}

	@Test
	void connectionIsUsable() throws IOException {
		ServerSocket server = listen("127.0.0.1");
		SocketChannel channel = dial(address(server));
		assertThat(channel.isConnected()).isTrue();
		assertThat(channel.getRemoteAddress()).isEqualTo(address(server));
		try (Socket accepted = server.accept()) {
			channel.socket().getOutputStream().write(42);
			assertThat(accepted.getInputStream().read()).isEqualTo(42);
		}
		assertThat(this.trace.recorder.events()).hasSize(2);
	}

	@Test
	void refusedAddressIsFollowedByTheNext() throws IOException {
		ServerSocket server = listen("127.0.0.1");
		SocketChannel channel = dial(refusing(), address(server));
		assertThat(channel.getRemoteAddress()).isEqualTo(address(server));
		assertThat(this.trace.recorder.errors()).singleElement().isInstanceOf(ConnectException.class);
	}

	@Test
	void allRefused() {
		assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> dial(refusing(), refusing()))
			.withMessageMatching(
					"dial tcp 127\\.0\\.0\\.1:\\d+: Connection refused; " + "127\\.0\\.0\\.1:\\d+: Connection refused")
			.satisfies((ex) -> assertThat(ex.getSuppressed()).hasSize(1));
	}

	@Test
	void blackHoleIsGivenUpAfterTheAttemptTimeout() throws IOException {
		this.settings = DialSettings.defaults().withAttemptTimeout(Duration.ofNanos(1));
		InetSocketAddress blackHole = blackHole("127.0.0.1");
		assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> dial(blackHole))
			.withMessageStartingWith("dial tcp 127.0.0.1:" + blackHole.getPort() + ": ");
		this.settings = DialSettings.defaults().withAttemptTimeout(Duration.ofSeconds(1));
		ServerSocket server = listen("127.0.0.1");
		assertThat(dial(blackHole, address(server)).getRemoteAddress()).isEqualTo(address(server));
	}

	@Test
	void timeoutEndsTheWholeDial() {
		this.settings = DialSettings.defaults().withTimeout(SHORT);
		assertThatExceptionOfType(SocketTimeoutException.class)
			.isThrownBy(() -> dial(blackHole("127.0.0.1"), blackHole("127.0.0.1")))
			.withMessageContaining("not tried: 127.0.0.1:");
	}

	@Test
	void blackHoleOfOneFamilyLosesToTheOther() throws IOException {
		InetSocketAddress blackHole = blackHole(ipv6());
		ServerSocket server = listenTillStarted(2);
		SocketChannel channel = dial(blackHole, address(server));
		assertThat(channel.getRemoteAddress()).isEqualTo(address(server));
		this.trace.awaitDones(2);
		assertThat(this.trace.recorder.events()).hasSize(4);
		assertThat(this.trace.recorder.errors()).singleElement().isInstanceOf(CancellationException.class);
	}

	@Test
	void blackHoleOfTheSameFamilyLosesByRfc8305() throws IOException {
		this.settings = this.settings.withStrategy(DialStrategy.RFC8305);
		ServerSocket server = listenTillStarted(3);
		SocketChannel channel = dial(blackHole("127.0.0.1"), blackHole("127.0.0.1"), address(server));
		assertThat(channel.getRemoteAddress()).isEqualTo(address(server));
		this.trace.awaitDones(3);
		assertThat(this.trace.recorder.errors()).hasSize(2).hasOnlyElementsOfType(CancellationException.class);
	}

	@Test
	void hooksOfARaceHaveTheCallersClassLoader() throws IOException {
		this.settings = this.settings.withStrategy(DialStrategy.RFC8305);
		ServerSocket server = listenTillStarted(2);
		Thread thread = Thread.currentThread();
		ClassLoader own = thread.getContextClassLoader();
		try (URLClassLoader application = new URLClassLoader(new URL[0])) {
			thread.setContextClassLoader(application);
			dial(blackHole("127.0.0.1"), address(server));
			assertThat(this.trace.loaders).containsExactly(application, application);
		}
		finally {
			thread.setContextClassLoader(own);
		}
	}

	@Test
	void ipv6IsConnectedTo() throws IOException {
		ServerSocket server = listen(ipv6());
		assertThat(dial(address(server), refusing()).getRemoteAddress()).isEqualTo(address(server));
	}

	@ParameterizedTest
	@MethodSource("io.nettrace.concurrent.TestThreads#kinds")
	void interruptionEndsAnAttemptOnTheCallersThread(ThreadFactory threads) throws Exception {
		InetSocketAddress blackHole = blackHole("127.0.0.1");
		Caller caller = new Caller(threads, () -> dial(blackHole));
		this.trace.awaitStarts(1);
		caller.thread.interrupt();
		assertThat(caller.failure()).isExactlyInstanceOf(InterruptedIOException.class)
			.hasCauseInstanceOf(CancellationException.class);
		assertThat(caller.interrupted).isTrue();
		assertThat(this.trace.recorder.errors()).singleElement().isInstanceOf(CancellationException.class);
	}

	@ParameterizedTest
	@MethodSource("io.nettrace.concurrent.TestThreads#kinds")
	void interruptionEndsARace(ThreadFactory threads) throws Exception {
		InetSocketAddress first = blackHole(ipv6());
		InetSocketAddress second = blackHole("127.0.0.1");
		Caller caller = new Caller(threads, () -> dial(first, second));
		this.trace.awaitStarts(2);
		caller.thread.interrupt();
		assertThat(caller.failure()).isExactlyInstanceOf(InterruptedIOException.class);
		assertThat(caller.interrupted).isTrue();
		assertThat(this.trace.recorder.events()).hasSize(4);
	}

	@ParameterizedTest
	@MethodSource("addressesAndThreads")
	void closingTheHandleEndsPlainSocketsToo(List<String> literals, ThreadFactory threads) throws Exception {
		List<InetSocketAddress> addresses = new ArrayList<>();
		for (String literal : literals) {
			addresses.add(NetTraceAddress.carrying(blackHole(literal.equals("::1") ? ipv6() : literal),
					this.trace.guarded()));
		}
		DialHandle handle = new DialHandle();
		Caller caller = new Caller(threads, () -> dialer().dial("tcp", addresses, this.sockets, handle));
		this.trace.awaitStarts(literals.size());
		handle.close();
		assertThat(caller.failure()).isExactlyInstanceOf(InterruptedIOException.class);
		assertThat(caller.interrupted).isFalse();
		assertThat(this.trace.recorder.errors()).hasSize(literals.size())
			.hasOnlyElementsOfType(CancellationException.class);
	}

	static Stream<Arguments> addressesAndThreads() {
		return TestThreads.kinds()
			.flatMap((threads) -> Stream.of(Arguments.of(List.of("127.0.0.1"), threads),
					Arguments.of(List.of("::1", "127.0.0.1"), threads)));
	}

	private SocketChannel dial(InetSocketAddress... addresses) throws IOException {
		NetTrace guarded = this.trace.guarded();
		List<InetSocketAddress> carrying = Stream.of(addresses)
			.map((address) -> NetTraceAddress.carrying(address, guarded))
			.toList();
		SocketChannel channel = dialer().dial("tcp", carrying, this.channels, new DialHandle());
		this.connections.add(channel);
		return channel;
	}

	private Dialer dialer() {
		return new Dialer(this.settings, Threads.perTask("test-dial-"));
	}

	private ServerSocket listen(String literal) throws IOException {
		ServerSocket server = new ServerSocket(0, 50, ip(literal));
		this.targets.add(server);
		return server;
	}

	/**
	 * A server that is not connected to before so many attempts are under way: the thread
	 * of one may be so late that it would find the race over, and try nothing.
	 */
	private ServerSocket listenTillStarted(int attempts) throws IOException {
		ServerSocket server = listen("127.0.0.1");
		this.channels.beforeConnect((address) -> {
			if (address.equals(address(server))) {
				this.trace.awaitStarts(attempts);
			}
		});
		return server;
	}

	/**
	 * A port that is bound, so that no other process takes it, and does not listen.
	 */
	private InetSocketAddress refusing() throws IOException {
		Socket bound = new Socket();
		this.targets.add(bound);
		bound.bind(new InetSocketAddress("127.0.0.1", 0));
		return (InetSocketAddress) bound.getLocalSocketAddress();
	}

	/**
	 * A listener that never accepts and whose backlog is full: the kernel drops what else
	 * comes (Linux).
	 */
	private InetSocketAddress blackHole(String literal) throws IOException {
		ServerSocket listener = new ServerSocket(0, 1, ip(literal));
		this.targets.add(listener);
		while (true) {
			Socket filler = new Socket();
			this.targets.add(filler);
			try {
				filler.connect(listener.getLocalSocketAddress(), 250);
			}
			catch (SocketTimeoutException full) {
				return address(listener);
			}
		}
	}

	private static String ipv6() {
		try {
			new ServerSocket(0, 1, ip("::1")).close();
			return "::1";
		}
		catch (IOException ex) {
			Assumptions.abort("No IPv6 on loopback: " + ex);
			throw new UncheckedIOException(ex);
		}
	}

	private static InetAddress ip(String literal) {
		return new InetSocketAddress(literal, 0).getAddress();
	}

	private static InetSocketAddress address(ServerSocket server) {
		return (InetSocketAddress) server.getLocalSocketAddress();
	}

	/**
	 * A dial on a thread of its own.
	 */
	private static final class Caller {

		private final CompletableFuture<Closeable> result = new CompletableFuture<>();

		private final Thread thread;

		private volatile boolean interrupted;

		Caller(ThreadFactory threads, Dialing dialing) {
			this.thread = threads.newThread(() -> {
				try {
					Closeable connection = dialing.dial();
					this.result.complete(connection);
				}
				catch (Exception ex) {
					this.interrupted = Thread.currentThread().isInterrupted();
					this.result.completeExceptionally(ex);
				}
			});
			this.thread.start();
		}

		@Nullable Throwable failure() throws InterruptedException {
			try {
				throw new AssertionError("Connected: " + this.result.get());
			}
			catch (ExecutionException ex) {
				return ex.getCause();
			}
		}

	}

	private interface Dialing {

		Closeable dial() throws IOException;

	}

	/**
	 * Lets a test wait until hooks have been called.
	 */
	private static final class Waiting implements NetTrace {

		private final TraceRecorder recorder = new TraceRecorder();

		private final List<ClassLoader> loaders = new CopyOnWriteArrayList<>();

		private final CountDownLatch[] starts = { new CountDownLatch(1), new CountDownLatch(2), new CountDownLatch(3) };

		private final CountDownLatch[] dones = { new CountDownLatch(1), new CountDownLatch(2), new CountDownLatch(3) };

		NetTrace guarded() {
			NetTraceContext.Scope scope = NetTraceContext.empty().withTrace(this).open();
			try {
				return new NetTracing().blockingDial("httpcomponents", null, -1);
			}
			finally {
				scope.close();
			}
		}

		@Override
		public void connectStart(String network, SocketAddress address) {
			this.recorder.connectStart(network, address);
			this.loaders.add(Thread.currentThread().getContextClassLoader());
			Stream.of(this.starts).forEach(CountDownLatch::countDown);
		}

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			this.recorder.connectDone(network, address, error);
			Stream.of(this.dones).forEach(CountDownLatch::countDown);
		}

		void awaitStarts(int count) {
			await(this.starts[count - 1]);
		}

		void awaitDones(int count) {
			await(this.dones[count - 1]);
		}

		private void await(CountDownLatch latch) {
			try {
				latch.await();
			}
			catch (InterruptedException ex) {
				throw new AssertionError("Only " + this.recorder.events(), ex);
			}
		}

	}

	/**
	 * Knows every socket that was opened.
	 */
	private static final class Tracking<C extends Closeable> implements Connector<C> {

		private final Connector<C> delegate;

		private final Predicate<C> isOpen;

		private final List<C> opened = Collections.synchronizedList(new ArrayList<>());

		private volatile Consumer<InetSocketAddress> beforeConnect = (address) -> {
		};

		Tracking(Connector<C> delegate, Predicate<C> isOpen) {
			this.delegate = delegate;
			this.isOpen = isOpen;
		}

		void beforeConnect(Consumer<InetSocketAddress> action) {
			this.beforeConnect = action;
		}

		@Override
		public C open(InetSocketAddress address) throws IOException {
			C socket = this.delegate.open(address);
			this.opened.add(socket);
			return socket;
		}

		@Override
		public void connect(C socket, InetSocketAddress address, @Nullable Duration timeout) throws IOException {
			this.beforeConnect.accept(address);
			this.delegate.connect(socket, address, timeout);
		}

		List<Closeable> open() {
			synchronized (this.opened) {
				return this.opened.stream().filter(this.isOpen).map((socket) -> (Closeable) socket).toList();
			}
		}

	}

	/**
	 * Plain sockets, as HttpComponents has them: an interruption does not reach them.
	 */
	private static final class SocketConnector implements Connector<Socket> {

		@Override
		public Socket open(InetSocketAddress address) throws IOException {
			Socket socket = new Socket();
			socket.setReuseAddress(true); // gives it its descriptor
			return socket;
		}

		@Override
		public void connect(Socket socket, InetSocketAddress address, @Nullable Duration timeout) throws IOException {
			socket.connect(address, (timeout != null) ? (int) timeout.toMillis() : 0);
		}

	}

}
