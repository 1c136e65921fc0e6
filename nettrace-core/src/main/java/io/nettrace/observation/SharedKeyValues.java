package io.nettrace.observation;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.micrometer.common.KeyValues;
import org.jspecify.annotations.Nullable;

/**
 * The low cardinality sets of what goes well, by client and host on meters. The guard
 * bounds the hosts; should somebody do without it, this does.
 */
final class SharedKeyValues {

	private static final int MAX_SETS = 2_000;

	private final Map<String, Map<String, KeyValues>> sets = new ConcurrentHashMap<>();

	private final AtomicInteger count = new AtomicInteger();

	@Nullable KeyValues get(String client, String host) {
		Map<String, KeyValues> byHost = this.sets.get(client);
		return (byHost != null) ? byHost.get(host) : null;
	}

	KeyValues share(String client, String host, KeyValues keyValues) {
		if (this.count.get() < MAX_SETS
				&& this.sets.computeIfAbsent(client, (key) -> new ConcurrentHashMap<>()).put(host, keyValues) == null) {
			this.count.incrementAndGet();
		}
		return keyValues;
	}

}
