package io.nettrace.client.reactor;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * What is bound to a thread for a request, and whatever an accessor of the application
 * does, nothing afterwards.
 */
class SubscriberScopeTests {

	private final Accessor good = new Accessor("good", null);

	@BeforeEach
	void register() {
		ContextRegistry.getInstance().registerThreadLocalAccessor(this.good);
	}

	@AfterEach
	void remove() {
		for (Object key : List.of("good", "bad")) {
			ContextRegistry.getInstance().removeThreadLocalAccessor((String) key);
		}
	}

	private static Accessor registered(Step throwing) {
		Accessor bad = new Accessor("bad", throwing);
		ContextRegistry.getInstance().registerThreadLocalAccessor(bad);
		return bad;
	}

	@Test
	void bindsTheContextsValueAndRestoresTheThreadsOwn() {
		this.good.bound = "thread";
		String seen = SubscriberScope.call(Context.of("good", "context"), () -> String.valueOf(this.good.bound));
		assertThat(seen).isEqualTo("context");
		assertThat(this.good.bound).isEqualTo("thread");
	}

	@Test
	void hidesWhatIsBoundToAnotherRequestsThreadAndRestoresIt() {
		this.good.bound = "other";
		String seen = SubscriberScope.callElsewhere(Context.empty(), () -> String.valueOf(this.good.bound));
		assertThat(seen).isEqualTo("null");
		assertThat(this.good.bound).isEqualTo("other");
	}

	@Test
	void restoresIfTheActionThrows() {
		this.good.bound = "thread";
		assertThatIllegalStateException().isThrownBy(() -> SubscriberScope.call(Context.of("good", "context"), () -> {
			throw new IllegalStateException("action");
		})).withMessage("action");
		assertThat(this.good.bound).isEqualTo("thread");
	}

	@Test
	void capturesWhatIsBoundButForAnAccessorThatCannotBeRead() {
		registered(Step.GET);
		this.good.bound = "thread";
		ContextView captured = Objects.requireNonNull(SubscriberScope.capture(Context.of("key", "value")));
		assertThat(captured.<String>get("good")).isEqualTo("thread");
		assertThat(captured.<String>get("key")).isEqualTo("value");
		assertThat(captured.hasKey("bad")).isFalse();
	}

	@ParameterizedTest
	@EnumSource
	void accessorThatThrowsKeepsNeitherTheActionNorTheOthersFromTheirs(Step throwing) {
		registered(throwing);
		this.good.bound = "thread";
		String seen = SubscriberScope.call(Context.of("good", "context", "bad", "context"),
				() -> String.valueOf(this.good.bound));
		assertThat(seen).isEqualTo("context");
		assertThat(this.good.bound).isEqualTo("thread");
	}

	@ParameterizedTest
	@EnumSource(names = { "SET", "RESTORE" })
	void observationWhoseHandlerThrowsLeavesNothingBound(Step throwing) {
		ObservationRegistry registry = ObservationRegistry.create();
		registry.observationConfig().observationHandler(new ScopeHandler(throwing));
		Observation outer = Observation.start("outer", ObservationRegistry.create());
		Observation request = Observation.start("request", registry);
		List<String> seen = new ArrayList<>();
		SubscriberScope.call(Context.of(ObservationThreadLocalAccessor.KEY, request), () -> seen.add("called"));
		assertThat(seen).containsExactly("called");
		assertThat(registry.getCurrentObservationScope()).isNull();
		assertThat(outer.getObservationRegistry().getCurrentObservationScope()).isNull();
		request.stop();
		outer.stop();
	}

	/**
	 * What an accessor is asked for.
	 */
	enum Step {

		GET, SET, RESTORE

	}

	/**
	 * Stands for a thread-local of the application.
	 */
	private static final class Accessor implements ThreadLocalAccessor<String> {

		private final String key;

		private final @Nullable Step throwing;

		private @Nullable String bound;

		Accessor(String key, @Nullable Step throwing) {
			this.key = key;
			this.throwing = throwing;
		}

		@Override
		public Object key() {
			return this.key;
		}

		@Override
		public @Nullable String getValue() {
			fail(Step.GET);
			return this.bound;
		}

		@Override
		public void setValue(String value) {
			fail(Step.SET);
			this.bound = value;
		}

		@Override
		public void setValue() {
			fail(Step.SET);
			this.bound = null;
		}

		@Override
		public void restore(String previousValue) {
			fail(Step.RESTORE);
			this.bound = previousValue;
		}

		@Override
		public void restore() {
			fail(Step.RESTORE);
			this.bound = null;
		}

		private void fail(Step step) {
			if (step == this.throwing) {
				throw new IllegalStateException(step.name());
			}
		}

	}

	/**
	 * Throws when a scope is opened or closed.
	 */
	private record ScopeHandler(Step throwing) implements ObservationHandler<Observation.Context> {

		@Override
		public void onScopeOpened(Observation.Context context) {
			if (this.throwing == Step.SET) {
				throw new IllegalStateException("opened");
			}
		}

		@Override
		public void onScopeClosed(Observation.Context context) {
			if (this.throwing == Step.RESTORE) {
				throw new IllegalStateException("closed");
			}
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

	}

}
