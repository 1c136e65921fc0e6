package io.nettrace.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.nettrace.TraceRecorder;
import io.nettrace.concurrent.Clock;
import io.nettrace.concurrent.LookupThreads;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A thousand callers of one slow name, on real threads.
 */
@Timeout(60)
class ManyCallersTests {

	private static final int CALLERS = 1000;

	private final AtomicInteger upstreamCalls = new AtomicInteger();

	private volatile @Nullable Thread resolving;

	@ParameterizedTest
	@MethodSource("io.nettrace.concurrent.TestThreads#kinds")
	void callersWithoutDeadlineMakeOneUpstreamCall(ThreadFactory threads) throws Exception {
		// The one whose thread the resolver runs on does not wait
		CountDownLatch waiting = new CountDownLatch(CALLERS - 1);
		check(threads, waiting, Clock.NEVER);
	}

	@ParameterizedTest
	@MethodSource("io.nettrace.concurrent.TestThreads#kinds")
	void callersWithADeadlineMakeOneUpstreamCall(ThreadFactory threads) throws Exception {
		CountDownLatch waiting = new CountDownLatch(CALLERS);
		check(threads, waiting, Clock.system().nanoTime() + TimeUnit.HOURS.toNanos(1));
	}

	@ParameterizedTest
	@MethodSource("io.nettrace.concurrent.TestThreads#kinds")
	void callersThatHaveBeenToldTellTheOthers(ThreadFactory threads) throws Exception {
		CountDownLatch waiting = new CountDownLatch(CALLERS - 1);
		// The thread that has the answer tells one, and stops at the next
		Semaphore byTheFirst = new Semaphore(1);
		CountDownLatch byOthers = new CountDownLatch(CALLERS - 3);
		check(threads, Clock.NEVER, waiting, new CountingClock(waiting, () -> {
			if (Thread.currentThread() != this.resolving) {
				byOthers.countDown();
			}
			else if (!byTheFirst.tryAcquire()) {
				awaitUninterrupted(byOthers);
			}
		}));
	}

	private static void awaitUninterrupted(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void check(ThreadFactory threads, CountDownLatch waiting, long deadline) throws Exception {
		check(threads, deadline, waiting, new CountingClock(waiting, () -> {
		}));
	}

	private void check(ThreadFactory threads, long deadline, CountDownLatch waiting, Clock clock) throws Exception {
		LookupGroup group = new LookupGroup(LookupSettings.defaults(), LookupThreads.create(), true, clock);
		List<TraceRecorder> traces = new ArrayList<>();
		List<Thread> callers = new ArrayList<>();
		Lookup slow = (question) -> {
			this.upstreamCalls.incrementAndGet();
			this.resolving = Thread.currentThread();
			try {
				waiting.await();
			}
			catch (InterruptedException ex) {
				throw new UnknownHostException("interrupted");
			}
			return List.of(new InetSocketAddress("10.0.0.1", 80));
		};
		Question question = new Question("tcp", "slow.test", 80);
		for (int i = 0; i < CALLERS; i++) {
			TraceRecorder trace = new TraceRecorder();
			traces.add(trace);
			callers.add(threads.newThread(() -> {
				try {
					if (deadline == Clock.NEVER) {
						group.resolve(trace, question, slow);
					}
					else {
						group.resolve(trace, question, slow, deadline);
					}
				}
				catch (IOException ignored) {
					// The trace has it
				}
			}));
		}
		callers.forEach(Thread::start);
		for (Thread caller : callers) {
			caller.join();
		}
		assertThat(this.upstreamCalls).hasValue(1);
		assertThat(traces).allSatisfy((trace) -> assertThat(trace.events()).containsExactly("dnsStart slow.test",
				"dnsDone [10.0.0.1] coalesced"));
		assertThat(group.inFlight()).isZero();
	}

	/**
	 * Counts who waits for an answer, and so has joined.
	 */
	private record CountingClock(CountDownLatch waiting, Runnable beforePut) implements Clock {

		@Override
		public long nanoTime() {
			return Clock.system().nanoTime();
		}

		@Override
		public <T> Mailbox<T> mailbox() {
			Mailbox<T> mailbox = Clock.system().mailbox();
			return new Mailbox<>() {

				@Override
				public void put(T item) {
					CountingClock.this.beforePut.run();
					mailbox.put(item);
				}

				@Override
				public @Nullable T poll(long deadline) throws InterruptedException {
					CountingClock.this.waiting.countDown();
					return mailbox.poll(deadline);
				}

			};
		}

	}

}
