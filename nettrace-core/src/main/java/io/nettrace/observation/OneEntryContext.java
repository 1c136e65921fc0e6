package io.nettrace.observation;

import java.util.Objects;
import java.util.function.Function;

import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;

/**
 * A context whose first entry takes no place in the map: most often the span is the only
 * one that handlers keep here.
 */
@SuppressWarnings("TypeParameterUnusedInFormals") // Micrometer's signatures
public abstract class OneEntryContext extends Observation.Context {

	// Set once, by whoever comes first, after the value
	private volatile @Nullable Object firstKey;

	private volatile @Nullable Object firstValue;

	@Override
	public final synchronized <T> Observation.Context put(Object key, T value) {
		if (this.firstKey != null && !isFirst(key)) {
			return super.put(key, value);
		}
		this.firstValue = Objects.requireNonNull(value);
		this.firstKey = key;
		return this;
	}

	@Override
	@SuppressWarnings("unchecked")
	public final <T> @Nullable T get(Object key) {
		if (this.firstKey == null) {
			return null; // nothing in the map either
		}
		return isFirst(key) ? (T) this.firstValue : super.get(key);
	}

	@Override
	public final <T> T getRequired(Object key) {
		T value = get(key);
		return (value != null) ? value : super.getRequired(key);
	}

	@Override
	public final boolean containsKey(Object key) {
		return get(key) != null;
	}

	@Override
	public final <T> T getOrDefault(Object key, T defaultObject) {
		T value = get(key);
		return (value != null) ? value : defaultObject;
	}

	@Override
	public final <T> T computeIfAbsent(Object key, Function<Object, ? extends T> mappingFunction) {
		T present = get(key);
		return (present != null) ? present : compute(key, mappingFunction);
	}

	private synchronized <T> T compute(Object key, Function<Object, ? extends T> mappingFunction) {
		T present = get(key);
		if (present != null) {
			return present;
		}
		T value = mappingFunction.apply(key);
		put(key, value);
		return value;
	}

	@Override
	public final synchronized @Nullable Object remove(Object key) {
		if (!isFirst(key)) {
			return super.remove(key);
		}
		Object removed = this.firstValue;
		this.firstValue = null;
		return removed;
	}

	@Override
	public final synchronized void clear() {
		this.firstValue = null;
		super.clear();
	}

	/**
	 * As Micrometer's says it, which knows nothing of what is kept here.
	 */
	@Override
	public String toString() {
		Object value = this.firstValue;
		return super.toString() + ", lowCardinalityKeyValues=" + getLowCardinalityKeyValues()
				+ ", highCardinalityKeyValues=" + getHighCardinalityKeyValues()
				+ ((value != null) ? ", " + this.firstKey + "=" + value : "");
	}

	private boolean isFirst(Object key) {
		return key.equals(this.firstKey);
	}

}
