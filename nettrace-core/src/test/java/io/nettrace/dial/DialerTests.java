package io.nettrace.dial;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.UnsupportedAddressTypeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.nettrace.NetTrace;
import io.nettrace.TraceRecorder;
import io.nettrace.concurrent.Clock;
import io.nettrace.concurrent.VirtualTime;
import io.nettrace.dial.ScriptedNetwork.ScriptedSocket;
import io.nettrace.instrument.NetTraceAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * The dialer in virtual time. What Go does in each case is in the recordings; here are
 * the cases that Go does not have, and what a caller gets to see.
 */
class DialerTests {

	private static final Duration NONE = Duration.ZERO;

	private static final InetAddress V6A = address("2001:db8::1");

	private static final InetAddress V6B = address("2001:db8::2");

	private static final InetAddress V6C = address("2001:db8::3");

	private static final InetAddress V4A = address("192.0.2.1");

	private static final InetAddress V4B = address("192.0.2.2");

	private final VirtualTime time = VirtualTime.inOrder();

	private final ScriptedNetwork network = new ScriptedNetwork(this.time);

	private final TraceRecorder trace = new TraceRecorder();

	private DialHandle handle = new DialHandle();

	private DialSettings settings = DialSettings.defaults();

	private @Nullable ScriptedSocket connection;

	private @Nullable Throwable failure;

	private long ended;

	private boolean interrupted;

	@AfterEach
	void onlyTheConnectionIsOpen() {
		assertThat(this.network.open())
			.isEqualTo((this.connection != null) ? List.of(this.connection) : List.<ScriptedSocket>of());
	}

	@Test
	void addressesOfOneFamilyAreTriedByTheCallersThread() {
		this.network.refuse(V4A, NONE).accept(V4B, Duration.ofMillis(20));
		Thread caller = dial(V4A, V4B);
		assertThat(this.trace.events()).containsExactly("connectStart tcp 192.0.2.1 80",
				"connectDone tcp 192.0.2.1 80 ConnectException", "connectStart tcp 192.0.2.2 80",
				"connectDone tcp 192.0.2.2 80");
		assertThat(this.trace.threads()).containsExactly(caller);
		assertThat(this.time.threads()).isOne();
		assertConnectedTo(V4B, 20);
	}

	@Test
	void networkOfOneFamilyDoesNotRace() {
		this.network.drop(V6A).accept(V4A, NONE);
		this.settings = DialSettings.defaults().withTimeout(Duration.ofSeconds(6));
		run(() -> dialer().dial("tcp4", addresses(V6A, V4A), this.network, this.handle));
		assertThat(this.time.threads()).isOne();
		assertConnectedTo(V4A, 3000);
	}

	@Test
	void healthyDualStackHostTakesTheCallersThreadOnly() {
		this.network.accept(V6A, Duration.ofMillis(10));
		List<Runnable> inOtherThreads = new ArrayList<>();
		Dialer dialer = GoDialer.dialer(this.settings, inOtherThreads::add, this.time);
		Thread caller = run(() -> dialer.dial("tcp", addresses(V6A, V4A), this.network, this.handle));
		assertThat(this.trace.threads()).containsOnly(caller);
		assertThat(inOtherThreads).isEmpty();
		assertThat(this.time.millis()).as("no delay is waited for").isEqualTo(10);
		assertConnectedTo(V6A, 10);
	}

	@Test
	void listIsBegunByTheThreadWhoseListHasFailed() {
		this.network.refuse(V6A, Duration.ofMillis(10)).accept(V4A, Duration.ofMillis(10));
		Thread caller = dial(V6A, V4A);
		assertThat(this.trace.threads()).containsOnly(caller);
		assertConnectedTo(V4A, 20);
	}

	@Test
	void loserIsClosedAndToldSo() {
		this.network.drop(V6A).accept(V4A, NONE);
		dial(V6A, V4A);
		assertThat(this.trace.events()).containsExactly("connectStart tcp 2001:db8:0:0:0:0:0:1 80",
				"connectStart tcp 192.0.2.1 80", "connectDone tcp 192.0.2.1 80",
				"connectDone tcp 2001:db8:0:0:0:0:0:1 80 CancellationException");
		assertThat(this.trace.errors()).singleElement()
			.satisfies((error) -> assertThat(error).hasMessage("operation was canceled"));
		assertConnectedTo(V4A, 300);
	}

	@Test
	void oneOfTwoThatConnectAtTheSameMomentWins() {
		for (int seed = 0; seed < 100; seed++) {
			Shuffled dial = new Shuffled(seed);
			dial.network.accept(V6A, Duration.ofMillis(400)).accept(V4A, Duration.ofMillis(100));
			dial.run();
			assertThat(dial.failures).as("seed " + seed).isEmpty();
			assertThat(dial.network.open()).as("seed " + seed).hasSize(1).isEqualTo(dial.connections);
			assertThat(dial.events.events()).as("seed " + seed)
				.filteredOn((event) -> event.endsWith("CancellationException"))
				.hasSize(1);
		}
	}

	@Test
	void listThatIsDueWhenAnotherFailsIsTriedOnce() {
		for (int seed = 0; seed < 100; seed++) {
			Shuffled dial = new Shuffled(seed);
			dial.network.refuse(V6A, Duration.ofMillis(300)).refuse(V4A, Duration.ofMillis(10));
			dial.run();
			assertThat(dial.events.events()).as("seed " + seed).hasSize(4).doesNotHaveDuplicates();
			assertThat(dial.failures).as("seed " + seed).singleElement().isInstanceOf(ConnectException.class);
		}
	}

	@Test
	void allFailing() {
		ConnectException first = new ConnectException("Connection refused");
		NoRouteToHostException second = new NoRouteToHostException("No route to host");
		this.network.fail(V6A, Duration.ofMillis(400), first)
			.fail(V6B, NONE, new SocketTimeoutException("Connect timed out"))
			.fail(V4A, NONE, second);
		dial(V6A, V4A, V6B);
		assertThat(this.failure).isExactlyInstanceOf(ConnectException.class)
			.hasMessage("dial tcp [2001:db8::1]:80: Connection refused; "
					+ "[2001:db8::2]:80: Connect timed out; 192.0.2.1:80: No route to host")
			.hasCause(first);
		assertThat(suppressed()).hasSize(2).contains(second);
		assertThat(this.ended).isEqualTo(400);
	}

	@Test
	void classOfTheFirstErrorIsKept() {
		for (Exception error : List.of(new ConnectException("c"), new NoRouteToHostException("n"),
				new SocketTimeoutException("t"), new java.net.SocketException("s"), new java.net.BindException("b"),
				new IOException("i"))) {
			this.network.fail(V4A, NONE, error);
			dial(V4A);
			assertThat(this.failure).isExactlyInstanceOf(error.getClass())
				.hasMessage("dial tcp 192.0.2.1:80: " + error.getMessage())
				.hasCause(error);
		}
	}

	@Test
	void errorOfAnotherClassIsPassedOnAsItIs() {
		IOException error = new UnknownHostException("proxy.test");
		ConnectException other = new ConnectException("Connection refused");
		this.network.fail(V4A, NONE, error).fail(V4B, NONE, other);
		dial(V4A, V4B);
		assertThat(this.failure).isSameAs(error);
		assertThat(suppressed()).containsExactly(other);
	}

	@Test
	void uncheckedExceptionOfAConnectorEndsItsAttemptOnly() {
		this.network.fail(V6A, NONE, new UnsupportedAddressTypeException()).accept(V4A, NONE);
		dial(V6A, V4A);
		assertConnectedTo(V4A, 0);
		UnsupportedAddressTypeException error = new UnsupportedAddressTypeException();
		this.network.fail(V4B, NONE, error);
		this.connection = closed(this.connection);
		dial(V4B);
		assertThat(this.failure).isSameAs(error);
	}

	@Test
	void shareOfTheTimeoutIsOfTheListAndAtLeastTwoSeconds() {
		this.network.drop(V6A).drop(V6B).drop(V6C).drop(V4A).accept(V4B, NONE);
		this.settings = DialSettings.defaults().withTimeout(Duration.ofSeconds(9));
		dial(V6A, V4A, V6B, V4B, V6C);
		assertConnectedTo(V4B, 300 + 4350);
		assertThat(this.trace.events()).contains("connectDone tcp 192.0.2.1 80 SocketTimeoutException");
	}

	@Test
	void timeoutThatIsOverStartsNothing() {
		this.network.accept(V4A, NONE);
		this.settings = DialSettings.defaults().withTimeout(NONE);
		dial(V4A, V4B);
		assertThat(this.failure).isExactlyInstanceOf(SocketTimeoutException.class)
			.hasMessage("dial tcp 192.0.2.1:80: i/o timeout; not tried: 192.0.2.2:80");
		assertThat(this.trace.events()).isEmpty();
	}

	@Test
	void attemptTimeoutHoldsForEachAttempt() {
		this.network.drop(V4A).accept(V4B, Duration.ofMillis(900));
		this.settings = DialSettings.defaults().withAttemptTimeout(Duration.ofSeconds(1));
		dial(V4A, V4B);
		assertConnectedTo(V4B, 1900);
	}

	@Test
	void attemptTimeoutAndTimeoutBothHold() {
		this.network.drop(V4A).drop(V4B);
		this.settings = DialSettings.defaults()
			.withAttemptTimeout(Duration.ofSeconds(1))
			.withTimeout(Duration.ofMillis(1500));
		dial(V4A, V4B);
		assertThat(this.failure).isInstanceOf(SocketTimeoutException.class);
		assertThat(this.ended).isEqualTo(1500);
	}

	@Test
	void fallbackDelayOfZeroStartsTheFallbackAtOnce() {
		this.network.drop(V6A).accept(V4A, Duration.ofMillis(10));
		this.settings = DialSettings.defaults().withFallbackDelay(NONE);
		dial(V6A, V4A);
		assertConnectedTo(V4A, 10);
	}

	@Test
	void negativeFallbackDelayIsOneListOnTheCallersThread() {
		this.network.refuse(V6A, Duration.ofSeconds(1)).accept(V4A, NONE);
		for (DialStrategy strategy : DialStrategy.values()) {
			this.settings = DialSettings.defaults().withStrategy(strategy).withFallbackDelay(Duration.ofNanos(-1));
			int threads = this.time.threads();
			long start = this.time.millis();
			dial(V6A, V4A);
			assertThat(this.time.threads() - threads).isOne();
			assertConnectedTo(V4A, start + 1000);
			this.connection = closed(this.connection);
		}
	}

	@Test
	void rfc8305InterleavesTheFamiliesAndStartsTheNextEvery250Milliseconds() {
		this.network.drop(V6A).drop(V6B).drop(V6C).drop(V4A).accept(V4B, NONE);
		this.settings = DialSettings.defaults().withStrategy(DialStrategy.RFC8305);
		dial(V6A, V6B, V6C, V4A, V4B);
		assertThat(starts()).containsExactly("2001:db8:0:0:0:0:0:1", "192.0.2.1", "2001:db8:0:0:0:0:0:2", "192.0.2.2");
		assertConnectedTo(V4B, 750);
	}

	@Test
	void rfc8305StartsTheNextAtOnceWhenOneFails() {
		this.network.drop(V4A).refuse(V6A, Duration.ofMillis(300)).accept(V4B, Duration.ofMillis(10));
		this.settings = DialSettings.defaults().withStrategy(DialStrategy.RFC8305);
		dial(V4A, V6A, V4B);
		// V6A starts at 250 and fails at 550; V4B has been started at 500
		assertConnectedTo(V4B, 510);
		this.connection = closed(this.connection);
		this.network.refuse(V6A, Duration.ofMillis(30));
		long start = this.time.millis();
		dial(V4A, V6A, V4B);
		assertConnectedTo(V4B, start + 250 + 30 + 10);
	}

	@Test
	void rfc8305RacesAddressesOfOneFamily() {
		this.network.drop(V4A).accept(V4B, NONE);
		this.settings = DialSettings.defaults().withStrategy(DialStrategy.RFC8305).withTimeout(Duration.ofSeconds(1));
		dial(V4A, V4B);
		assertConnectedTo(V4B, 250);
	}

	@Test
	void rfc8305TriesASingleAddressOnTheCallersThread() {
		this.network.accept(V4A, NONE);
		this.settings = DialSettings.defaults().withStrategy(DialStrategy.RFC8305);
		dial(V4A);
		assertThat(this.time.threads()).isOne();
		assertConnectedTo(V4A, 0);
	}

	@Test
	void rfc8305ReportsTheErrorOfTheFirstAddress() {
		this.network.refuse(V4A, Duration.ofMillis(700))
			.fail(V6A, NONE, new NoRouteToHostException("No route to host"))
			.drop(V4B);
		this.settings = DialSettings.defaults().withStrategy(DialStrategy.RFC8305).withTimeout(Duration.ofSeconds(1));
		dial(V4A, V4B, V6A);
		assertThat(this.failure).isExactlyInstanceOf(ConnectException.class)
			.hasMessage("dial tcp 192.0.2.1:80: Connection refused; [2001:db8::1]:80: No route to host; "
					+ "192.0.2.2:80: Connect timed out");
		assertThat(this.ended).isEqualTo(1000);
	}

	@Test
	void closingTheHandleEndsEveryAttempt() {
		this.network.drop(V6A).drop(V4A).drop(V4B);
		this.time.at(400, this.handle::close);
		dial(V6A, V4A, V4B);
		assertThat(this.failure).isExactlyInstanceOf(InterruptedIOException.class)
			.hasCauseInstanceOf(CancellationException.class)
			.hasMessage("dial tcp [2001:db8::1]:80: operation was canceled; "
					+ "192.0.2.2:80: operation was canceled; 192.0.2.1:80: operation was canceled");
		assertThat(this.ended).isEqualTo(400);
		assertThat(this.interrupted).isFalse();
		assertThat(this.trace.events()).hasSize(4);
	}

	@Test
	void closingTheHandleEndsTheAttemptOfAListWithoutRace() {
		this.network.drop(V4A).accept(V4B, NONE);
		this.time.at(400, this.handle::close);
		dial(V4A, V4B);
		assertThat(this.failure).isExactlyInstanceOf(InterruptedIOException.class);
		assertThat(this.ended).isEqualTo(400);
		assertThat(this.trace.events()).containsExactly("connectStart tcp 192.0.2.1 80",
				"connectDone tcp 192.0.2.1 80 CancellationException");
	}

	@Test
	void handleThatIsClosedBeforeStartsNothing() {
		this.handle.close();
		dial(V6A, V4A);
		assertThat(this.failure).isExactlyInstanceOf(InterruptedIOException.class);
		assertThat(this.trace.events()).isEmpty();
		assertThat(this.time.threads()).isOne();
	}

	@Test
	void closingTheHandleLaterDoesNotTouchTheConnection() {
		this.network.accept(V4A, NONE);
		DialHandle used = this.handle;
		dial(V4A);
		used.close();
		assertConnectedTo(V4A, 0);
	}

	@Test
	void interruptionEndsEveryAttemptAndStays() {
		this.network.drop(V6A).drop(V4A);
		Thread caller = this.time.at(0, () -> tryDial(V6A, V4A));
		this.time.at(400, () -> this.time.interrupt(caller));
		this.time.run();
		assertThat(this.failure).isExactlyInstanceOf(InterruptedIOException.class)
			.hasCauseInstanceOf(CancellationException.class);
		assertThat(this.interrupted).isTrue();
		assertThat(this.ended).isEqualTo(400);
		assertThat(this.trace.events()).filteredOn((event) -> event.endsWith("CancellationException")).hasSize(2);
	}

	@Test
	void interruptionBeforeStartsNothing() {
		run(() -> {
			Thread.currentThread().interrupt();
			return dialer().dial("tcp", addresses(V6A, V4A), this.network, this.handle);
		});
		assertThat(this.failure).isExactlyInstanceOf(InterruptedIOException.class);
		assertThat(this.interrupted).isTrue();
		assertThat(this.trace.events()).isEmpty();
	}

	@Test
	void interruptionThatDoesNotCountOnlyStays() {
		this.handle = new DialHandle(false);
		this.network.ignoreInterrupts().drop(V6A).accept(V4A, Duration.ofMillis(400));
		Thread caller = this.time.at(0, () -> tryDial(V6A, V4A));
		this.time.at(400, () -> this.time.interrupt(caller));
		this.time.run();
		assertThat(this.interrupted).isTrue();
		assertConnectedTo(V4A, 700);
	}

	@Test
	void interruptionBeforeThatDoesNotCountOnlyStays() {
		this.network.ignoreInterrupts().refuse(V6A, NONE).accept(V4A, NONE);
		run(() -> {
			Thread.currentThread().interrupt();
			return dialer().dial("tcp", addresses(V6A, V4A), this.network, new DialHandle(false));
		});
		assertThat(this.interrupted).isTrue();
		assertConnectedTo(V4A, 0);
	}

	@Test
	void withoutAnyThreadTheCallerTriesOneListAfterTheOther() {
		this.network.refuse(V6A, Duration.ofMillis(400)).accept(V4A, Duration.ofMillis(20));
		Dialer dialer = GoDialer.dialer(this.settings, (task) -> {
			throw new OutOfMemoryError("unable to create native thread");
		}, this.time);
		Thread caller = run(() -> dialer.dial("tcp", addresses(V6A, V4A), this.network, this.handle));
		assertThat(this.trace.threads()).containsOnly(caller);
		assertThat(this.trace.events()).containsExactly("connectStart tcp 2001:db8:0:0:0:0:0:1 80",
				"connectDone tcp 2001:db8:0:0:0:0:0:1 80 ConnectException", "connectStart tcp 192.0.2.1 80",
				"connectDone tcp 192.0.2.1 80");
		assertConnectedTo(V4A, 420);
	}

	@Test
	void executorThatRejectsIsNoFailure() {
		this.network.accept(V6A, NONE);
		Dialer dialer = GoDialer.dialer(this.settings, (task) -> {
			throw new RejectedExecutionException("shut down");
		}, this.time);
		run(() -> dialer.dial("tcp", addresses(V6A, V4A), this.network, this.handle));
		assertConnectedTo(V6A, 0);
	}

	@Test
	void executorThatFailsWhenTheRacerIsQueuedRunsItOnce() {
		this.network.refuse(V6A, Duration.ofMillis(400)).refuse(V4A, Duration.ofMillis(10));
		Dialer dialer = GoDialer.dialer(this.settings, (task) -> {
			this.time.execute(task);
			throw new OutOfMemoryError("unable to create native thread");
		}, this.time);
		run(() -> dialer.dial("tcp", addresses(V6A, V4A), this.network, this.handle));
		assertThat(this.trace.events()).hasSize(4);
		assertThat(this.failure).isExactlyInstanceOf(ConnectException.class);
	}

	@Test
	void executorThatHasNoThreadForTheFallbackLosesNoConnection() {
		this.network.accept(V6A, Duration.ofMillis(400)).drop(V4A);
		Dialer dialer = GoDialer.dialer(this.settings, (task) -> {
			if (this.time.millis() > 0) {
				throw new OutOfMemoryError("unable to create native thread");
			}
			this.time.execute(task);
		}, this.time);
		run(() -> dialer.dial("tcp", addresses(V6A, V4A), this.network, this.handle));
		assertConnectedTo(V6A, 400);
	}

	@Test
	void ofVeryManyAddressesSomeAreNamed() {
		InetAddress[] many = IntStream.range(0, 1000)
			.mapToObj((i) -> address("192.0.2." + i % 250))
			.toArray(InetAddress[]::new);
		Stream.of(many).forEach((address) -> this.network.refuse(address, NONE));
		dial(many);
		assertThat(this.failure).isExactlyInstanceOf(ConnectException.class)
			.hasMessageContaining("192.0.2.10:80")
			.hasMessageEndingWith("; and 989 more");
		assertThat(Objects.requireNonNull(this.failure).getSuppressed()).hasSize(10);
		assertThat(Objects.requireNonNull(this.failure).getMessage()).hasSizeLessThan(1000);
	}

	@Test
	void connectionIsClosedWhenTheDoneHookEndsTheDial() {
		this.network.accept(V6A, NONE).drop(V4A);
		NetTrace failing = new NetTrace() {

			@Override
			public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
				if (error == null) {
					throw new InternalError("the JVM's");
				}
			}

		};
		run(() -> {
			List<InetSocketAddress> addresses = Stream.of(V6A, V4A)
				.map((address) -> NetTraceAddress.carrying(new InetSocketAddress(address, 80), failing))
				.toList();
			try {
				return dialer().dial("tcp", addresses, this.network, this.handle);
			}
			catch (InternalError ex) {
				throw new IOException(ex);
			}
		});
		assertThat(this.failure).hasCauseExactlyInstanceOf(InternalError.class);
	}

	@Test
	void hostIsResolvedAndItsAddressesFiltered() {
		this.network.accept(V4A, NONE);
		run(() -> goDialer().dial("tcp4", "a.test", 80, (network, host, port, deadline) -> {
			assertThat(List.of(network, host, port)).containsExactly("tcp4", "a.test", 80);
			assertThat(deadline).isEqualTo(Clock.NEVER);
			return addresses(V6A, V4A);
		}, this.network));
		assertThat(this.trace.events()).containsExactly("connectStart tcp4 192.0.2.1 80",
				"connectDone tcp4 192.0.2.1 80");
		assertConnectedTo(V4A, 0);
	}

	@Test
	void hostWithoutSuitableAddressIsNoRoute() {
		for (List<InetSocketAddress> answer : List.of(List.<InetSocketAddress>of(), addresses(V4A))) {
			run(() -> goDialer().dial("tcp6", "a.test", 80, (network, host, port, deadline) -> answer, this.network));
			assertThat(this.failure).isExactlyInstanceOf(NoRouteToHostException.class)
				.hasMessage("dial tcp6 a.test:80: no suitable address");
		}
		run(() -> goDialer().dial("tcp", "a.test", 80, (network, host, port, deadline) -> null, this.network));
		assertThat(this.failure).isExactlyInstanceOf(NoRouteToHostException.class);
	}

	@Test
	void timeoutCoversResolving() {
		this.network.drop(V4A);
		this.settings = DialSettings.defaults().withTimeout(Duration.ofSeconds(3));
		run(() -> goDialer().dial("tcp", "a.test", 80, (network, host, port, deadline) -> {
			assertThat(this.time.until(deadline)).isEqualTo(Duration.ofSeconds(3));
			sleep(1000);
			return addresses(V4A);
		}, this.network));
		assertThat(this.failure).isInstanceOf(SocketTimeoutException.class);
		assertThat(this.ended).isEqualTo(3000);
	}

	@Test
	void errorOfTheResolverIsPassedOn() {
		UnknownHostException unknown = new UnknownHostException("a.test");
		run(() -> goDialer().dial("tcp", "a.test", 80, (network, host, port, deadline) -> {
			throw unknown;
		}, this.network));
		assertThat(this.failure).isSameAs(unknown);
	}

	@Test
	void unspecifiedIpv6AddressIsTriedAsIpv4Too() {
		this.network.refuse(address("::"), NONE).accept(address("0.0.0.0"), NONE);
		run(() -> goDialer().dial("tcp", "::", 80, (network, host, port, deadline) -> addresses(address("::")),
				this.network));
		assertConnectedTo(address("0.0.0.0"), 0);
		assertThat(starts()).hasSize(2);
	}

	@Test
	void badInputIsNamed() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> dialer().dial("tcp", List.of(), this.network, this.handle))
			.withMessageContaining("'addresses'");
		assertThatIllegalArgumentException()
			.isThrownBy(
					() -> goDialer().dial("udp", "a.test", 80, (network, host, port, deadline) -> null, this.network))
			.withMessage("'network' must be tcp, tcp4 or tcp6, not \"udp\"");
		assertThatIllegalArgumentException().isThrownBy(() -> DialSettings.defaults().withAttemptTimeout(NONE))
			.withMessageContaining("'attemptTimeout'");
		this.network.accept(V4A, NONE);
		DialHandle used = this.handle;
		dial(V4A);
		assertThatIllegalStateException().isThrownBy(() -> dialer().dial("tcp", addresses(V4A), this.network, used))
			.withMessage("A DialHandle serves one dial only");
	}

	private GoDialer goDialer() {
		return new GoDialer(this.settings, this.time);
	}

	private Thread dial(InetAddress... addresses) {
		return run(() -> dialer().dial("tcp", addresses(addresses), this.network, this.handle));
	}

	private void tryDial(InetAddress... addresses) {
		attempt(() -> dialer().dial("tcp", addresses(addresses), this.network, this.handle));
	}

	private Thread run(Dialing dialing) {
		Thread caller = this.time.at(this.time.millis(), () -> attempt(dialing));
		this.time.run();
		this.handle = new DialHandle();
		return caller;
	}

	private void attempt(Dialing dialing) {
		try {
			this.connection = dialing.dial();
		}
		catch (Exception ex) {
			this.failure = ex;
		}
		this.ended = this.time.millis();
		this.interrupted = Thread.currentThread().isInterrupted();
	}

	private Dialer dialer() {
		return GoDialer.dialer(this.settings, this.time, this.time);
	}

	private List<InetSocketAddress> addresses(InetAddress... addresses) {
		return addresses(this.trace, addresses);
	}

	private static List<InetSocketAddress> addresses(TraceRecorder trace, InetAddress... addresses) {
		return Stream.of(addresses)
			.map((address) -> NetTraceAddress.carrying(new InetSocketAddress(address, 80), trace))
			.toList();
	}

	private static InetAddress address(String literal) {
		return new InetSocketAddress(literal, 0).getAddress();
	}

	private void sleep(long millis) throws InterruptedIOException {
		try {
			this.time.mailbox().poll(this.time.deadlineIn(Duration.ofMillis(millis)));
		}
		catch (InterruptedException ex) {
			throw new InterruptedIOException();
		}
	}

	private void assertConnectedTo(InetAddress address, long millis) {
		if (this.connection == null) {
			throw new AssertionError("No connection", this.failure);
		}
		assertThat(this.connection.address().getAddress()).isEqualTo(address);
		assertThat(this.ended).isEqualTo(millis);
	}

	private @Nullable ScriptedSocket closed(@Nullable ScriptedSocket socket) {
		if (socket != null) {
			socket.close();
		}
		return null;
	}

	private List<Throwable> suppressed() {
		return (this.failure != null) ? List.of(this.failure.getSuppressed()) : List.of();
	}

	private List<String> starts() {
		return this.trace.events()
			.stream()
			.filter((event) -> event.startsWith("connectStart"))
			.map((event) -> event.substring("connectStart tcp ".length(), event.lastIndexOf(' ')))
			.toList();
	}

	/**
	 * A dial by Go's rule to an IPv6 and an IPv4 address, in an order of threads that a
	 * seed decides.
	 */
	private static final class Shuffled {

		private final VirtualTime time;

		private final ScriptedNetwork network;

		private final TraceRecorder events = new TraceRecorder();

		private final List<ScriptedSocket> connections = new ArrayList<>();

		private final List<IOException> failures = new ArrayList<>();

		Shuffled(int seed) {
			this.time = VirtualTime.shuffled(seed);
			this.network = new ScriptedNetwork(this.time);
		}

		void run() {
			this.time.execute(() -> {
				try {
					this.connections.add(GoDialer.dialer(DialSettings.defaults(), this.time, this.time)
						.dial("tcp", addresses(this.events, V6A, V4A), this.network, new DialHandle()));
				}
				catch (IOException ex) {
					this.failures.add(ex);
				}
			});
			this.time.run();
		}

	}

	private interface Dialing {

		ScriptedSocket dial() throws IOException;

	}

}
