package io.nettrace.observation.meter;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.nettrace.observation.HostGuard;

/**
 * The timers of hosts that were never found. They go when their host makes room.
 */
final class PassingHosts {

	private final MeterRegistry registry;

	private final Map<String, Set<Timer>> timers = new ConcurrentHashMap<>();

	private final Set<HostGuard> guards = ConcurrentHashMap.newKeySet();

	PassingHosts(MeterRegistry registry) {
		this.registry = registry;
	}

	/**
	 * Either the host makes room after its timer is kept here, and takes it along, or
	 * before, which is seen here.
	 */
	void add(String host, Timer timer, HostGuard guard) {
		if (this.guards.add(guard)) {
			guard.onForgotten(this::remove);
		}
		this.timers.compute(host, (key, present) -> {
			Set<Timer> timers = (present != null) ? present : new HashSet<>();
			timers.add(timer);
			return timers;
		});
		if (!guard.tells(host)) {
			remove(host);
		}
	}

	private void remove(String host) {
		Set<Timer> timers = this.timers.remove(host);
		if (timers != null) {
			timers.forEach(this.registry::remove);
		}
	}

}
