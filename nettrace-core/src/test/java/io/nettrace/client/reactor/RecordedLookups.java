package io.nettrace.client.reactor;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

import io.nettrace.DnsAnswerInfo;
import io.nettrace.DnsQueryInfo;
import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the hooks of lookups tell, as text, by host.
 */
final class RecordedLookups implements NetTrace.Factory {

	private final Map<String, List<String>> told = new ConcurrentHashMap<>();

	private final Predicate<InetSocketAddress> another;

	/**
	 * Create an instance.
	 * @param another whether a query has gone to another server than the first
	 */
	RecordedLookups(Predicate<InetSocketAddress> another) {
		this.another = another;
	}

	List<String> of(String host) {
		return List.copyOf(this.told.getOrDefault(host, List.of()));
	}

	void clear() {
		this.told.clear();
	}

	@Override
	public NetTrace create(RequestInfo request) {
		List<String> events = this.told.computeIfAbsent(String.valueOf(request.host()),
				(host) -> Collections.synchronizedList(new ArrayList<>()));
		return new NetTrace() {

			@Override
			public void dnsStart(String host) {
				events.add("start");
			}

			@Override
			public void dnsAnswer(DnsAnswerInfo answer) {
				answer.queries().forEach((query) -> events.add(text(query)));
				events.add(answer.source() + " " + answer.queries().size() + " failed " + answer.failedQueries());
			}

			@Override
			public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
				events.add("done " + addresses.size());
			}

		};
	}

	private String text(DnsQueryInfo query) {
		assertThat(query.duration()).isPositive();
		return query.type() + " " + query.name() + " " + query.outcome() + " " + query.responseCode()
				+ (query.tcp() ? " over TCP" : "") + (this.another.test(query.server()) ? " at another server" : "")
				+ ((query.alias() != null) ? " for " + query.alias() : "");
	}

}
