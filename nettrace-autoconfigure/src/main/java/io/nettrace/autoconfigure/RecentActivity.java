package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import io.nettrace.DnsAnswerInfo;
import io.nettrace.DnsQueryInfo;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import io.nettrace.instrument.IpText;
import io.nettrace.instrument.ResolvConf;
import io.nettrace.observation.DnsQueries;
import io.nettrace.observation.ErrorType;
import io.nettrace.observation.HostName;
import io.nettrace.observation.HostPatterns;
import org.jspecify.annotations.Nullable;

/**
 * Records the last lookup and connects of each host. Beyond the maximum, the host that
 * has been idle longest is forgotten. Hooks hold a lock while they store one entry.
 */
final class RecentActivity implements NetTrace.Factory {

	private final int maxHosts;

	private final int maxEntries;

	private final HostPatterns patterns;

	private final Clock clock;

	// The host that has been idle longest comes first. Guarded by itself, like the hosts
	// in it
	private final Map<String, Host> hosts = new LinkedHashMap<>(16, 0.75F, true);

	/**
	 * Create an instance.
	 * @param maxHosts maximum number of hosts
	 * @param maxEntries maximum number of connects for each host
	 * @param patterns the hosts that are recorded
	 * @param clock the clock for start times
	 */
	RecentActivity(int maxHosts, int maxEntries, HostPatterns patterns, Clock clock) {
		this.maxHosts = maxHosts;
		this.maxEntries = maxEntries;
		this.patterns = patterns;
		this.clock = clock;
	}

	@Override
	public NetTrace create(RequestInfo request) {
		return new Request(request.client());
	}

	@Override
	public NetTrace create(RequestInfo request, Function<Object, @Nullable Object> bindings) {
		return create(request);
	}

	@Override
	public Set<Hook> hooks() {
		return Set.of(Hook.DNS, Hook.DNS_ANSWER, Hook.CONNECT);
	}

	/**
	 * Return the recorded activity, by host.
	 */
	Map<String, HostActivity> activities() {
		Map<String, HostActivity> activities = new TreeMap<>();
		synchronized (this.hosts) {
			this.hosts.forEach((name, host) -> activities.put(name, host.activity()));
		}
		return activities;
	}

	private void add(String name, HostActivity.Lookup lookup) {
		if (this.patterns.matches(name)) {
			synchronized (this.hosts) {
				host(name).lookup = lookup;
			}
		}
	}

	private void add(String name, HostActivity.Connect connect) {
		if (this.patterns.matches(name)) {
			synchronized (this.hosts) {
				Deque<HostActivity.Connect> connects = host(name).connects;
				if (connects.size() == this.maxEntries) {
					connects.removeLast();
				}
				connects.addFirst(connect);
			}
		}
	}

	private Host host(String name) {
		Host host = this.hosts.computeIfAbsent(HostName.canonical(name), (key) -> new Host());
		if (this.hosts.size() > this.maxHosts) {
			this.hosts.remove(this.hosts.keySet().iterator().next());
		}
		return host;
	}

	private static final class Host {

		private HostActivity.@Nullable Lookup lookup;

		private final Deque<HostActivity.Connect> connects = new ArrayDeque<>();

		HostActivity activity() {
			return new HostActivity(this.lookup, List.copyOf(this.connects));
		}

	}

	/**
	 * The start of a lookup or connect: by the clock, and by a monotonic one for the
	 * duration, because the clock can be set.
	 */
	private record Start(Instant instant, long nanos) {

		Duration duration() {
			return Duration.of(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - this.nanos), ChronoUnit.MICROS);
		}

	}

	/**
	 * Each dial is recorded separately.
	 */
	private final class Request implements NetTrace {

		private final String client;

		Request(String client) {
			this.client = client;
		}

		@Override
		public NetTrace forDial() {
			return new Dial(this.client);
		}

	}

	private final class Dial implements NetTrace {

		private final String client;

		private volatile @Nullable String host;

		private volatile @Nullable Start lookup;

		private volatile @Nullable DnsAnswerInfo answer;

		private final Map<SocketAddress, Start> connects = new ConcurrentHashMap<>(2);

		Dial(String client) {
			this.client = client;
		}

		@Override
		public void dnsStart(String host) {
			this.host = host;
			this.lookup = now();
		}

		@Override
		public void dnsAnswer(DnsAnswerInfo answer) {
			this.answer = answer;
		}

		@Override
		public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
			String host = this.host;
			Start start = this.lookup;
			if (host != null && start != null) {
				Duration duration = start.duration();
				DnsAnswerInfo answer = this.answer;
				this.answer = null;
				add(host, new HostActivity.Lookup(start.instant(), duration, this.client,
						addresses.stream().map(IpText::of).toList(), coalesced, kind(error),
						(answer != null) ? DnsQueries.source(answer.source()) : null, age(answer), queries(answer),
						ResolvConf.isConspicuous(duration, error) ? ResolvConf.current().hint(host) : null));
			}
		}

		private static HostActivity.Query query(DnsQueryInfo query) {
			return new HostActivity.Query(query.name(), query.type(), DnsQueries.server(query),
					DnsQueries.transport(query), DnsQueries.outcome(query), query.responseCode(),
					query.duration().truncatedTo(ChronoUnit.MICROS));
		}

		private static @Nullable List<HostActivity.Query> queries(@Nullable DnsAnswerInfo answer) {
			return (answer != null && !answer.queries().isEmpty()) ? answer.queries().stream().map(Dial::query).toList()
					: null;
		}

		private static @Nullable Duration age(@Nullable DnsAnswerInfo answer) {
			Duration age = (answer != null) ? answer.age() : null;
			return (age != null) ? age.truncatedTo(ChronoUnit.MICROS) : null;
		}

		@Override
		public void connectStart(String network, SocketAddress address) {
			this.connects.put(address, now());
		}

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			Start start = this.connects.remove(address);
			if (start != null) {
				String host = this.host;
				boolean cancelled = error instanceof CancellationException;
				add((host != null) ? host : hostOf(address),
						new HostActivity.Connect(start.instant(), start.duration(), this.client,
								IpText.withPort(address),
								cancelled ? "cancelled" : (error != null) ? "failed" : "connected",
								cancelled ? null : kind(error)));
			}
		}

		private Start now() {
			return new Start(RecentActivity.this.clock.instant(), System.nanoTime());
		}

		private static @Nullable String kind(@Nullable Throwable error) {
			return (error != null) ? ErrorType.of(error) : null;
		}

		private static String hostOf(SocketAddress address) {
			return (address instanceof InetSocketAddress inet) ? IpText.host(inet) : address.toString();
		}

	}

}
