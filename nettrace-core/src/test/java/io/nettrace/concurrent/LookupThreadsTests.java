package io.nettrace.concurrent;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class LookupThreadsTests {

	@Test
	void tooManyAbandonedTasksLetNoFurtherOneStart() {
		List<Runnable> started = new ArrayList<>();
		LookupThreads threads = LookupThreads.of(started::add, 2);
		threads.abandon();
		threads.execute(() -> {
		});
		threads.abandon();
		assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> threads.execute(() -> {
		})).withMessageStartingWith("2 lookups that nobody waits for");
		threads.reclaim();
		threads.execute(() -> {
		});
		assertThat(started).hasSize(2);
	}

	@Test
	void boundIsAtLeastOne() {
		assertThatIllegalArgumentException().isThrownBy(() -> LookupThreads.of(Runnable::run, 0))
			.withMessage("'maxAbandoned' must be at least 1, not 0");
	}

}
