package io.nettrace.observation;

import java.util.function.Function;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.nettrace.instrument.HookFailures;
import org.jspecify.annotations.Nullable;

/**
 * A convention of the application. What it does not say, because it throws or returns
 * {@code null}, the default one says, so that no timer lacks its tags.
 *
 * @param <T> the context that it names
 */
final class ConventionGuard<T extends Observation.Context> implements ObservationConvention<T> {

	private static final HookFailures failures = new HookFailures(System.getLogger(ConventionGuard.class.getName()));

	private final ObservationConvention<T> convention;

	private final ObservationConvention<T> defaultConvention;

	ConventionGuard(ObservationConvention<T> convention, ObservationConvention<T> defaultConvention) {
		this.convention = convention;
		this.defaultConvention = defaultConvention;
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return this.defaultConvention.supportsContext(context);
	}

	@Override
	public @Nullable String getName() {
		return ask(ObservationConvention::getName);
	}

	@Override
	public @Nullable String getContextualName(T context) {
		try {
			return this.convention.getContextualName(context); // null: the observation's
		}
		catch (Throwable ex) {
			HookFailures.throwIfFatal(ex);
			failures.report(this.convention, ex);
			return this.defaultConvention.getContextualName(context);
		}
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(T context) {
		KeyValues keyValues = ask((convention) -> convention.getLowCardinalityKeyValues(context));
		return (keyValues != null) ? keyValues : KeyValues.empty();
	}

	@Override
	public KeyValues getHighCardinalityKeyValues(T context) {
		KeyValues keyValues = ask((convention) -> convention.getHighCardinalityKeyValues(context));
		return (keyValues != null) ? keyValues : KeyValues.empty();
	}

	private <V> @Nullable V ask(Function<ObservationConvention<T>, @Nullable V> question) {
		try {
			V answer = question.apply(this.convention);
			if (answer != null) {
				return answer;
			}
			throw new NullPointerException(this.convention.getClass().getName() + " returned null");
		}
		catch (Throwable ex) {
			HookFailures.throwIfFatal(ex);
			failures.report(this.convention, ex);
			return question.apply(this.defaultConvention);
		}
	}

}
