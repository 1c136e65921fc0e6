package io.nettrace.observation.saving;

import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.function.Function;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import org.jspecify.annotations.Nullable;

/**
 * A context that keeps what it is given as it is, as long as that is what nettrace gives
 * it: one entry, and the sets of key values of one convention. With anything else all of
 * it moves to Micrometer's own maps for good, and this is a context like any other.
 */
@SuppressWarnings("TypeParameterUnusedInFormals") // Micrometer's signatures
public abstract class CompactContext extends Observation.Context {

	private static final Object MOVED = new Object();

	private static final AtomicReferenceFieldUpdater<CompactContext, KeyValues> LOW = AtomicReferenceFieldUpdater
		.newUpdater(CompactContext.class, KeyValues.class, "lowCardinality");

	private static final AtomicReferenceFieldUpdater<CompactContext, Object> HIGH = AtomicReferenceFieldUpdater
		.newUpdater(CompactContext.class, Object.class, "highCardinality");

	/**
	 * The key of the one entry, written after its value; {@code null} if there is none.
	 */
	private volatile @Nullable Object key;

	private volatile @Nullable Object value;

	/**
	 * {@code null}: in Micrometer's map.
	 */
	private volatile @Nullable KeyValues lowCardinality = KeyValues.empty();

	/**
	 * The key values, or the convention that will be asked for them. {@code null}: in
	 * Micrometer's map.
	 */
	private volatile @Nullable Object highCardinality = KeyValues.empty();

	// Of HeldTimers. Start and end follow each other, on whatever threads
	@Nullable Object timing;

	long nanos;

	/**
	 * Whether the time is taken and wants no exemplar.
	 */
	final boolean isWithoutExemplar() {
		return this.timing instanceof HeldTimers.HeldTimer;
	}

	// Entries

	@Override
	public final synchronized <T> Observation.Context put(Object key, T value) {
		if (this.key == null || key.equals(this.key)) {
			this.value = Objects.requireNonNull(value);
			this.key = key;
			return this;
		}
		moveEntry();
		return super.put(key, value);
	}

	private synchronized void moveEntry() {
		Object key = this.key;
		Object value = this.value;
		if (key != null && key != MOVED && value != null) {
			super.put(key, value);
		}
		this.key = MOVED;
	}

	@Override
	@SuppressWarnings("unchecked")
	public final <T> @Nullable T get(Object key) {
		return key.equals(this.key) ? (T) this.value : super.get(key);
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
		moveEntry();
		return super.computeIfAbsent(key, mappingFunction);
	}

	@Override
	public final @Nullable Object remove(Object key) {
		moveEntry();
		return super.remove(key);
	}

	@Override
	public final void clear() {
		moveEntry();
		super.clear();
	}

	// Key values of low cardinality

	@Override
	public final Observation.Context addLowCardinalityKeyValues(KeyValues keyValues) {
		KeyValues present = this.lowCardinality;
		return (present != null && replaces(keyValues, present) && LOW.compareAndSet(this, present, keyValues)) ? this
				: super.addLowCardinalityKeyValues(keyValues);
	}

	@Override
	public final Observation.Context addLowCardinalityKeyValue(KeyValue keyValue) {
		moveLowCardinality();
		return super.addLowCardinalityKeyValue(keyValue);
	}

	@Override
	public final Observation.Context removeLowCardinalityKeyValue(String keyName) {
		moveLowCardinality();
		return super.removeLowCardinalityKeyValue(keyName);
	}

	@Override
	public final KeyValues getLowCardinalityKeyValues() {
		KeyValues present = this.lowCardinality;
		return (present != null) ? present : super.getLowCardinalityKeyValues();
	}

	@Override
	public final @Nullable KeyValue getLowCardinalityKeyValue(String key) {
		moveLowCardinality();
		return super.getLowCardinalityKeyValue(key);
	}

	private synchronized void moveLowCardinality() {
		KeyValues present = this.lowCardinality;
		while (present != null) {
			present.forEach(super::addLowCardinalityKeyValue);
			present = LOW.compareAndSet(this, present, null) ? null : this.lowCardinality;
		}
	}

	// Key values of high cardinality

	/**
	 * Ask a convention for its key values of high cardinality when they are read: meters
	 * never read them.
	 */
	final void defer(ObservationConvention<Observation.Context> convention) {
		if (this.highCardinality != convention && !HIGH.compareAndSet(this, KeyValues.empty(), convention)) {
			addHighCardinalityKeyValues(convention.getHighCardinalityKeyValues(this)); // read
		}
	}

	@Override
	public final Observation.Context addHighCardinalityKeyValues(KeyValues keyValues) {
		return (this.highCardinality instanceof KeyValues present && replaces(keyValues, present)
				&& HIGH.compareAndSet(this, present, keyValues)) ? this : super.addHighCardinalityKeyValues(keyValues);
	}

	@Override
	public final Observation.Context addHighCardinalityKeyValue(KeyValue keyValue) {
		moveHighCardinality();
		return super.addHighCardinalityKeyValue(keyValue);
	}

	@Override
	public final Observation.Context removeHighCardinalityKeyValue(String keyName) {
		moveHighCardinality();
		return super.removeHighCardinalityKeyValue(keyName);
	}

	@Override
	public final KeyValues getHighCardinalityKeyValues() {
		Object present = this.highCardinality;
		if (present instanceof ObservationConvention<?> convention) {
			HIGH.compareAndSet(this, convention, ask(convention));
			return getHighCardinalityKeyValues();
		}
		return (present instanceof KeyValues keyValues) ? keyValues : super.getHighCardinalityKeyValues();
	}

	@SuppressWarnings("unchecked") // see defer
	private KeyValues ask(ObservationConvention<?> convention) {
		return ((ObservationConvention<Observation.Context>) convention).getHighCardinalityKeyValues(this);
	}

	@Override
	public final @Nullable KeyValue getHighCardinalityKeyValue(String key) {
		moveHighCardinality();
		return super.getHighCardinalityKeyValue(key);
	}

	private synchronized void moveHighCardinality() {
		while (this.highCardinality != null) {
			KeyValues present = getHighCardinalityKeyValues();
			present.forEach(super::addHighCardinalityKeyValue);
			HIGH.compareAndSet(this, present, null);
		}
	}

	/**
	 * What a convention says at the end takes the place of what it said at the start.
	 * Both are in the order of their keys.
	 */
	@SuppressWarnings("ReferenceEquality") // most often it is the same instance
	private static boolean replaces(KeyValues keyValues, KeyValues present) {
		if (present == keyValues || present == KeyValues.empty()) {
			return true;
		}
		Iterator<KeyValue> others = present.iterator();
		for (KeyValue keyValue : keyValues) {
			if (!others.hasNext() || !others.next().getKey().equals(keyValue.getKey())) {
				return false;
			}
		}
		return !others.hasNext();
	}

	@Override
	public final String toString() {
		moveEntry();
		return super.toString();
	}

}
