package io.nettrace.dial;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class FewTimersTests {

	private static final Duration PASSED = Duration.ofNanos(1);

	private static final Duration QUARTER_OF_A_SECOND = Duration.ofMillis(250);

	private final List<Timer> timers = new ArrayList<>();

	private final List<String> ran = new ArrayList<>();

	private final FewTimers few = new FewTimers(this::timer, Runnable::run);

	private static final class Timer {

		private final Runnable passed;

		private boolean cancelled;

		Timer(Runnable passed) {
			this.passed = passed;
		}

	}

	private Runnable timer(Duration delay, Runnable passed) {
		assertThat(delay).isPositive();
		Timer timer = new Timer(passed);
		this.timers.add(timer);
		return () -> timer.cancelled = true;
	}

	private Runnable start(Duration delay, String name) {
		return this.few.start(delay, () -> this.ran.add(name));
	}

	@Test
	void oneTimerServesWhatIsGivenUp() {
		for (int i = 0; i < 100; i++) {
			start(QUARTER_OF_A_SECOND, "never").run();
		}
		assertThat(this.timers).singleElement().matches((timer) -> !timer.cancelled);
	}

	@Test
	void allThatHavePassedRunInTheirOrder() {
		start(PASSED, "a");
		start(PASSED, "b").run();
		start(PASSED, "c");
		this.timers.get(0).passed.run();
		assertThat(this.ran).containsExactly("a", "c");
		assertThat(this.timers).hasSize(1);
		start(PASSED, "d");
		this.timers.get(1).passed.run();
		assertThat(this.ran).containsExactly("a", "c", "d");
	}

	/**
	 * The timer was started for one that has been given up.
	 */
	@Test
	void whatHasNotPassedGetsTheNextTimer() {
		Duration aDay = Duration.ofDays(1);
		start(aDay, "a");
		start(aDay, "b");
		this.timers.get(0).passed.run();
		assertThat(this.ran).isEmpty();
		assertThat(this.timers).hasSize(2);
	}

	@Test
	void aLongTimerIsNotKeptForNothing() {
		Runnable first = start(Duration.ofDays(1), "a");
		Runnable second = start(Duration.ofDays(1), "b");
		first.run();
		assertThat(this.timers).singleElement().matches((timer) -> !timer.cancelled);
		second.run();
		second.run();
		assertThat(this.timers).singleElement().matches((timer) -> timer.cancelled);
		start(Duration.ofDays(1), "c");
		assertThat(this.timers).hasSize(2);
	}

	@Test
	void aShorterDelayDoesNotWaitForALongerOne() {
		start(Duration.ofDays(1), "a");
		start(PASSED, "b");
		this.timers.get(1).passed.run();
		assertThat(this.ran).containsExactly("b");
	}

	@Test
	void aShorterDelayDoesNotWaitForATimerThatServesNoneAnyMore() {
		start(QUARTER_OF_A_SECOND, "a").run();
		start(PASSED, "b");
		this.timers.get(1).passed.run();
		assertThat(this.ran).containsExactly("b");
	}

	/**
	 * What has been given up behind one that waits.
	 */
	@Test
	void littleIsKept() {
		start(PASSED, "a");
		for (int i = 0; i < 2_000; i++) {
			this.few.start(PASSED, () -> this.ran.add("b"));
		}
		assertThat(this.timers).hasSize(1 + 1_001);
		this.timers.forEach((timer) -> timer.passed.run());
		assertThat(this.ran).hasSize(2_001);
	}

	/**
	 * No thread can be started, and one of the tasks fails as well.
	 */
	@Test
	void tasksThatAreNotTakenRunOnTheTimer() {
		FewTimers exhausted = new FewTimers(this::timer, (task) -> {
			throw new RejectedExecutionException();
		});
		exhausted.start(PASSED, () -> {
			throw new IllegalStateException();
		});
		exhausted.start(PASSED, () -> this.ran.add("b"));
		this.timers.get(0).passed.run();
		assertThat(this.ran).containsExactly("b");
	}

	/**
	 * The JDK's timer has that of whoever used it first.
	 */
	@Test
	void taskHasTheClassLoaderOfTheThreadThatBeganItsDelay() throws IOException {
		Thread thread = Thread.currentThread();
		ClassLoader own = thread.getContextClassLoader();
		List<@Nullable ClassLoader> loaders = new ArrayList<>();
		try (URLClassLoader application = new URLClassLoader(new URL[0])) {
			thread.setContextClassLoader(application);
			this.few.start(PASSED, () -> loaders.add(thread.getContextClassLoader()));
			thread.setContextClassLoader(own);
			this.timers.get(0).passed.run();
			assertThat(loaders).containsExactly(application);
			assertThat(thread.getContextClassLoader()).isSameAs(own);
		}
		finally {
			thread.setContextClassLoader(own);
		}
	}

	@Test
	void realTimePasses() throws InterruptedException {
		Delays real = Delays.on(Runnable::run);
		CountDownLatch ran = new CountDownLatch(50);
		List<Runnable> others = new ArrayList<>();
		IntStream.range(0, 50).forEach((i) -> {
			real.start(Duration.ofMillis(5), ran::countDown);
			others.add(real.start(Duration.ofDays(1), () -> this.ran.add("never")));
		});
		ran.await();
		others.forEach(Runnable::run);
		assertThat(this.ran).isEmpty();
	}

}
