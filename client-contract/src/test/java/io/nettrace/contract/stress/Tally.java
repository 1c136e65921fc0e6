package io.nettrace.contract.stress;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/**
 * How often each moment came, over all requests.
 */
final class Tally {

	private final Map<Moment, LongAdder> counts = new EnumMap<>(Moment.class);

	Tally() {
		for (Moment moment : Moment.values()) {
			this.counts.put(moment, new LongAdder());
		}
	}

	private LongAdder count(Moment moment) {
		return Objects.requireNonNull(this.counts.get(moment));
	}

	void add(Moment moment) {
		count(moment).increment();
	}

	long of(Moment moment) {
		return count(moment).sum();
	}

	boolean has(Moment moment) {
		return of(moment) > 0;
	}

	/**
	 * The hooks that were called at least once.
	 */
	Set<Moment> hooks() {
		Set<Moment> called = EnumSet.noneOf(Moment.class);
		for (Moment moment : Moment.values()) {
			if (moment.isHook() && has(moment)) {
				called.add(moment);
			}
		}
		return called;
	}

}
