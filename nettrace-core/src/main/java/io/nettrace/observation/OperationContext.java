package io.nettrace.observation;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the sets of key values that a convention hands over as they are. Micrometer's own
 * context copies them into two maps and sorts them again for each handler.
 */
public abstract class OperationContext extends OneEntryContext {

	private static final AtomicReferenceFieldUpdater<OperationContext, KeyValues> LOW = AtomicReferenceFieldUpdater
		.newUpdater(OperationContext.class, KeyValues.class, "lowCardinalityKeyValues");

	private static final AtomicReferenceFieldUpdater<OperationContext, KeyValues> HIGH = AtomicReferenceFieldUpdater
		.newUpdater(OperationContext.class, KeyValues.class, "highCardinalityKeyValues");

	private final String client;

	private volatile KeyValues lowCardinalityKeyValues = KeyValues.empty();

	// null: still to be asked for
	private volatile @Nullable KeyValues highCardinalityKeyValues = KeyValues.empty();

	// Start and end follow each other, on whatever threads
	private long startNanos;

	private boolean done;

	private boolean elsewhere;

	private @Nullable Recording recording;

	private @Nullable Ending spanEnding;

	private boolean recorded;

	/**
	 * Told again of the start, for a handler of the application has thrown before all of
	 * ours were told.
	 */
	public static final Observation.Event STARTED = Observation.Event.of("nettrace.started");

	/**
	 * What a handler of ours does at the end. Not the handler itself: neither
	 * Micrometer's meters nor its tracing need be there.
	 */
	public interface Ending {

		void end(OperationContext operation);

	}

	/**
	 * What the meters do.
	 */
	public interface Recording extends Ending {

		void recordUnlessExemplarIsDue(OperationContext operation, boolean sampled);

	}

	protected OperationContext(String client) {
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
	public final boolean isDone() {
		return this.done;
	}

	public final void setDone() {
		this.done = true;
	}

	/**
	 * Whether it was started on a thread where its parent observation is not current. A
	 * span that is current there, if there is one, is not the parent.
	 */
	public final boolean isElsewhere() {
		return this.elsewhere;
	}

	public final void setElsewhere() {
		this.elsewhere = true;
	}

	/**
	 * What the meters count, in words.
	 */
	public abstract String description();

	/**
	 * Return the host that is looked up or connected to, as it was asked for.
	 */
	public abstract String host();

	/**
	 * When the meter handler saw the start, by its registry's clock.
	 */
	public final long startNanos() {
		return this.startNanos;
	}

	public final void setStartNanos(long startNanos) {
		this.startNanos = startNanos;
	}

	/**
	 * Return how the meters record this operation ahead of their turn, if they do at all.
	 */
	public final @Nullable Recording recording() {
		return this.recording;
	}

	public final void setRecording(@Nullable Recording recording) {
		this.recording = recording;
	}

	/**
	 * Whether a handler has made a span, or found one to add an event to, and not ended
	 * it.
	 */
	public final boolean hasSpan() {
		return this.spanEnding != null;
	}

	public final void setSpanEnding(@Nullable Ending spanEnding) {
		this.spanEnding = spanEnding;
	}

	/**
	 * End what handlers of ours have begun and were not told to end, because something of
	 * the application's has thrown before it was their turn.
	 */
	public final void endWhatIsLeft() {
		try {
			if (this.spanEnding != null) {
				this.spanEnding.end(this);
			}
		}
		finally {
			if (this.recording != null) {
				this.recording.end(this);
			}
		}
	}

	/**
	 * Whether the timer has the time already, so that no exemplar is wanted.
	 */
	public final boolean isRecorded() {
		return this.recorded;
	}

	public final void setRecorded(boolean recorded) {
		this.recorded = recorded;
	}

	/**
	 * Have the default key values of high cardinality made when somebody reads them:
	 * meters never do.
	 */
	public final void deferHighCardinalityKeyValues() {
		if (this.highCardinalityKeyValues == null) {
			return;
		}
		if (this.done) {
			refreshHighCardinalityKeyValues();
		}
		else if (!HIGH.compareAndSet(this, KeyValues.empty(), null)) {
			addHighCardinalityKeyValues(defaultHighCardinalityKeyValues());
		}
	}

	/**
	 * They were made before the end was known. What has been removed since stays away.
	 */
	private void refreshHighCardinalityKeyValues() {
		for (KeyValue keyValue : defaultHighCardinalityKeyValues()) {
			if (getHighCardinalityKeyValue(keyValue.getKey()) != null) {
				addHighCardinalityKeyValue(keyValue);
			}
		}
	}

	public abstract KeyValues defaultHighCardinalityKeyValues();

	/**
	 * Write what the key values of high cardinality say. As long as nobody has read or
	 * changed them there is no need to make them.
	 * @return {@code false} if they have to be taken from
	 * {@link #getHighCardinalityKeyValues()}
	 */
	public final boolean writeHighCardinality(AttributeSink sink) {
		if (this.highCardinalityKeyValues != null) {
			return false;
		}
		writeDefaultHighCardinality(sink);
		return true;
	}

	public abstract void writeDefaultHighCardinality(AttributeSink sink);

	@Override
	public final Observation.Context addLowCardinalityKeyValue(KeyValue keyValue) {
		return addLowCardinalityKeyValues(KeyValues.of(keyValue));
	}

	@Override
	public final Observation.Context addLowCardinalityKeyValues(KeyValues keyValues) {
		add(LOW, keyValues);
		return this;
	}

	@Override
	public final Observation.Context removeLowCardinalityKeyValue(String keyName) {
		return removeLowCardinalityKeyValues(keyName);
	}

	@Override
	public final Observation.Context removeLowCardinalityKeyValues(String... keyNames) {
		LOW.updateAndGet(this, (present) -> without(present, Arrays.asList(keyNames)));
		return this;
	}

	@Override
	public final Observation.Context addHighCardinalityKeyValue(KeyValue keyValue) {
		return addHighCardinalityKeyValues(KeyValues.of(keyValue));
	}

	@Override
	@SuppressWarnings("ReferenceEquality") // what the default conventions defer to
	public final Observation.Context addHighCardinalityKeyValues(KeyValues keyValues) {
		if (keyValues != KeyValues.empty()) {
			getHighCardinalityKeyValues();
			add(HIGH, keyValues);
		}
		return this;
	}

	@Override
	public final Observation.Context removeHighCardinalityKeyValue(String keyName) {
		return removeHighCardinalityKeyValues(keyName);
	}

	@Override
	public final Observation.Context removeHighCardinalityKeyValues(String... keyNames) {
		getHighCardinalityKeyValues();
		HIGH.updateAndGet(this, (present) -> without(present, Arrays.asList(keyNames)));
		return this;
	}

	/**
	 * At the end the default conventions hand over what is here already.
	 */
	@SuppressWarnings("ReferenceEquality") // equal ones are none the worse for being
											// added
	private void add(AtomicReferenceFieldUpdater<OperationContext, KeyValues> field, KeyValues keyValues) {
		KeyValues present;
		do {
			present = field.get(this);
		}
		while (present != keyValues && !field.compareAndSet(this, present, merge(present, keyValues)));
	}

	/**
	 * If nothing stays of what is present, what is added stays the instance that is
	 * shared.
	 */
	@SuppressWarnings("ReferenceEquality") // most often it is the constant
	private static KeyValues merge(KeyValues present, KeyValues added) {
		return (present == KeyValues.empty() || haveSameKeys(present, added)) ? added : present.and(added);
	}

	/**
	 * Both are in the order of their keys.
	 */
	private static boolean haveSameKeys(KeyValues first, KeyValues second) {
		Iterator<KeyValue> others = second.iterator();
		for (KeyValue keyValue : first) {
			if (!others.hasNext() || !others.next().getKey().equals(keyValue.getKey())) {
				return false;
			}
		}
		return !others.hasNext();
	}

	public static KeyValues without(KeyValues keyValues, List<String> keys) {
		return KeyValues.of(keyValues.stream().filter((keyValue) -> !keys.contains(keyValue.getKey())).toList());
	}

	@Override
	public final KeyValues getLowCardinalityKeyValues() {
		return this.lowCardinalityKeyValues;
	}

	@Override
	public final KeyValues getHighCardinalityKeyValues() {
		KeyValues present = this.highCardinalityKeyValues;
		if (present != null) {
			return present;
		}
		KeyValues asked = defaultHighCardinalityKeyValues();
		return HIGH.compareAndSet(this, null, asked) ? asked : getHighCardinalityKeyValues();
	}

	@Override
	public final @Nullable KeyValue getLowCardinalityKeyValue(String key) {
		return find(this.lowCardinalityKeyValues, key);
	}

	@Override
	public final @Nullable KeyValue getHighCardinalityKeyValue(String key) {
		return find(getHighCardinalityKeyValues(), key);
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
