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
 * Sets of key values that have been made before. They are the paths of a tree, whose
 * branches are values: who adds key after key comes to the set that was made of them the
 * first time. Beyond a bound a path is made for each who goes it. Safe for use by several
 * threads.
 */
public final class SharedKeyValues {

	private static final int MAX_BRANCHES = 10_000;

	/**
	 * How many more branches this tree may grow.
	 */
	private final AtomicInteger room;

	private final @Nullable SharedKeyValues parent;

	private final @Nullable KeyName key;

	private final @Nullable String value;

	private final Map<String, SharedKeyValues> branches = new ConcurrentHashMap<>(4);

	/**
	 * The branch that was gone last, by whatever thread.
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
			branch = this.branches.get(value);
			if (branch == null || branch.key != key) {
				return grow(key, value);
			}
			this.last = branch;
		}
		return branch;
	}

	private SharedKeyValues grow(KeyName key, String value) {
		SharedKeyValues grown = new SharedKeyValues(this.room, this, key, value);
		if (this.room.get() <= 0) {
			return grown;
		}
		this.room.decrementAndGet();
		SharedKeyValues present = this.branches.putIfAbsent(value, grown);
		return (present != null && present.key == key) ? present : grown;
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
