package io.nettrace.observation.saving;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import org.jspecify.annotations.Nullable;

/**
 * Asks a convention for its key values of high cardinality when they are read. That must
 * not matter to it: they may depend on the context alone.
 *
 * @param <T> the context that it names
 */
public final class DeferringConvention<T extends CompactContext> implements ObservationConvention<T> {

	private final ObservationConvention<T> convention;

	/**
	 * Create a convention.
	 * @param convention the convention to ask
	 */
	public DeferringConvention(ObservationConvention<T> convention) {
		this.convention = convention;
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return this.convention.supportsContext(context);
	}

	@Override
	public @Nullable String getName() {
		return this.convention.getName();
	}

	@Override
	public @Nullable String getContextualName(T context) {
		return this.convention.getContextualName(context);
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(T context) {
		return this.convention.getLowCardinalityKeyValues(context);
	}

	@Override
	@SuppressWarnings("unchecked") // it is asked about this context only
	public KeyValues getHighCardinalityKeyValues(T context) {
		context.defer((ObservationConvention<Observation.Context>) (ObservationConvention<?>) this.convention);
		return KeyValues.empty();
	}

}
