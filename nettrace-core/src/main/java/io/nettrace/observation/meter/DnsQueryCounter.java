package io.nettrace.observation.meter;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.nettrace.DnsAnswerInfo;
import io.nettrace.DnsQueryInfo;
import io.nettrace.observation.DnsLookupContext;
import io.nettrace.observation.DnsQueries;
import io.nettrace.observation.DnsQueryKeyNames;
import io.nettrace.observation.NetTraceObservationDocumentation;
import io.nettrace.observation.NetTraceObservationDocumentation.DnsLookupLowCardinalityKeyNames;

/**
 * Counts the queries of lookups. A resolver has few name servers, but may be referred to
 * many: the first ones keep their address.
 */
final class DnsQueryCounter {

	private static final int MAX_SERVERS = 10;

	private static final String HIDDEN = "_IP";

	private final MeterRegistry registry;

	private final boolean hideAddresses;

	private final Set<String> servers = ConcurrentHashMap.newKeySet();

	DnsQueryCounter(MeterRegistry registry, boolean hideAddresses) {
		this.registry = registry;
		this.hideAddresses = hideAddresses;
	}

	void count(DnsLookupContext lookup) {
		DnsAnswerInfo answer = lookup.getAnswerInfo();
		if (answer == null) {
			return;
		}
		for (DnsQueryInfo query : answer.queries()) {
			Counter.builder("dns.queries")
				.description("Queries that DNS lookups have sent to name servers")
				.tag(DnsLookupLowCardinalityKeyNames.CLIENT.asString(), lookup.getClient())
				.tag(DnsQueryKeyNames.QUESTION_TYPE.asString(), query.type())
				.tag(DnsQueryKeyNames.RESPONSE_CODE.asString(), DnsQueries.responseCode(query))
				.tag(DnsQueryKeyNames.OUTCOME.asString(), DnsQueries.outcome(query))
				.tag(DnsQueryKeyNames.SERVER.asString(), server(query))
				.register(this.registry)
				.increment();
		}
	}

	private String server(DnsQueryInfo query) {
		if (this.hideAddresses) {
			return HIDDEN;
		}
		String server = DnsQueries.server(query);
		if (!this.servers.contains(server)) {
			synchronized (this.servers) {
				if (this.servers.size() >= MAX_SERVERS && !this.servers.contains(server)) {
					return NetTraceObservationDocumentation.OTHER;
				}
				this.servers.add(server);
			}
		}
		return server;
	}

}
