package io.nettrace.observation.meter;

import java.time.Clock;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

import io.micrometer.core.instrument.MeterRegistry;
import io.nettrace.CloseInfo;
import io.nettrace.PoolInfo;
import io.nettrace.instrument.ConnectionRecord;
import io.nettrace.instrument.ConnectionRecordListener;
import io.nettrace.observation.HostGuard;
import io.nettrace.observation.HostPatterns;

/**
 * Meters of connections: how many there are, what they do, and how long they live; in
 * .NET's and OpenTelemetry's names. What is known of a connection is kept until it is
 * closed. Its host stands on meters as the guard has it, so that the series are bounded.
 * Safe for use by several threads.
 */
public final class ConnectionMeters implements ConnectionRecordListener {

	private final MeterRegistry registry;

	private final HostGuard hosts;

	private final HostPatterns patterns;

	private final Map<ConnectionRecord, HostConnections> connections = new ConcurrentHashMap<>();

	private final Map<Key, HostConnections> byHost = new ConcurrentHashMap<>();

	private final CertificateExpiry certificates;

	/**
	 * Create meters without a connection.
	 * @param registry where the meters are registered
	 * @param hosts bounds the hosts
	 * @param patterns the hosts that are observed
	 */
	public ConnectionMeters(MeterRegistry registry, HostGuard hosts, HostPatterns patterns) {
		this(registry, hosts, patterns, Clock.systemUTC());
	}

	ConnectionMeters(MeterRegistry registry, HostGuard hosts, HostPatterns patterns, InstantSource clock) {
		this.registry = Objects.requireNonNull(registry, "'registry' must not be null");
		this.hosts = Objects.requireNonNull(hosts, "'hosts' must not be null");
		this.patterns = Objects.requireNonNull(patterns, "'patterns' must not be null");
		this.certificates = new CertificateExpiry(registry, clock);
	}

	private record Key(String client, String host) {
	}

	@Override
	public void watch(ConnectionRecord connection) {
		PoolInfo pool = connection.pool();
		if (this.patterns.matches(pool.host())) {
			HostConnections connections = at(pool.client(), this.hosts.foundHost(pool.host()));
			this.connections.put(connection, connections);
			connections.opened(connection);
			this.certificates.opened(connections.host(), connection);
		}
	}

	@Override
	public void unwatch(ConnectionRecord connection, CloseInfo close) {
		HostConnections connections = this.connections.remove(connection);
		if (connections != null) {
			this.certificates.closed(connections.host(), connection);
			connections.closed(connection, close.reason());
		}
	}

	void pending(String client, String host, int change) {
		at(client, host).pending(change);
	}

	private HostConnections at(String client, String host) {
		Key key = new Key(client, host);
		HostConnections present = this.byHost.get(key);
		return (present != null) ? present : this.byHost.computeIfAbsent(key,
				(each) -> new HostConnections(this.registry, each.client(), each.host()));
	}

}
