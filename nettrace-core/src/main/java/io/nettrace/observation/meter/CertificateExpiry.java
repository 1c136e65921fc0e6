package io.nettrace.observation.meter;

import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.nettrace.TlsInfo;
import io.nettrace.instrument.ConnectionRecord;

/**
 * How long the certificates of hosts are still valid, as long as the host has a
 * connection.
 */
final class CertificateExpiry {

	private final MeterRegistry registry;

	private final Clock clock;

	private final Map<String, Host> hosts = new ConcurrentHashMap<>();

	CertificateExpiry(MeterRegistry registry, Clock clock) {
		this.registry = registry;
		this.clock = clock;
	}

	/**
	 * A host that has connections: when the certificate of each ends, in milliseconds.
	 */
	private record Host(Map<ConnectionRecord, Long> ends, Gauge gauge) {
	}

	void opened(String host, ConnectionRecord connection) {
		TlsInfo tls = connection.tls();
		if (tls == null || tls.peerCertificates().isEmpty()
				|| !(tls.peerCertificates().get(0) instanceof X509Certificate certificate)) {
			return;
		}
		long end = certificate.getNotAfter().toInstant().toEpochMilli();
		this.hosts.compute(host, (name, present) -> {
			Host known = (present != null) ? present : register(name);
			known.ends.put(connection, end);
			return known;
		});
	}

	private Host register(String host) {
		Map<ConnectionRecord, Long> ends = new ConcurrentHashMap<>();
		return new Host(ends,
				Gauge.builder("tls.server.certificate.expiry", ends, this::seconds)
					.description("Time until the server's certificate expires")
					.baseUnit("seconds")
					.tag("server.address", host)
					.register(this.registry));
	}

	/**
	 * Servers behind one name may have different ones: the one that ends first counts.
	 */
	private double seconds(Map<ConnectionRecord, Long> ends) {
		return ends.values()
			.stream()
			.mapToDouble((end) -> (end - this.clock.millis()) / (double) TimeUnit.SECONDS.toMillis(1))
			.min()
			.orElse(Double.NaN);
	}

	void closed(String host, ConnectionRecord connection) {
		this.hosts.computeIfPresent(host, (name, known) -> {
			known.ends.remove(connection);
			if (!known.ends.isEmpty()) {
				return known;
			}
			this.registry.remove(known.gauge);
			return null;
		});
	}

}
