package io.nettrace.benchmarks;

/**
 * What listens to an application's lookups and connects.
 */
public enum Watching {

	/**
	 * Nothing listens: nettrace makes no observations, and there is no hook.
	 */
	NONE,

	/**
	 * An application's hook that records into timers it holds; nettrace makes no
	 * observations.
	 */
	HOOKS,

	/**
	 * Boot's meters, without tracing; of nettrace those of lookups and connects.
	 */
	METERS,

	/**
	 * Boot's meters, without tracing, and all of nettrace's.
	 */
	ALL_METERS,

	/**
	 * Boot's meters and tracing, every trace sampled; of nettrace lookups and connects.
	 */
	SAMPLED,

	/**
	 * Boot's meters and tracing, every trace sampled, and all of nettrace's: the record
	 * of each request, too.
	 */
	RECORD,

	/**
	 * Boot's meters and tracing, no trace sampled; of nettrace lookups and connects.
	 */
	UNSAMPLED

}
