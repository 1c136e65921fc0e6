package io.nettrace.dial;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.nettrace.TraceRecorder;
import io.nettrace.concurrent.Clock;
import io.nettrace.concurrent.DisturbedThreads;
import io.nettrace.dial.ScriptedNetwork.ScriptedSocket;
import io.nettrace.instrument.NetTraceAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Thousands of dials, timeouts, interruptions and cancellations at once, on real threads
 * with scripted sockets.
 */
@Timeout(120)
class DialStressTests {

	private static final int CALLERS = 24;

	private static final int DIALS_EACH = 150;

	private final DisturbedThreads callers = new DisturbedThreads(CALLERS);

	private final ExecutorService pool = Executors.newCachedThreadPool();

	private final Queue<Dialed> dials = new ConcurrentLinkedQueue<>();

	@AfterEach
	void stopThreads() {
		this.pool.shutdownNow();
	}

	@ParameterizedTest
	@MethodSource("io.nettrace.concurrent.TestThreads#kinds")
	void everyStartHasOneDoneAndOnlyTheConnectionIsOpen(ThreadFactory threads) throws Exception {
		this.callers.run(threads, DIALS_EACH, this::dial);
		this.pool.shutdown();
		assertThat(this.pool.awaitTermination(60, TimeUnit.SECONDS)).as("no attempt is left").isTrue();
		assertThat(this.dials).hasSize(CALLERS * DIALS_EACH).allSatisfy(Dialed::check);
		assertThat(this.dials).filteredOn((dial) -> dial.connection != null).isNotEmpty();
		assertThat(this.dials).filteredOn((dial) -> dial.connection == null).isNotEmpty();
	}

	private void dial(Random random) {
		ScriptedNetwork network = new ScriptedNetwork(Clock.system());
		TraceRecorder trace = new TraceRecorder();
		List<InetSocketAddress> addresses = new ArrayList<>();
		int count = 1 + random.nextInt(4);
		for (int i = 0; i < count; i++) {
			InetSocketAddress address = new InetSocketAddress((random.nextBoolean() ? "10.0.0." : "2001:db8::") + i,
					80);
			addresses.add(NetTraceAddress.carrying(address, trace));
			script(network, address.getAddress(), random);
		}
		DialSettings settings = DialSettings.defaults()
			.withStrategy(random.nextBoolean() ? DialStrategy.GO : DialStrategy.RFC8305)
			.withFallbackDelay(millis(random, 3))
			.withTimeout(millis(random, 8));
		DialHandle handle = new DialHandle();
		if (random.nextInt(4) == 0) {
			long when = random.nextInt(4_000_000);
			this.pool.execute(() -> {
				LockSupport.parkNanos(when);
				handle.close();
			});
		}
		ScriptedSocket connection = null;
		try {
			connection = new Dialer(settings, this.pool).dial("tcp", addresses, network, handle);
		}
		catch (IOException expected) {
			assertThat(expected.getMessage()).startsWith("dial tcp ");
		}
		this.dials.add(new Dialed(network, trace, connection));
	}

	private static void script(ScriptedNetwork network, InetAddress address, Random random) {
		Duration delay = millis(random, 4);
		switch (random.nextInt(3)) {
			case 0 -> network.accept(address, delay);
			case 1 -> network.refuse(address, delay);
			default -> network.drop(address);
		}
	}

	private static Duration millis(Random random, int most) {
		return Duration.ofNanos(random.nextInt(most * 1_000_000));
	}

	private record Dialed(ScriptedNetwork network, TraceRecorder trace, @Nullable ScriptedSocket connection) {

		void check() {
			assertThat(this.network.open())
				.isEqualTo((this.connection != null) ? List.of(this.connection) : List.<ScriptedSocket>of());
			assertThat(this.trace.events()).filteredOn((event) -> event.matches("connectDone \\S+ \\S+ \\d+"))
				.hasSize((this.connection != null) ? 1 : 0);
		}

	}

}
