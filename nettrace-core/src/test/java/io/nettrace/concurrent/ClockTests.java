package io.nettrace.concurrent;

import java.time.Duration;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ClockTests {

	private final Clock clock = Clock.system();

	@Test
	void mailboxGivesItemsInOrder() throws InterruptedException {
		Clock.Mailbox<String> mailbox = this.clock.mailbox();
		mailbox.put("a");
		mailbox.put("b");
		assertThat(mailbox.poll(Clock.NEVER)).isEqualTo("a");
		assertThat(mailbox.poll(this.clock.nanoTime() - 1)).as("an item is given though time is up").isEqualTo("b");
		assertThat(mailbox.poll(this.clock.nanoTime() - 1)).isNull();
		assertThat(mailbox.poll(this.clock.deadlineIn(Duration.ofMillis(1)))).isNull();
	}

	@Test
	void interruptedThreadGetsNoItem() {
		Clock.Mailbox<String> mailbox = this.clock.mailbox();
		mailbox.put("a");
		for (long deadline : new long[] { Clock.NEVER, this.clock.nanoTime() - 1 }) {
			Thread.currentThread().interrupt();
			assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> mailbox.poll(deadline));
			assertThat(Thread.currentThread().isInterrupted()).isFalse();
		}
	}

	@ParameterizedTest
	@MethodSource
	void deadlineNeverOverflows(Clock clock) {
		assertThat(clock.deadlineIn(null)).isEqualTo(Clock.NEVER);
		assertThat(clock.until(Clock.NEVER)).isNull();
		assertThat(clock.hasPassed(Clock.NEVER)).isFalse();
		assertThat(clock.deadlineIn(Duration.ofSeconds(Long.MAX_VALUE))).isEqualTo(Clock.NEVER);
		assertThat(clock.hasPassed(clock.deadlineIn(Duration.ofSeconds(Long.MIN_VALUE)))).isTrue();
		assertThat(clock.hasPassed(clock.deadlineIn(Duration.ZERO))).isTrue();
		assertThat(clock.hasPassed(clock.deadlineIn(Duration.ofDays(1)))).isFalse();
		assertThat(clock.until(clock.deadlineIn(Duration.ofDays(1)))).isPositive();
	}

	static Stream<Clock> deadlineNeverOverflows() {
		return Stream.of(Clock.system(), VirtualTime.inOrder());
	}

}
