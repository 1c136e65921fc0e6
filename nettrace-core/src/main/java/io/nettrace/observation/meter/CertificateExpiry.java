package io.nettrace.observation.meter;

import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.nettrace.TlsInfo;
import io.nettrace.instrument.ConnectionRecord;
import org.jspecify.annotations.Nullable;

/**
 * How long the certificates of hosts are still valid: of the open connections, and for an
 * hour of the one that was closed last, or a host whose connections are short would have
 * none when the registry is read. Hosts are bounded by {@link ConnectionMeters}.
 */
final class CertificateExpiry {

	private static final long REMEMBERED_MILLIS = TimeUnit.HOURS.toMillis(1);

	private final MeterRegistry registry;

	private final InstantSource clock;

	private final Map<String, Host> hosts = new ConcurrentHashMap<>();

	CertificateExpiry(MeterRegistry registry, InstantSource clock) {
		this.registry = registry;
		this.clock = clock;
	}

	void opened(String host, ConnectionRecord connection) {
		TlsInfo tls = connection.tls();
		if (tls != null && !tls.peerCertificates().isEmpty()
				&& tls.peerCertificates().get(0) instanceof X509Certificate certificate) {
			this.hosts.computeIfAbsent(host, this::register).open.put(connection,
					certificate.getNotAfter().toInstant().toEpochMilli());
		}
	}

	private Host register(String name) {
		Host host = new Host();
		Gauge.builder("tls.server.certificate.expiry", host, (each) -> each.seconds(this.clock.millis()))
			.description("Time until the server's certificate expires")
			.baseUnit("seconds")
			.tag("server.address", name)
			.register(this.registry);
		return host;
	}

	void closed(String name, ConnectionRecord connection) {
		Host host = this.hosts.get(name);
		if (host != null) {
			host.closed(connection, this.clock.millis());
		}
	}

	private static final class Host {

		/**
		 * When the certificate of each connection ends, in milliseconds.
		 */
		private final Map<ConnectionRecord, Long> open = new ConcurrentHashMap<>();

		private volatile @Nullable Closed last;

		private record Closed(long at, long end) {
		}

		void closed(ConnectionRecord connection, long now) {
			Long end = this.open.get(connection);
			if (end != null) {
				this.last = new Closed(now, end);
				this.open.remove(connection);
			}
		}

		/**
		 * Servers behind one name may have different ones: the one that ends first
		 * counts.
		 */
		double seconds(long now) {
			Closed last = this.last;
			long first = this.open.values()
				.stream()
				.min(Comparator.naturalOrder())
				.orElse((last != null && now - last.at <= REMEMBERED_MILLIS) ? last.end : Long.MIN_VALUE);
			return (first != Long.MIN_VALUE) ? (first - now) / (double) TimeUnit.SECONDS.toMillis(1) : Double.NaN;
		}

	}

}
