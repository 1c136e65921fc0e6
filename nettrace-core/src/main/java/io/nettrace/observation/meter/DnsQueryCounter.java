package io.nettrace.observation.meter;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.nettrace.DnsAnswerInfo;
import io.nettrace.DnsQueryInfo;
import io.nettrace.observation.DnsLookupContext;
import io.nettrace.observation.DnsQueries;
import io.nettrace.observation.DnsQueryKeyNames;
import io.nettrace.observation.NetTraceObservationDocumentation;
import io.nettrace.observation.NetTraceObservationDocumentation.DnsLookupLowCardinalityKeyNames;
import org.jspecify.annotations.Nullable;

/**
 * Counts the queries of lookups. A resolver has few name servers, but may be referred to
 * many: the first ones keep their address. Counters are held for a second, since to ask
 * the registry for one makes its tags anew.
 */
final class DnsQueryCounter {

	private static final int MAX_SERVERS = 10;

	private static final String HIDDEN = "_IP";

	private static final long HELD_NANOS = TimeUnit.SECONDS.toNanos(1);

	private final MeterRegistry registry;

	private final boolean hideAddresses;

	// Bounded by MAX_SERVERS
	private final Map<InetSocketAddress, String> servers = new ConcurrentHashMap<>();

	// Bounded, as its keys are
	private final Map<Key, Held> counters = new ConcurrentHashMap<>();

	DnsQueryCounter(MeterRegistry registry, boolean hideAddresses) {
		this.registry = registry;
		this.hideAddresses = hideAddresses;
	}

	/**
	 * The values of a counter's tags.
	 */
	private record Key(String client, String type, @Nullable String responseCode, DnsQueryInfo.Outcome outcome,
			String server) {
	}

	private record Held(Counter counter, long since) {
	}

	void count(DnsLookupContext lookup) {
		DnsAnswerInfo answer = lookup.getAnswerInfo();
		if (answer == null) {
			return;
		}
		for (DnsQueryInfo query : answer.queries()) {
			counter(new Key(lookup.getClient(), query.type(), query.responseCode(), query.outcome(), server(query)),
					query)
				.increment();
		}
	}

	private Counter counter(Key key, DnsQueryInfo query) {
		long now = System.nanoTime();
		Held held = this.counters.get(key);
		if (held == null || now - held.since() > HELD_NANOS) {
			held = new Held(register(key, query), now);
			this.counters.put(key, held);
		}
		return held.counter();
	}

	private Counter register(Key key, DnsQueryInfo query) {
		return Counter.builder("dns.queries")
			.description("Queries that DNS lookups have sent to name servers")
			.tag(DnsLookupLowCardinalityKeyNames.CLIENT.asString(), key.client())
			.tag(DnsQueryKeyNames.QUESTION_TYPE.asString(), key.type())
			.tag(DnsQueryKeyNames.RESPONSE_CODE.asString(), DnsQueries.responseCode(query))
			.tag(DnsQueryKeyNames.OUTCOME.asString(), DnsQueries.outcome(query))
			.tag(DnsQueryKeyNames.SERVER.asString(), key.server())
			.register(this.registry);
	}

	private String server(DnsQueryInfo query) {
		if (this.hideAddresses) {
			return HIDDEN;
		}
		String known = this.servers.get(query.server());
		return (known != null) ? known : newServer(query);
	}

	private synchronized String newServer(DnsQueryInfo query) {
		if (this.servers.size() >= MAX_SERVERS && !this.servers.containsKey(query.server())) {
			return NetTraceObservationDocumentation.OTHER;
		}
		return this.servers.computeIfAbsent(query.server(), (server) -> DnsQueries.server(query));
	}

}
