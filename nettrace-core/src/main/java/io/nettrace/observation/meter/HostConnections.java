package io.nettrace.observation.meter;

import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.nettrace.CloseReason;
import io.nettrace.instrument.ConnectionRecord;

/**
 * The open connections of one client library to one host, and their meters. Gauges are
 * computed when they are read.
 */
final class HostConnections {

	private final MeterRegistry registry;

	private final Tags tags;

	private final String host;

	private final Set<ConnectionRecord> open = ConcurrentHashMap.newKeySet();

	private final AtomicInteger pending = new AtomicInteger();

	private volatile int max = -1;

	HostConnections(MeterRegistry registry, String client, String host) {
		this.registry = registry;
		this.host = host;
		this.tags = Tags.of("nettrace.client", client, "server.address", host);
		gauge("http.client.open_connections", "Connections that carry a request, and those that do not",
				this.tags.and("http.connection.state", "active"), (connections) -> connections.count(true));
		gauge("http.client.open_connections", "Connections that carry a request, and those that do not",
				this.tags.and("http.connection.state", "idle"), (connections) -> connections.count(false));
		gauge("http.client.connection.pending_requests", "Requests that wait for a connection", this.tags,
				(connections) -> connections.pending.get());
		Gauge.builder("nettrace.connection.oldest_active", this, HostConnections::oldestActiveSeconds)
			.description("How long the oldest of the requests under way has had its connection")
			.baseUnit("seconds")
			.tags(this.tags)
			.register(registry);
	}

	private void gauge(String name, String description, Tags tags, ToDoubleFunction<HostConnections> value) {
		Gauge.builder(name, this, value).description(description).tags(tags).register(this.registry);
	}

	private double count(boolean active) {
		return this.open.stream().filter((each) -> each.activeNanos() >= 0 == active).count();
	}

	private double oldestActiveSeconds() {
		return Math.max(0, this.open.stream().mapToLong(ConnectionRecord::activeNanos).max().orElse(0))
				/ (double) TimeUnit.SECONDS.toNanos(1);
	}

	String host() {
		return this.host;
	}

	/**
	 * The limit is known once there is a connection, and not on every library.
	 */
	void opened(ConnectionRecord connection) {
		int max = connection.pool().maxConnections();
		if (max >= 0) {
			boolean first = this.max < 0;
			this.max = max;
			if (first) {
				gauge("http.client.connection.max", "Connections that there may be at once", this.tags,
						(connections) -> connections.max);
			}
		}
		this.open.add(connection);
	}

	void closed(ConnectionRecord connection, CloseReason reason) {
		this.open.remove(connection);
		Timer.builder("http.client.connection.duration")
			.description("How long connections were open")
			.tags(this.tags.and("nettrace.connection.closed", reason.name().toLowerCase(Locale.ROOT)))
			.register(this.registry)
			.record(connection.ageNanos(), TimeUnit.NANOSECONDS);
	}

	void pending(int change) {
		this.pending.addAndGet(change);
	}

}
