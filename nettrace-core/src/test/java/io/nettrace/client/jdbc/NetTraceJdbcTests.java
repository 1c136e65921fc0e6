package io.nettrace.client.jdbc;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import javax.net.ssl.SSLSocket;

import io.nettrace.DnsAnswerInfo;
import io.nettrace.TraceRecorder;
import io.nettrace.client.RecordedHooks;
import io.nettrace.instrument.ClientLookup;
import io.nettrace.instrument.JvmAnswers;
import io.nettrace.instrument.NetTracing;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.ssl.LibPQFactory;
import org.postgresql.util.PSQLException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

class NetTraceJdbcTests {

	private final TraceRecorder recorder = new TraceRecorder();

	@Test
	void eachApplicationSeesItsOwnConnections() throws IOException {
		TraceRecorder other = new TraceRecorder();
		try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"));
				NetTraceJdbc mine = new NetTraceJdbc(new NetTracing((request) -> this.recorder));
				NetTraceJdbc others = new NetTraceJdbc(new NetTracing((request) -> other));
				Socket socket = new PostgresqlSocketFactory(info(mine, "one.test")).createSocket()) {
			assertThat(others.postgresql()).isNotEqualTo(mine.postgresql());
			socket.connect(server.getLocalSocketAddress());
			assertThat(this.recorder.events()).containsExactly("dnsStart one.test", "dnsDone [127.0.0.1]",
					"connectStart tcp 127.0.0.1 " + server.getLocalPort(),
					"connectDone tcp 127.0.0.1 " + server.getLocalPort());
			assertThat(other.events()).isEmpty();
		}
	}

	@Test
	void aSocketThatIsClosedEndsItsLookup() throws IOException {
		try (NetTraceJdbc netTrace = new NetTraceJdbc(new NetTracing((request) -> this.recorder))) {
			Socket socket = new PostgresqlSocketFactory(info(netTrace, "one.test")).createSocket();
			assertThat(ClientLookup.isUnderWay()).isTrue();
			socket.close();
			assertThat(ClientLookup.isUnderWay()).isFalse();
			assertThat(this.recorder.events()).containsExactly("dnsStart one.test", "dnsDone [] CancellationException");
		}
	}

	@Test
	void aNameThatIsNotFoundHasNoAttempt() throws IOException {
		try (NetTraceJdbc netTrace = new NetTraceJdbc(new NetTracing((request) -> this.recorder));
				Socket socket = new PostgresqlSocketFactory(info(netTrace, "unknown.test")).createSocket()) {
			assertThatExceptionOfType(UnknownHostException.class)
				.isThrownBy(() -> socket.connect(InetSocketAddress.createUnresolved("unknown.test", 5432)));
			assertThat(this.recorder.events()).containsExactly("dnsStart unknown.test",
					"dnsDone [] UnknownHostException");
		}
	}

	/**
	 * If the JVM asks through nettrace: the driver keeps the exception.
	 */
	@Test
	void saysThatTheJvmHadTheFailureInItsCache() throws IOException {
		JvmAnswers.watch();
		String host = "cached.jdbc.invalid";
		JvmAnswers.answered(host, false);
		RecordedHooks hooks = new RecordedHooks();
		try (NetTraceJdbc netTrace = new NetTraceJdbc(new NetTracing((request) -> hooks.trace()))) {
			connectUnresolved(netTrace, host, () -> {
			});
			connectUnresolved(netTrace, host, () -> JvmAnswers.answered(host, false));
			connectUnresolved(netTrace, "never-asked.jdbc.invalid", () -> {
			});
		}
		assertThat(hooks.all(DnsAnswerInfo.class)).extracting(DnsAnswerInfo::source)
			.containsExactly(DnsAnswerInfo.Source.JVM_CACHE, DnsAnswerInfo.Source.SYSTEM);
	}

	private static void connectUnresolved(NetTraceJdbc netTrace, String host, Runnable lookup) throws IOException {
		try (Socket socket = new PostgresqlSocketFactory(info(netTrace, host)).createSocket()) {
			lookup.run();
			assertThatExceptionOfType(UnknownHostException.class)
				.isThrownBy(() -> socket.connect(InetSocketAddress.createUnresolved(host, 5432)));
		}
	}

	@Test
	void lookupsAreNotToldOfSeveralHostsOrAnAddress() throws IOException {
		try (NetTraceJdbc netTrace = new NetTraceJdbc(new NetTracing((request) -> this.recorder))) {
			for (String host : new String[] { "one.test,two.test", "127.0.0.1", "[::1]" }) {
				new PostgresqlSocketFactory(info(netTrace, host)).createSocket().close();
			}
			assertThat(this.recorder.events()).isEmpty();
		}
	}

	@Test
	void executorCarriesTheTraceToAThreadThatIsLikeTheDrivers() throws Exception {
		try (NetTraceJdbc netTrace = new NetTraceJdbc(new NetTracing((request) -> this.recorder))) {
			Properties info = info(netTrace, "one.test");
			CompletableFuture<String> thread = new CompletableFuture<>();
			new PostgresqlConnectExecutor(info).execute(() -> {
				try {
					new PostgresqlSocketFactory(info).createSocket().close();
					thread.complete(Thread.currentThread().getName() + Thread.currentThread().isDaemon());
				}
				catch (IOException ex) {
					thread.completeExceptionally(ex);
				}
			});
			assertThat(thread.get(20, TimeUnit.SECONDS)).isEqualTo("PostgreSQL JDBC driver connection threadtrue");
			assertThat(this.recorder.events()).hasSize(2);
			assertThat(PostgresqlConnectExecutor.carried()).isNull();
		}
	}

	@Test
	void holdsNothingOfAnApplicationThatHasEnded() throws IOException {
		NetTraceJdbc[] netTrace = new NetTraceJdbc[1];
		WeakReference<?> tracing = newTracing(netTrace);
		PostgresqlSocketFactory factory = new PostgresqlSocketFactory(info(netTrace[0], "one.test"));
		netTrace[0].close();
		assertThat(factory.createSocket()).isExactlyInstanceOf(Socket.class);
		Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
			System.gc();
			return tracing.get() == null;
		});
	}

	private static WeakReference<?> newTracing(NetTraceJdbc[] netTrace) {
		NetTracing tracing = new NetTracing();
		netTrace[0] = new NetTraceJdbc(tracing);
		return new WeakReference<>(tracing);
	}

	/**
	 * The driver would wrap what a constructor throws.
	 */
	@Test
	void faultsOfTheSettingsAreThoseOfTheDriver() {
		Properties info = new Properties();
		info.setProperty("sslmode", "verify-full");
		info.setProperty("sslrootcert", "/none");
		Throwable own = catchThrowable(() -> new LibPQFactory(info));
		Throwable traced = catchThrowable(
				() -> new PostgresqlSslFactory(info).createSocket(new Socket(), "one.test", 5432, true));
		assertThat(traced).isExactlyInstanceOf(PSQLException.class).hasSameClassAs(own).hasMessage(own.getMessage());
	}

	static Stream<Method> socketMethods() {
		return Stream.of(SSLSocket.class.getMethods())
			.filter((method) -> method.getDeclaringClass() != Object.class)
			.filter((method) -> !Modifier.isStatic(method.getModifiers()));
	}

	@ParameterizedTest
	@MethodSource("socketMethods")
	void forwardsEveryMethodOfASocket(Method method) throws NoSuchMethodException {
		assertThat(TracedSslSocket.class.getDeclaredMethod(method.getName(), method.getParameterTypes())).isNotNull();
	}

	private static Properties info(NetTraceJdbc netTrace, String host) {
		Properties info = new Properties();
		info.putAll(netTrace.postgresql());
		info.setProperty("PGHOST", host);
		return info;
	}

}
