package io.nettrace.observation.saving;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.common.docs.KeyName;
import org.jspecify.annotations.Nullable;

/**
 * Sets of key values that have been made before. They are the nodes of a tree whose
 * branches are values: adding key after key leads to the set that was made of the same
 * values the first time. Beyond a bound a set is made anew each time. Safe for use by
 * several threads.
 */
public final class SharedKeyValues {

	/**
	 * More than the guarded hosts of all client libraries make. Other values than those
	 * of the default conventions may have no bound.
	 */
	private static final int MAX_BRANCHES = 5_000;

	/**
	 * How many more branches this tree may grow.
	 */
	private final AtomicInteger room;

	private final @Nullable SharedKeyValues parent;

	private final @Nullable KeyName key;

	private final @Nullable String value;

	private volatile @Nullable Map<String, SharedKeyValues> branches;

	/**
	 * The branch that was taken last, by any thread.
	 */
	private @Nullable SharedKeyValues last;

	private volatile @Nullable KeyValues path;

	private SharedKeyValues(AtomicInteger room, @Nullable SharedKeyValues parent, @Nullable KeyName key,
			@Nullable String value) {
		this.room = room;
		this.parent = parent;
		this.key = key;
		this.value = value;
	}

	/**
	 * Create the empty set, from which others are reached.
	 * @return a new tree
	 */
	public static SharedKeyValues empty() {
		return empty(MAX_BRANCHES);
	}

	/**
	 * Create the empty set of a tree with a bound.
	 * @param maxBranches how many values are remembered; with 0 each set is made anew
	 * @return a new tree
	 */
	public static SharedKeyValues empty(int maxBranches) {
		return new SharedKeyValues(new AtomicInteger(maxBranches), null, null, null);
	}

	/**
	 * Return this set with one more key.
	 * @param key a key that this set does not have
	 * @param value its value
	 * @return the other set
	 */
	public SharedKeyValues and(KeyName key, String value) {
		SharedKeyValues branch = this.last;
		if (branch == null || branch.key != key || !value.equals(branch.value)) {
			Map<String, SharedKeyValues> branches = this.branches;
			branch = (branches != null) ? branches.get(value) : null;
			if (branch == null || branch.key != key) {
				return grow(key, value);
			}
			this.last = branch;
		}
		return branch;
	}

	private SharedKeyValues grow(KeyName key, String value) {
		SharedKeyValues grown = new SharedKeyValues(this.room, this, key, value);
		if (this.room.get() > 0 && branches().putIfAbsent(value, grown) == null) {
			this.room.decrementAndGet();
		}
		return grown;
	}

	private synchronized Map<String, SharedKeyValues> branches() {
		Map<String, SharedKeyValues> branches = this.branches;
		if (branches == null) {
			branches = new ConcurrentHashMap<>();
			this.branches = branches;
		}
		return branches;
	}

	/**
	 * Return the key values of this set.
	 * @return the same ones each time, if this set is remembered
	 */
	public KeyValues keyValues() {
		KeyValues present = this.path;
		if (present == null) {
			List<KeyValue> keyValues = new ArrayList<>();
			for (SharedKeyValues set = this; set != null; set = set.parent) {
				if (set.key != null && set.value != null) {
					keyValues.add(set.key.withValue(set.value));
				}
			}
			present = KeyValues.of(keyValues);
			this.path = present;
		}
		return present;
	}

}
