package io.nettrace.observation.saving;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The plain path is Micrometer's own context. Whatever its methods are called with, in
 * whatever order, the compact one answers the same.
 */
class CompactContextTests {

	private static final List<Method> METHODS = Stream.of(Observation.Context.class.getDeclaredMethods())
		.filter((method) -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
		.sorted((first, second) -> first.toString().compareTo(second.toString()))
		.toList();

	private static final class Compact extends CompactContext {

	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5, 6, 7, 8 })
	void answersAsMicrometersContextDoes(long seed) throws Exception {
		Random random = new Random(seed);
		for (int i = 0; i < 300; i++) {
			Observation.Context plain = new Observation.Context();
			Observation.Context compact = new Compact();
			List<String> calls = new ArrayList<>();
			for (int call = 0; call < 8; call++) {
				Method method = METHODS.get(random.nextInt(METHODS.size()));
				@Nullable Object[] arguments = Stream.of(method.getParameterTypes())
					.map((type) -> argument(type, random))
					.toArray();
				calls.add(method.getName() + Arrays.toString(arguments));
				assertThat(answer(method, compact, arguments)).as("%s", calls)
					.isEqualTo(answer(method, plain, arguments));
				assertThat(compact).as("%s", calls)
					.returns(plain.getLowCardinalityKeyValues(), Observation.Context::getLowCardinalityKeyValues)
					.returns(plain.getHighCardinalityKeyValues(), Observation.Context::getHighCardinalityKeyValues)
					.returns(plain.get("a"), (context) -> context.get("a"))
					.returns(plain.get("b"), (context) -> context.get("b"));
			}
		}
	}

	private static Object argument(Class<?> type, Random random) {
		String name = random.nextBoolean() ? "a" : "b";
		KeyValue keyValue = KeyValue.of(name, Integer.toString(random.nextInt(3)));
		if (type == String.class || type == Object.class) {
			return name;
		}
		if (type == String[].class) {
			return random.nextBoolean() ? new String[] { name } : new String[] { "a", "b" };
		}
		if (type == KeyValue.class) {
			return keyValue;
		}
		if (type == KeyValues.class) {
			return switch (random.nextInt(3)) {
				case 0 -> KeyValues.empty();
				case 1 -> KeyValues.of(keyValue);
				default -> KeyValues.of("a", keyValue.getValue(), "b", keyValue.getValue());
			};
		}
		if (type == Function.class) {
			return (Function<Object, Object>) (key) -> key + "!";
		}
		if (type == Throwable.class) {
			return new IllegalStateException();
		}
		return Observation.NOOP;
	}

	private static @Nullable Object answer(Method method, Observation.Context context, @Nullable Object[] arguments)
			throws IllegalAccessException {
		try {
			Object answer = method.invoke(context, arguments);
			return (answer == context) ? "the context" : answer;
		}
		catch (InvocationTargetException ex) {
			return String.valueOf(ex.getCause());
		}
	}

	@Test
	void missingEntryIsRefusedByName() {
		Compact context = new Compact();
		context.put("a", "1");
		assertThatIllegalArgumentException().isThrownBy(() -> context.getRequired("b")).withMessageContaining("b");
	}

	/**
	 * As an observation asks, at the start and at the end.
	 */
	@Test
	void deferredKeyValuesAreMadeWhenTheyAreRead() {
		Compact context = new Compact();
		Counting counting = new Counting();
		DeferringConvention<Compact> convention = new DeferringConvention<>(counting);
		context.addHighCardinalityKeyValues(convention.getHighCardinalityKeyValues(context));
		context.addHighCardinalityKeyValues(convention.getHighCardinalityKeyValues(context));
		assertThat(counting.asked).isZero();
		assertThat(context.getHighCardinalityKeyValues()).isEqualTo(KeyValues.of("asked", "1"));
		assertThat(context.getAllKeyValues()).isEqualTo(KeyValues.of("asked", "1"));
		assertThat(counting.asked).isEqualTo(1);
	}

	@Test
	void deferredKeyValuesThatWereReadAreReplacedAtTheEnd() {
		for (boolean changed : new boolean[] { false, true }) {
			Compact context = new Compact();
			DeferringConvention<Compact> convention = new DeferringConvention<>(new Counting());
			context.addHighCardinalityKeyValues(convention.getHighCardinalityKeyValues(context));
			if (changed) {
				context.addHighCardinalityKeyValue(KeyValue.of("team", "blue"));
			}
			assertThat(context.getHighCardinalityKeyValue("asked")).isEqualTo(KeyValue.of("asked", "1"));
			context.addHighCardinalityKeyValues(convention.getHighCardinalityKeyValues(context));
			assertThat(context.getHighCardinalityKeyValues()).contains(KeyValue.of("asked", "2"))
				.hasSize(changed ? 2 : 1);
		}
	}

	private static final class Counting implements ObservationConvention<Compact> {

		private int asked;

		@Override
		public boolean supportsContext(Observation.Context context) {
			return context instanceof Compact;
		}

		@Override
		public KeyValues getHighCardinalityKeyValues(Compact context) {
			this.asked++;
			return KeyValues.of("asked", Integer.toString(this.asked));
		}

	}

}
