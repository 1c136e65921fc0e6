package io.nettrace.benchmarks;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/**
 * The timers of each host, kept.
 */
final class HeldTimers {

	private final Map<String, Timer> successes = new ConcurrentHashMap<>();

	private final Map<String, Timer> failures = new ConcurrentHashMap<>();

	private final String name;

	private final MeterRegistry registry;

	HeldTimers(String name, MeterRegistry registry) {
		this.name = name;
		this.registry = registry;
	}

	Timer of(String host, boolean success) {
		Map<String, Timer> timers = success ? this.successes : this.failures;
		Timer held = timers.get(host);
		return (held != null) ? held : timers.computeIfAbsent(host, (key) -> registered(key, success));
	}

	/**
	 * Ask the registry for each call, as is usual.
	 */
	Timer registered(String host, boolean success) {
		return Timer.builder(this.name)
			.tags("host", host, "outcome", success ? "success" : "error")
			.register(this.registry);
	}

}
