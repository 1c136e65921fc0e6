package io.nettrace.observation;

import java.util.Arrays;
import java.util.List;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the sets of key values that a convention hands over as they are. Micrometer's own
 * context copies them into two maps and sorts them again for each handler.
 */
abstract class OperationContext extends Observation.Context {

	private final String client;

	private volatile KeyValues lowCardinalityKeyValues = KeyValues.empty();

	private volatile KeyValues highCardinalityKeyValues = KeyValues.empty();

	private volatile long startNanos;

	private volatile boolean done;

	OperationContext(String client) {
		this.client = client;
	}

	/**
	 * Return the client library that looks up or connects.
	 * @return {@code httpcomponents} or another of the documented names
	 */
	public final String getClient() {
		return this.client;
	}

	/**
	 * Whether the end is known. A convention has been asked at the start then, and what
	 * it said is here.
	 */
	final boolean isDone() {
		return this.done;
	}

	final void setDone() {
		this.done = true;
	}

	/**
	 * What the meters count, in words.
	 */
	abstract String description();

	/**
	 * When the meter handler saw the start, by its registry's clock.
	 */
	final long startNanos() {
		return this.startNanos;
	}

	final void setStartNanos(long startNanos) {
		this.startNanos = startNanos;
	}

	@Override
	public final synchronized Observation.Context addLowCardinalityKeyValue(KeyValue keyValue) {
		this.lowCardinalityKeyValues = this.lowCardinalityKeyValues.and(keyValue);
		return this;
	}

	@Override
	public final synchronized Observation.Context addLowCardinalityKeyValues(KeyValues keyValues) {
		this.lowCardinalityKeyValues = this.lowCardinalityKeyValues.and(keyValues);
		return this;
	}

	@Override
	public final synchronized Observation.Context removeLowCardinalityKeyValue(String keyName) {
		this.lowCardinalityKeyValues = without(this.lowCardinalityKeyValues, List.of(keyName));
		return this;
	}

	@Override
	public final synchronized Observation.Context removeLowCardinalityKeyValues(String... keyNames) {
		this.lowCardinalityKeyValues = without(this.lowCardinalityKeyValues, Arrays.asList(keyNames));
		return this;
	}

	@Override
	public final synchronized Observation.Context addHighCardinalityKeyValue(KeyValue keyValue) {
		this.highCardinalityKeyValues = this.highCardinalityKeyValues.and(keyValue);
		return this;
	}

	@Override
	public final synchronized Observation.Context addHighCardinalityKeyValues(KeyValues keyValues) {
		this.highCardinalityKeyValues = this.highCardinalityKeyValues.and(keyValues);
		return this;
	}

	@Override
	public final synchronized Observation.Context removeHighCardinalityKeyValue(String keyName) {
		this.highCardinalityKeyValues = without(this.highCardinalityKeyValues, List.of(keyName));
		return this;
	}

	@Override
	public final synchronized Observation.Context removeHighCardinalityKeyValues(String... keyNames) {
		this.highCardinalityKeyValues = without(this.highCardinalityKeyValues, Arrays.asList(keyNames));
		return this;
	}

	static KeyValues without(KeyValues keyValues, List<String> keys) {
		return KeyValues.of(keyValues.stream().filter((keyValue) -> !keys.contains(keyValue.getKey())).toList());
	}

	@Override
	public final KeyValues getLowCardinalityKeyValues() {
		return this.lowCardinalityKeyValues;
	}

	@Override
	public final KeyValues getHighCardinalityKeyValues() {
		return this.highCardinalityKeyValues;
	}

	@Override
	public final @Nullable KeyValue getLowCardinalityKeyValue(String key) {
		return find(this.lowCardinalityKeyValues, key);
	}

	@Override
	public final @Nullable KeyValue getHighCardinalityKeyValue(String key) {
		return find(this.highCardinalityKeyValues, key);
	}

	private static @Nullable KeyValue find(KeyValues keyValues, String key) {
		for (KeyValue keyValue : keyValues) {
			if (keyValue.getKey().equals(key)) {
				return keyValue;
			}
		}
		return null;
	}

}
