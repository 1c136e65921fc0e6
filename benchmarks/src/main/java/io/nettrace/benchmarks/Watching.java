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
	 * Boot's meters, without tracing.
	 */
	METERS,

	/**
	 * Boot's meters and tracing, every trace sampled.
	 */
	SAMPLED,

	/**
	 * Boot's meters and tracing, every trace sampled, and each exchange observed.
	 */
	RECORD,

	/**
	 * Boot's meters and tracing, no trace sampled.
	 */
	UNSAMPLED

}
