package io.nettrace.dial;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;

import io.nettrace.concurrent.Threads;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Races whose time passes when the test says so.
 */
class AsyncDialerTests {

	private static final InetSocketAddress A = address("2001:db8::1");

	private static final InetSocketAddress B = address("192.0.2.1");

	private static final InetSocketAddress C = address("192.0.2.2");

	private final List<String> events = new ArrayList<>();

	private final Map<InetSocketAddress, AsyncAttempt<String>> attempts = new HashMap<>();

	private final Deque<Runnable> timers = new ArrayDeque<>();

	private @Nullable Duration delay;

	private final Network network = new Network();

	private final AsyncDialer dialer = dialer(DialSettings.defaults().withStrategy(DialStrategy.RFC8305));

	private AsyncDialer dialer(DialSettings settings) {
		return new AsyncDialer(settings, (delay, task) -> {
			this.delay = delay;
			this.timers.add(task);
			return () -> this.timers.remove(task);
		});
	}

	private static InetSocketAddress address(String literal) {
		try {
			return new InetSocketAddress(InetAddress.getByName(literal), 80);
		}
		catch (UnknownHostException ex) {
			throw new IllegalArgumentException(ex);
		}
	}

	private final class Network implements AsyncConnector<String> {

		private @Nullable Throwable refusesWith;

		private @Nullable InetSocketAddress keeps;

		@Override
		public Runnable connect(InetSocketAddress address, AsyncAttempt<String> attempt) {
			AsyncDialerTests.this.events.add("connect " + name(address));
			AsyncDialerTests.this.attempts.put(address, attempt);
			if (this.refusesWith instanceof RuntimeException thrown) {
				throw thrown;
			}
			if (this.refusesWith != null && !address.equals(this.keeps)) {
				attempt.failed(this.refusesWith);
			}
			return () -> {
				AsyncDialerTests.this.events.add("end " + name(address));
				attempt.failed(new IOException("ended"));
			};
		}

		@Override
		public void connected(String connection) {
			AsyncDialerTests.this.events.add("connected " + connection);
		}

		@Override
		public void failed(Map<InetSocketAddress, Throwable> failures) {
			AsyncDialerTests.this.events.add("failed " + Stream.of(A, B, C)
				.filter(failures::containsKey)
				.map((each) -> name(each) + " " + Objects.requireNonNull(failures.get(each)).getMessage())
				.toList());
		}

	}

	private static String name(InetSocketAddress address) {
		return address.equals(A) ? "A" : address.equals(B) ? "B" : "C";
	}

	private AsyncAttempt<String> attempt(InetSocketAddress address) {
		return Objects.requireNonNull(this.attempts.get(address));
	}

	private void connects(InetSocketAddress address) {
		AsyncAttempt<String> attempt = attempt(address);
		if (attempt.wins()) {
			attempt.connected(name(address));
		}
		else {
			this.events.add("lost " + name(address));
		}
	}

	private void fails(InetSocketAddress address) {
		attempt(address).failed(new IOException("refused"));
	}

	private void delayPasses() {
		this.timers.remove().run();
	}

	@Test
	void theFirstAddressAnswersAndNoOtherIsTried() {
		this.dialer.dial(List.of(A, B), this.network);
		connects(A);
		assertThat(this.events).containsExactly("connect A", "connected A");
		assertThat(this.delay).isEqualTo(Duration.ofMillis(250));
		assertThat(this.timers).as("the delay is given up").isEmpty();
	}

	@Test
	void afterTheDelayTheNextOneIsTriedAndTheLoserIsEnded() {
		this.dialer.dial(List.of(A, B, C), this.network);
		delayPasses();
		connects(B);
		assertThat(this.events).containsExactly("connect A", "connect B", "end A", "connected B");
		assertThat(this.timers).isEmpty();
	}

	@Test
	void aFailureDoesNotWaitForTheDelay() {
		this.dialer.dial(List.of(A, B, C), this.network);
		fails(A);
		assertThat(this.events).containsExactly("connect A", "connect B");
		assertThat(this.timers).as("the delay begins anew").hasSize(1);
		delayPasses();
		connects(C);
		assertThat(this.events).containsExactly("connect A", "connect B", "connect C", "end B", "connected C");
	}

	@Test
	void twoThatConnectAtOnceAreNotBothUsed() {
		this.dialer.dial(List.of(A, B), this.network);
		delayPasses();
		assertThat(attempt(B).wins()).isTrue();
		assertThat(attempt(B).wins()).as("asked again").isTrue();
		connects(A);
		attempt(B).connected("B");
		assertThat(this.events).containsExactly("connect A", "connect B", "lost A", "end A", "connected B");
		assertThatIllegalStateException().isThrownBy(() -> attempt(A).connected("A"));
	}

	@Test
	void allHaveFailed() {
		this.dialer.dial(List.of(A, B, C), this.network);
		delayPasses();
		fails(B);
		fails(A);
		assertThat(this.events).containsExactly("connect A", "connect B", "connect C");
		fails(C);
		fails(C);
		assertThat(this.events).last().isEqualTo("failed [A refused, B refused, C refused]");
		assertThat(this.events).hasSize(4);
		assertThat(this.timers).isEmpty();
	}

	@Test
	void failuresThatAreToldBeforeTheBeginningHasReturned() {
		this.network.refusesWith = new IOException("at once");
		this.dialer.dial(List.of(A, B, C), this.network);
		assertThat(this.events).containsExactly("connect A", "connect B", "connect C",
				"failed [A at once, B at once, C at once]");
		assertThat(this.timers).isEmpty();
	}

	@Test
	void theDelayAfterAFailureThatIsToldAtOnceIsNotLost() {
		this.network.refusesWith = new IOException("at once");
		this.network.keeps = B;
		this.dialer.dial(List.of(A, B, C), this.network);
		assertThat(this.events).containsExactly("connect A", "connect B");
		delayPasses();
		assertThat(this.events).containsExactly("connect A", "connect B", "connect C");
	}

	@Test
	void whatABeginningThrowsIsAFailure() {
		this.network.refusesWith = new IllegalStateException("shut down");
		this.dialer.dial(List.of(A, B), this.network);
		assertThat(this.events).containsExactly("connect A", "connect B", "failed [A shut down, B shut down]");
	}

	@Test
	void errorsOfTheJvmAreThrown() {
		assertThatExceptionOfType(OutOfMemoryError.class)
			.isThrownBy(() -> this.dialer.dial(List.of(A, B), new AsyncConnector<String>() {

				@Override
				public Runnable connect(InetSocketAddress address, AsyncAttempt<String> attempt) {
					throw new OutOfMemoryError("planted");
				}

				@Override
				public void connected(String connection) {
				}

				@Override
				public void failed(Map<InetSocketAddress, Throwable> failures) {
				}

			}));
	}

	@Test
	void cancelledItEndsEveryAttemptAndTellsNothing() {
		Runnable cancel = this.dialer.dial(List.of(A, B, C), this.network);
		delayPasses();
		cancel.run();
		cancel.run();
		assertThat(this.events).containsExactly("connect A", "connect B", "end A", "end B");
		assertThat(this.timers).isEmpty();
		connects(B);
		assertThat(this.events).last().isEqualTo("lost B");
	}

	@Test
	void cancelledAfterTheEndItDoesNothing() {
		Runnable cancel = this.dialer.dial(List.of(A, B), this.network);
		connects(A);
		cancel.run();
		assertThat(this.events).containsExactly("connect A", "connected A");
	}

	@Test
	void goTriesAFamilyInOrderAndRacesTheOther() {
		AsyncDialer go = dialer(DialSettings.defaults());
		go.dial(List.of(B, C, A), this.network);
		assertThat(this.delay).isEqualTo(Duration.ofMillis(300));
		fails(B);
		assertThat(this.events).containsExactly("connect B", "connect C");
		assertThat(this.timers).as("the list has not failed yet").hasSize(1);
		delayPasses();
		fails(A);
		assertThat(this.events).containsExactly("connect B", "connect C", "connect A");
		fails(C);
		assertThat(this.events).last().isEqualTo("failed [A refused, B refused, C refused]");
	}

	@Test
	void withoutADelayAllBeginAtOnce() {
		dialer(DialSettings.defaults().withStrategy(DialStrategy.RFC8305).withFallbackDelay(Duration.ZERO))
			.dial(List.of(A, B, C), this.network);
		assertThat(this.events).containsExactly("connect A", "connect B", "connect C");
	}

	@Test
	void saysWhetherThereIsARace() {
		AsyncDialer go = dialer(DialSettings.defaults());
		assertThat(go.races(List.of(A, B))).isTrue();
		assertThat(go.races(List.of(B, C))).as("one family").isFalse();
		assertThat(this.dialer.races(List.of(B, C))).isTrue();
		assertThat(this.dialer.races(List.of(A))).isFalse();
		assertThat(dialer(DialSettings.defaults().withFallbackDelay(Duration.ofMillis(-1))).races(List.of(A, B)))
			.isFalse();
	}

	@Test
	void takesNoLimitOfTime() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> dialer(DialSettings.defaults().withTimeout(Duration.ofSeconds(1))))
			.withMessageContaining("'settings' must have no timeout");
		assertThatIllegalArgumentException().isThrownBy(() -> this.dialer.dial(List.of(), this.network))
			.withMessageContaining("'addresses'");
	}

	@Test
	void realTimePasses() throws InterruptedException {
		CountDownLatch second = new CountDownLatch(2);
		AsyncDialer real = new AsyncDialer(
				DialSettings.defaults().withStrategy(DialStrategy.RFC8305).withFallbackDelay(Duration.ofMillis(1)),
				Threads.perTask("race-"));
		CompletableFuture<String> winner = new CompletableFuture<>();
		real.dial(List.of(A, B), new AsyncConnector<String>() {

			@Override
			public @Nullable Runnable connect(InetSocketAddress address, AsyncAttempt<String> attempt) {
				second.countDown();
				if (address.equals(B) && attempt.wins()) {
					attempt.connected(Thread.currentThread().getName());
				}
				return null;
			}

			@Override
			public void connected(String connection) {
				winner.complete(connection);
			}

			@Override
			public void failed(Map<InetSocketAddress, Throwable> failures) {
				winner.completeExceptionally(new IOException("failed"));
			}

		});
		second.await();
		assertThat(winner.join()).startsWith("race-");
	}

	@Test
	void withoutAThreadTheTimerBeginsTheAttempt() throws InterruptedException {
		Executor exhausted = (task) -> {
			throw new OutOfMemoryError("unable to create native thread");
		};
		CountDownLatch ran = new CountDownLatch(1);
		Delays.on(exhausted).start(Duration.ofMillis(1), ran::countDown);
		ran.await();
		assertThat(ran.getCount()).isZero();
	}

	@Test
	void aSchedulerWaitsItself() throws Exception {
		ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
		try {
			Thread own = scheduler.submit(Thread::currentThread).get();
			CompletableFuture<Thread> ranOn = new CompletableFuture<>();
			Delays.on(scheduler).start(Duration.ofMillis(1), () -> ranOn.complete(Thread.currentThread()));
			assertThat(ranOn.get()).isEqualTo(own);
			Delays.on(scheduler).start(Duration.ofDays(1), () -> ranOn.cancel(false)).run();
		}
		finally {
			assertThat(scheduler.shutdownNow()).as("given up").allMatch((task) -> ((Future<?>) task).isCancelled());
		}
	}

	@Test
	void withASchedulerThatHasEndedTheTimerBeginsTheAttempt() throws InterruptedException {
		ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
		scheduler.shutdown();
		CountDownLatch ran = new CountDownLatch(1);
		Delays.on(scheduler).start(Duration.ofMillis(1), ran::countDown);
		ran.await();
		assertThat(ran.getCount()).isZero();
	}

}
