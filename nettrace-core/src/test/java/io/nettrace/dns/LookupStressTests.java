package io.nettrace.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import io.nettrace.NetTraceContext;
import io.nettrace.TraceRecorder;
import io.nettrace.concurrent.Clock;
import io.nettrace.concurrent.DisturbedThreads;
import io.nettrace.concurrent.LookupThreads;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Thousands of lookups, timeouts, interruptions and cancellations at once, on real
 * threads.
 */
@Timeout(120)
class LookupStressTests {

	private static final int CALLERS = 24;

	private static final int LOOKUPS_EACH = 250;

	private static final int HOSTS = 3;

	private final DisturbedThreads callers = new DisturbedThreads(CALLERS);

	private final ExecutorService lookupPool = Executors.newCachedThreadPool();

	private final ScheduledExecutorService eventLoop = Executors.newSingleThreadScheduledExecutor();

	private final LookupThreads threads = LookupThreads.of(this.lookupPool, 20, 50, 50);

	private final LookupGroup group = new LookupGroup(LookupSettings.defaults().withTimeout(Duration.ofMillis(40)),
			this.threads, true);

	private final LookupGroup patientGroup = new LookupGroup(LookupSettings.defaults(), this.threads, true);

	private final Queue<Operation> operations = new ConcurrentLinkedQueue<>();

	private final AtomicInteger upstreamCalls = new AtomicInteger();

	@AfterEach
	void stopThreads() {
		this.lookupPool.shutdownNow();
		this.eventLoop.shutdownNow();
	}

	@ParameterizedTest
	@MethodSource("io.nettrace.concurrent.TestThreads#kinds")
	void everyStartHasOneDoneAndNothingIsLeft(ThreadFactory threads) throws Exception {
		this.callers.run(threads, LOOKUPS_EACH, this::lookUp);
		for (Operation operation : this.operations) {
			operation.ended.await();
		}
		this.lookupPool.shutdown();
		assertThat(this.lookupPool.awaitTermination(60, TimeUnit.SECONDS)).as("lookup threads have ended").isTrue();
		assertThat(this.operations).hasSize(CALLERS * LOOKUPS_EACH).allSatisfy(Operation::check);
		assertThat(this.group.inFlight() + this.patientGroup.inFlight()).as("flights").isZero();
		assertThat(this.group.abandoned() + this.patientGroup.abandoned()).as("abandoned lookups").isZero();
		assertThat(this.upstreamCalls).hasPositiveValue().hasValueLessThan(CALLERS * LOOKUPS_EACH);
	}

	private void lookUp(Random random) {
		int host = random.nextInt(HOSTS);
		Operation operation = new Operation(host);
		this.operations.add(operation);
		long latency = random.nextInt(3_000_000);
		boolean fails = random.nextInt(8) == 0;
		switch (random.nextInt(4)) {
			case 0 -> operation.run(() -> this.patientGroup.resolve(operation.trace, operation.question,
					(question) -> answer(host, latency, fails)));
			case 1 -> operation.run(() -> this.group.resolve(operation.trace, operation.question,
					(question) -> answer(host, latency, fails)));
			case 2 -> operation.run(() -> this.group.resolve(operation.trace, operation.question,
					(question) -> answer(host, latency, fails), Clock.system().nanoTime() + random.nextInt(3_000_000)));
			default -> {
				LookupGroup group = random.nextBoolean() ? this.group : this.patientGroup;
				Runnable cancel = group.resolve(NetTraceContext.empty(), operation.trace, operation.question,
						(whenDone) -> this.lookupPool.execute(() -> {
							try {
								whenDone.accept(answer(host, latency, fails), null);
							}
							catch (IOException ex) {
								whenDone.accept(null, ex);
							}
						}), new EventLoop(this.eventLoop), operation::end);
				if (random.nextInt(3) == 0) {
					LockSupport.parkNanos(random.nextInt(3_000_000));
					cancel.run();
				}
			}
		}
	}

	private List<InetSocketAddress> answer(int host, long nanos, boolean fails) throws IOException {
		this.upstreamCalls.incrementAndGet();
		LockSupport.parkNanos(nanos);
		if (Thread.currentThread().isInterrupted()) {
			throw new IOException("interrupted");
		}
		if (fails) {
			throw new UnknownHostException(host + ".test");
		}
		return List.of(new InetSocketAddress("10.0.0." + host, 80));
	}

	private static final class Operation {

		private final int host;

		private final Question question;

		private final TraceRecorder trace = new TraceRecorder();

		private final CountDownLatch ended = new CountDownLatch(1);

		private final AtomicInteger ends = new AtomicInteger();

		private volatile @Nullable List<InetSocketAddress> answer;

		private volatile @Nullable Throwable error;

		Operation(int host) {
			this.host = host;
			this.question = new Question("tcp", host + ".test", 80);
		}

		void run(Callable<@Nullable List<InetSocketAddress>> resolving) {
			try {
				end(resolving.call(), null);
			}
			catch (Exception ex) {
				end(null, ex);
			}
		}

		void end(@Nullable List<InetSocketAddress> answer, @Nullable Throwable error) {
			this.ends.incrementAndGet();
			this.answer = answer;
			this.error = error;
			this.ended.countDown();
		}

		void check() {
			assertThat(this.ends).hasValue(1);
			List<String> events = this.trace.events();
			assertThat(events).hasSize(2).first().isEqualTo("dnsStart " + this.host + ".test");
			if (this.error != null) {
				assertThat(this.answer).isNull();
				Throwable told = this.trace.errors().get(0);
				assertThat(told).isInstanceOf(UnknownHostException.class);
				assertThat(this.error).isSameAs((this.error instanceof UnknownHostException) ? told : told.getCause());
			}
			else {
				assertThat(this.answer).containsExactly(new InetSocketAddress("10.0.0." + this.host, 80));
				assertThat(events.get(1)).startsWith("dnsDone [10.0.0." + this.host + "]");
			}
		}

	}

	private record EventLoop(ScheduledExecutorService executor) implements AsyncCaller {

		@Override
		public void execute(Runnable task) {
			this.executor.execute(task);
		}

		@Override
		public Runnable schedule(Runnable task, Duration delay) {
			ScheduledFuture<?> timer = this.executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
			return () -> timer.cancel(false);
		}

	}

}
