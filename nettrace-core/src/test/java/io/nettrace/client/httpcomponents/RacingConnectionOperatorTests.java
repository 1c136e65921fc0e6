package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

import io.nettrace.NetTrace;
import io.nettrace.TraceRecorder;
import io.nettrace.client.LoopbackAddresses;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.concurrent.Threads;
import io.nettrace.dial.DialSettings;
import io.nettrace.dial.DialStrategy;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import jdk.net.ExtendedSocketOptions;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.UnsupportedSchemeException;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Lookup;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentMatchers;
import org.mockito.Mockito;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Our operators beside the library's own: whatever happens, the result is the same, and
 * so are exceptions, time-outs, options and handshakes.
 */
class RacingConnectionOperatorTests {

	private static final String A = "127.0.1.1";

	private static final String B = "127.0.1.2";

	private static final String C = "127.0.1.3";

	private final LoopbackAddresses loopback = new LoopbackAddresses();

	private final TlsStub tls = new TlsStub();

	private String scheme = "http";

	private @Nullable Timeout connectTimeout = Timeout.ofSeconds(20);

	private @Nullable InetSocketAddress localAddress;

	private SocketConfig socketConfig = SocketConfig.custom().setSoTimeout(Timeout.ofMilliseconds(4321)).build();

	private @Nullable Object attachment;

	@AfterEach
	void close() {
		this.loopback.close();
	}

	@Test
	void connects() throws IOException {
		same(this.loopback.listening(A));
		same(this.loopback.listening(B), this.loopback.listening(C));
	}

	@Test
	void firstRefused() throws IOException {
		same(this.loopback.refusing(A), this.loopback.listening(B));
	}

	@Test
	void allRefused() throws IOException {
		assertThat(same(this.loopback.refusing(A), this.loopback.refusing(B)))
			.startsWith("org.apache.hc.client5.http.HttpHostConnectException: Connect to http://host.test:");
	}

	@Test
	void firstSilent() throws IOException {
		this.connectTimeout = Timeout.ofMilliseconds(100);
		same(this.loopback.silent(A), this.loopback.listening(B));
	}

	@Test
	void allSilent() throws IOException {
		this.connectTimeout = Timeout.ofMilliseconds(100);
		assertThat(same(this.loopback.silent(A), this.loopback.silent(B)))
			.startsWith("org.apache.hc.client5.http.ConnectTimeoutException: Connect to http://host.test:");
	}

	@Test
	void theLastAddressCounts() throws IOException {
		this.connectTimeout = Timeout.ofMilliseconds(100);
		InetSocketAddress silent = this.loopback.silent(A);
		InetSocketAddress refusing = this.loopback.refusing(B);
		assertThat(same(silent, refusing)).contains("HttpHostConnectException");
		assertThat(same(refusing, silent)).contains("ConnectTimeoutException");
	}

	@Test
	void noConnectTimeout() throws IOException {
		List<InetSocketAddress> addresses = List.of(this.loopback.refusing(A), this.loopback.listening(B));
		this.connectTimeout = null;
		same(addresses);
		this.connectTimeout = Timeout.DISABLED;
		same(addresses);
	}

	@Test
	void noAddress() {
		same(List.of());
		same(Collections.singletonList(null));
		assertThat(all(resolver(null))).extracting(this::outcome)
			.allMatch((outcome) -> outcome.startsWith("java.lang.NullPointerException: "));
	}

	@Test
	void nullAfterAnAddressThatConnects() throws IOException {
		same(Arrays.asList(this.loopback.listening(A), null));
	}

	@Test
	void nullIsSkippedInARace() throws IOException {
		InetSocketAddress listening = this.loopback.listening(A);
		assertThat(outcome(racing(DialStrategy.RFC8305, resolver(Arrays.asList(null, listening)))))
			.isEqualTo(outcome(library(resolver(List.of(listening)))));
	}

	@Test
	void unresolvedAddress() throws IOException {
		InetSocketAddress unresolved = InetSocketAddress.createUnresolved("other.test", this.loopback.port());
		same(unresolved);
		same(this.loopback.refusing(A), unresolved);
		same(unresolved, this.loopback.listening(B));
	}

	@Test
	void localAddress() throws IOException {
		List<InetSocketAddress> addresses = List.of(this.loopback.refusing(A), this.loopback.listening(B));
		this.localAddress = new InetSocketAddress("127.0.1.9", 0);
		assertThat(same(addresses)).contains("from 127.0.1.9");
		this.localAddress = new InetSocketAddress("192.0.2.1", 0);
		assertThat(same(addresses)).contains("BindException");
	}

	@Test
	void veryManyAddresses() throws IOException {
		InetSocketAddress refusing = this.loopback.refusing(A);
		assertThat(same(Collections.nCopies(1000, refusing))).hasSizeLessThan(300);
	}

	@Test
	void everySocketOption() throws IOException {
		SocketConfig.Builder every = SocketConfig.custom()
			.setSoTimeout(Timeout.ofMilliseconds(1234))
			.setRcvBufSize(40_000)
			.setSndBufSize(50_000)
			.setSoLinger(7, TimeUnit.SECONDS)
			.setSoReuseAddress(true)
			.setTcpNoDelay(false)
			.setSoKeepAlive(false)
			.setTcpKeepIdle(11)
			.setTcpKeepInterval(12)
			.setTcpKeepCount(13);
		this.socketConfig = every.build();
		List<InetSocketAddress> addresses = List.of(this.loopback.refusing(A), this.loopback.listening(B));
		String set = same(addresses);
		this.socketConfig = SocketConfig.DEFAULT;
		String unset = same(addresses);
		List<String> options = List.of(set.substring(set.indexOf('{') + 1, set.indexOf('}')).split(", ", -1));
		assertThat(options).hasSize(10).noneMatch(unset::contains);
	}

	@Test
	void secures() throws IOException {
		this.scheme = "https";
		assertThat(same(this.loopback.listening(A), this.loopback.listening(B)))
			.contains("handshakes [127.0.1.1 host.test 20000]");
	}

	@Test
	void handshakeTimeoutEndsWithTheHandshake() throws IOException {
		this.scheme = "https";
		this.attachment = TlsConfig.custom().setHandshakeTimeout(Timeout.ofMilliseconds(777)).build();
		assertThat(same(this.loopback.listening(A))).contains("handshakes [127.0.1.1 host.test 777]")
			.contains("connection's time-out 4321 MILLISECONDS")
			.contains("SO_TIMEOUT=4321");
		this.attachment = TlsConfig.DEFAULT;
		this.connectTimeout = null;
		assertThat(same(this.loopback.listening(B))).contains("handshakes [127.0.1.2 host.test 4321]");
	}

	@Test
	void failedHandshakeMovesOn() throws IOException {
		this.scheme = "https";
		this.tls.failures.put(A, new SSLException("no"));
		assertThat(same(this.loopback.listening(A), this.loopback.refusing(B), this.loopback.listening(C)))
			.contains("to 127.0.1.3")
			.contains("handshakes [127.0.1.1 host.test 20000, 127.0.1.3 host.test 20000]");
	}

	@Test
	void hangingHandshakeMovesOn() throws IOException {
		this.scheme = "https";
		this.tls.failures.put(A, new SocketTimeoutException("Read timed out"));
		assertThat(same(this.loopback.listening(A), this.loopback.listening(B))).contains("to 127.0.1.2");
	}

	@Test
	void handshakeIsTriedWithEachAddressThatConnects() throws IOException {
		this.scheme = "https";
		this.tls.failures.put(A, new SSLException("first"));
		this.tls.failures.put(B, new SocketException("second"));
		this.tls.failures.put(C, new SSLException("third"));
		InetSocketAddress a = this.loopback.listening(A);
		InetSocketAddress b = this.loopback.listening(B);
		InetSocketAddress c = this.loopback.listening(C);
		assertThat(same(a, b, c)).startsWith("javax.net.ssl.SSLException: third");
		assertThat(same(c, b)).startsWith("java.net.SocketException: second");
		assertThat(same(a, this.loopback.refusing("127.0.1.4"))).contains("HttpHostConnectException");
		assertThat(this.tls.sockets).isNotEmpty().allMatch(Socket::isClosed);
	}

	/**
	 * An attempt that was given up for the winner has not failed.
	 */
	@Test
	void handshakeIsTriedWithALoser() throws IOException {
		this.scheme = "https";
		this.tls.failures.put(B, new SSLException("no"));
		this.tls.whenCalled = () -> assertThatNoException().isThrownBy(this.loopback::answer);
		assertThat(outcome(
				racing(DialStrategy.RFC8305, resolver(List.of(this.loopback.silent(A), this.loopback.listening(B))))))
			.contains("to 127.0.1.1")
			.contains("handshakes [127.0.1.2 host.test 20000, 127.0.1.1 host.test 20000]");
	}

	@Test
	void uncheckedExceptionOfTheHandshakeIsTheEnd() throws IOException {
		this.scheme = "https";
		this.tls.failures.put(A, new IllegalStateException("no"));
		assertThat(same(this.loopback.listening(A), this.loopback.listening(B)))
			.startsWith("java.lang.IllegalStateException: no");
		assertThat(this.tls.sockets).isNotEmpty().allMatch(Socket::isClosed);
	}

	@Test
	void upgradeOfATunnel() throws Exception {
		InetSocketAddress listening = this.loopback.listening(A);
		for (HttpClientConnectionOperator operator : all(resolver(List.of(listening, listening)))) {
			ManagedHttpClientConnection connection = connect(operator);
			operator.upgrade(connection, new HttpHost("https", "host.test", 443), null, null, new HttpCoreContext());
			assertThat(connection.getSocket()).isInstanceOf(SSLSocket.class);
			assertThatExceptionOfType(UnsupportedSchemeException.class)
				.isThrownBy(() -> operator.upgrade(connection, new HttpHost("foo", "host.test", 443), null, null,
						new HttpCoreContext()))
				.withMessage("foo protocol is not supported");
			connection.close(CloseMode.IMMEDIATE);
		}
	}

	@Test
	void connectionThatIsClosedMeanwhile() throws Exception {
		List<InetSocketAddress> addresses = List.of(this.loopback.silent(A), this.loopback.silent(B));
		for (CloseMode mode : CloseMode.values()) {
			ManagedHttpClientConnection[] connection = new ManagedHttpClientConnection[1];
			NetTrace closing = new NetTrace() {

				@Override
				public void connectStart(String network, java.net.SocketAddress address) {
					new Thread(() -> connection[0].close(mode)).start();
				}

			};
			for (DialStrategy strategy : DialStrategy.values()) {
				connection[0] = newConnection();
				assertThat(outcome(racing(strategy, resolver(addresses), closing), connection[0]))
					.startsWith("java.net.SocketException: Socket closed");
			}
		}
	}

	@Test
	void interruptionDoesNotCount() throws IOException {
		DnsResolver resolver = resolver(List.of(this.loopback.refusing(A), this.loopback.listening(B)));
		for (HttpClientConnectionOperator operator : all(resolver)) {
			Thread.currentThread().interrupt();
			String outcome = outcome(operator);
			assertThat(Thread.interrupted()).isTrue();
			assertThat(outcome).startsWith("to 127.0.1.2");
		}
	}

	@Test
	void interruptionOfAVirtualThreadCounts() throws Exception {
		assumeTrue(Runtime.version().feature() >= 21, "virtual threads");
		DnsResolver resolver = resolver(List.of(this.loopback.silent(A), this.loopback.silent(B)));
		for (HttpClientConnectionOperator operator : all(resolver)) {
			CompletableFuture<String> outcome = new CompletableFuture<>();
			Threads.perTask("caller-").execute(() -> {
				Thread.currentThread().interrupt();
				outcome.complete(outcome(operator));
			});
			assertThat(outcome.get()).startsWith("java.net.SocketException: Closed by interrupt");
		}
	}

	/**
	 * The other address has failed by then, and what it failed with is not the end.
	 */
	@Test
	void interruptionOfAVirtualThreadThatConnectsCounts() throws Exception {
		assumeTrue(Runtime.version().feature() >= 21, "virtual threads");
		CompletableFuture<Thread> caller = new CompletableFuture<>();
		NetTrace interrupting = new NetTrace() {

			@Override
			public void connectDone(String network, java.net.SocketAddress address, @Nullable Throwable error) {
				if (error instanceof ConnectException) {
					caller.join().interrupt();
				}
			}

		};
		HttpClientConnectionOperator operator = racing(DialStrategy.RFC8305,
				resolver(List.of(this.loopback.silent(A), this.loopback.refusing(B))), interrupting);
		CompletableFuture<String> outcome = new CompletableFuture<>();
		Threads.perTask("caller-").execute(() -> {
			caller.complete(Thread.currentThread());
			outcome.complete(outcome(operator));
		});
		assertThat(outcome.get()).startsWith("java.net.SocketException: Closed by interrupt");
	}

	@Test
	void hooksAreThoseOfOneAttemptEach() throws IOException {
		for (DialStrategy strategy : DialStrategy.values()) {
			TraceRecorder recorder = new TraceRecorder();
			outcome(racing(strategy, resolver(List.of(this.loopback.refusing(A), this.loopback.listening(B))),
					recorder));
			assertThat(recorder.events()).containsExactly("dnsStart host.test", "dnsDone [127.0.1.1, 127.0.1.2]",
					"connectStart tcp 127.0.1.1 " + this.loopback.port(),
					"connectDone tcp 127.0.1.1 " + this.loopback.port() + " ConnectException",
					"connectStart tcp 127.0.1.2 " + this.loopback.port(),
					"connectDone tcp 127.0.1.2 " + this.loopback.port());
			this.loopback.close();
		}
	}

	private String same(InetSocketAddress @Nullable ... addresses) {
		return same(Arrays.asList(addresses));
	}

	/**
	 * Assert that all operators have the same outcome.
	 */
	private String same(@Nullable List<InetSocketAddress> addresses) {
		Map<String, String> outcomes = new LinkedHashMap<>();
		List<HttpClientConnectionOperator> operators = all(resolver(addresses));
		String expected = outcome(operators.get(0));
		for (HttpClientConnectionOperator operator : operators) {
			outcomes.put(operator.getClass().getSimpleName(), outcome(operator));
			assertThat(outcomes).allSatisfy((type, outcome) -> assertThat(outcome).as(type).isEqualTo(expected));
		}
		return expected;
	}

	private List<HttpClientConnectionOperator> all(DnsResolver resolver) {
		return List.of(library(resolver),
				new NetTraceHttpComponents(new NetTracing(), LookupSettings.defaults(), LookupThreads.create())
					.connectionOperator(null, resolver, this.tls.lookup()),
				racing(DialStrategy.GO, resolver), racing(DialStrategy.RFC8305, resolver));
	}

	private HttpClientConnectionOperator library(DnsResolver resolver) {
		return new DefaultHttpClientConnectionOperator(null, resolver, this.tls.lookup());
	}

	private HttpClientConnectionOperator racing(DialStrategy strategy, DnsResolver resolver, NetTrace... traces) {
		return new NetTraceHttpComponents(
				new NetTracing(Arrays.stream(traces)
					.map((trace) -> (NetTrace.Factory) (client) -> trace)
					.toArray(NetTrace.Factory[]::new)),
				LookupSettings.defaults(), LookupThreads.create(), DialSettings.defaults().withStrategy(strategy))
			.connectionOperator(null, resolver, this.tls.lookup());
	}

	private static DnsResolver resolver(@Nullable List<InetSocketAddress> addresses) {
		return new DnsResolver() {

			@Override
			@SuppressWarnings("NullAway") // some resolvers do
			public List<InetSocketAddress> resolve(String host, int port) {
				return addresses;
			}

			@Override
			public InetAddress[] resolve(String host) {
				throw new UnsupportedOperationException();
			}

			@Override
			public String resolveCanonicalHostname(String host) {
				throw new UnsupportedOperationException();
			}

		};
	}

	private String outcome(HttpClientConnectionOperator operator) {
		return outcome(operator, newConnection());
	}

	private String outcome(HttpClientConnectionOperator operator, ManagedHttpClientConnection connection) {
		this.tls.handshakes.clear();
		try {
			connect(operator, connection);
			return describe(connection) + " handshakes " + this.tls.handshakes;
		}
		catch (Exception ex) {
			return describe(ex) + " handshakes " + this.tls.handshakes;
		}
		finally {
			connection.close(CloseMode.IMMEDIATE);
		}
	}

	private ManagedHttpClientConnection connect(HttpClientConnectionOperator operator) throws IOException {
		ManagedHttpClientConnection connection = newConnection();
		connect(operator, connection);
		return connection;
	}

	private static ManagedHttpClientConnection newConnection() {
		try {
			return ManagedHttpClientConnectionFactory.INSTANCE.createConnection(null);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void connect(HttpClientConnectionOperator operator, ManagedHttpClientConnection connection)
			throws IOException {
		operator.connect(connection, new HttpHost(this.scheme, "host.test", this.loopback.port()), null,
				this.localAddress, this.connectTimeout, this.socketConfig, this.attachment, new HttpCoreContext());
	}

	private String describe(ManagedHttpClientConnection connection) throws IOException {
		Socket socket = (connection.getSocket() instanceof SSLSocket) ? this.tls.last() : connection.getSocket();
		if (socket == null) {
			return "not connected";
		}
		connection.activate();
		return "to " + socket.getInetAddress().getHostAddress() + " from " + socket.getLocalAddress().getHostAddress()
				+ ", connection's time-out " + connection.getSocketTimeout() + ", " + options(socket);
	}

	private static Map<String, Object> options(Socket socket) throws IOException {
		Map<String, Object> options = new TreeMap<>();
		options.put("SO_TIMEOUT", socket.getSoTimeout());
		options.put("SO_RCVBUF", socket.getReceiveBufferSize());
		options.put("SO_SNDBUF", socket.getSendBufferSize());
		options.put("SO_LINGER", socket.getSoLinger());
		options.put("SO_REUSEADDR", socket.getReuseAddress());
		options.put("TCP_NODELAY", socket.getTcpNoDelay());
		options.put("SO_KEEPALIVE", socket.getKeepAlive());
		for (SocketOption<Integer> option : List.of(ExtendedSocketOptions.TCP_KEEPIDLE,
				ExtendedSocketOptions.TCP_KEEPINTERVAL, ExtendedSocketOptions.TCP_KEEPCOUNT)) {
			options.put(option.name(), socket.getOption(option));
		}
		return options;
	}

	private static String describe(Throwable failure) {
		StringBuilder text = new StringBuilder();
		for (Throwable each = failure; each != null; each = each.getCause()) {
			text.append(each.getClass().getName()).append(": ").append(each.getMessage());
			text.append(", suppressed ").append(Arrays.toString(each.getSuppressed())).append("; ");
		}
		return text.toString();
	}

	/**
	 * A handshake that succeeds, or fails as the address that it is for says.
	 */
	private static final class TlsStub implements TlsSocketStrategy {

		private final Map<String, Exception> failures = new HashMap<>();

		private final List<String> handshakes = new ArrayList<>();

		private final List<Socket> sockets = new ArrayList<>();

		private Runnable whenCalled = () -> {
		};

		Lookup<TlsSocketStrategy> lookup() {
			return RegistryBuilder.<TlsSocketStrategy>create().register("https", this).build();
		}

		Socket last() {
			return this.sockets.get(this.sockets.size() - 1);
		}

		@Override
		public SSLSocket upgrade(Socket socket, String target, int port, @Nullable Object attachment,
				HttpContext context) throws IOException {
			String literal = socket.getInetAddress().getHostAddress();
			this.handshakes.add(literal + " " + target + " " + socket.getSoTimeout());
			this.sockets.add(socket);
			this.whenCalled.run();
			Exception failure = this.failures.get(literal);
			if (failure instanceof IOException io) {
				throw io;
			}
			if (failure instanceof RuntimeException unchecked) {
				throw unchecked;
			}
			SSLSocket secured = Mockito.mock(SSLSocket.class);
			Mockito.when(secured.getSoTimeout()).thenAnswer((call) -> socket.getSoTimeout());
			Mockito.doAnswer((call) -> {
				socket.setSoTimeout(call.getArgument(0));
				return null;
			}).when(secured).setSoTimeout(ArgumentMatchers.anyInt());
			return secured;
		}

	}

}
