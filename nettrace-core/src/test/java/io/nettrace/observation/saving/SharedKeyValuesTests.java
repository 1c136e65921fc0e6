package io.nettrace.observation.saving;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.micrometer.common.KeyValues;
import io.micrometer.common.docs.KeyName;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SharedKeyValuesTests {

	private static final KeyName FIRST = () -> "first";

	private static final KeyName SECOND = () -> "second";

	@Test
	void sameValuesAreTheSameSet() {
		SharedKeyValues empty = SharedKeyValues.empty();
		KeyValues made = empty.and(SECOND, "b").and(FIRST, "a").keyValues();
		assertThat(made).isEqualTo(KeyValues.of("first", "a", "second", "b"));
		assertThat(empty.and(SECOND, new String("b")).and(FIRST, new String("a")).keyValues()).isSameAs(made);
		assertThat(empty.and(SECOND, "b").and(FIRST, "c").keyValues())
			.isEqualTo(KeyValues.of("first", "c", "second", "b"));
		assertThat(empty.keyValues()).isEqualTo(KeyValues.empty());
	}

	/**
	 * A convention may add a key at times only.
	 */
	@Test
	void sameValueOfAnotherKeyIsAnotherSet() {
		SharedKeyValues empty = SharedKeyValues.empty();
		assertThat(empty.and(FIRST, "a").keyValues()).isEqualTo(KeyValues.of("first", "a"));
		assertThat(empty.and(SECOND, "a").keyValues()).isEqualTo(KeyValues.of("second", "a"));
		assertThat(empty.and(FIRST, "a").keyValues()).isEqualTo(KeyValues.of("first", "a"));
	}

	@Test
	void beyondTheBoundSetsAreMadeAnew() {
		SharedKeyValues empty = SharedKeyValues.empty(3);
		KeyValues shared = empty.and(FIRST, "a").and(SECOND, "b").keyValues();
		for (int i = 0; i < 10; i++) {
			String value = Integer.toString(i);
			assertThat(empty.and(FIRST, value).and(SECOND, "b").keyValues())
				.isEqualTo(KeyValues.of("first", value, "second", "b"));
		}
		assertThat(empty.and(FIRST, "a").and(SECOND, "b").keyValues()).isSameAs(shared);
		assertThat(empty.and(FIRST, "9").keyValues()).isEqualTo(empty.and(FIRST, "9").keyValues())
			.isNotSameAs(empty.and(FIRST, "9").keyValues());
	}

	@Test
	void threadsThatMakeASetAtOnceGetEqualOnes() throws Exception {
		SharedKeyValues empty = SharedKeyValues.empty();
		ExecutorService threads = Executors.newFixedThreadPool(4);
		try {
			List<Callable<KeyValues>> calls = new ArrayList<>();
			for (int i = 0; i < 4_000; i++) {
				String value = Integer.toString(i % 50);
				calls.add(() -> empty.and(FIRST, value).and(SECOND, "b").keyValues());
			}
			List<Future<KeyValues>> made = threads.invokeAll(calls);
			for (int i = 0; i < made.size(); i++) {
				assertThat(made.get(i).get()).isEqualTo(KeyValues.of("first", Integer.toString(i % 50), "second", "b"));
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

}
