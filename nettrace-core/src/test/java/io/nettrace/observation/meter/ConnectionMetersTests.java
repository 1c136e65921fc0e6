package io.nettrace.observation.meter;

import java.security.KeyStoreException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nettrace.CloseInfo;
import io.nettrace.CloseReason;
import io.nettrace.PoolInfo;
import io.nettrace.TlsInfo;
import io.nettrace.instrument.ConnectionRecord;
import io.nettrace.observation.HostGuard;
import io.nettrace.observation.HostPatterns;
import io.nettrace.test.TestAuthority;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ConnectionMetersTests {

	private final Instant start = Instant.now();

	private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

	private Duration later = Duration.ZERO;

	private long now;

	private long connections;

	private final ConnectionMeters meters = new ConnectionMeters(this.registry, new HostGuard(2),
			new HostPatterns(List.of(), List.of("noisy.*")), () -> this.start.plus(this.later));

	private ConnectionRecord opened(String host) {
		return opened(host, -1, null);
	}

	private ConnectionRecord opened(String host, int max, @Nullable TlsInfo tls) {
		ConnectionRecord connection = new ConnectionRecord(this.meters, () -> this.now, ++this.connections,
				new PoolInfo("jetty", host, 443, max), null, null);
		if (tls != null) {
			connection.secured(tls);
		}
		connection.opened();
		return connection;
	}

	private static void acquire(ConnectionRecord connection) {
		connection.acquire("1.1", false);
	}

	private double gauge(String name, String... tags) {
		return this.registry.get(name).tags(tags).gauge().value();
	}

	private List<Double> states(String host) {
		return List.of(
				gauge("http.client.open_connections", "server.address", host, "nettrace.client", "jetty",
						"http.connection.state", "active"),
				gauge("http.client.open_connections", "server.address", host, "nettrace.client", "jetty",
						"http.connection.state", "idle"));
	}

	@Test
	void connectionsAreActiveOrIdle() {
		ConnectionRecord one = opened("api.test");
		assertThat(states("api.test")).containsExactly(0.0, 1.0);
		acquire(one);
		acquire(one);
		assertThat(states("api.test")).as("two streams").containsExactly(1.0, 0.0);
		one.release();
		assertThat(states("api.test")).containsExactly(1.0, 0.0);
		one.release();
		opened("api.test");
		assertThat(states("api.test")).containsExactly(0.0, 2.0);
		this.now += TimeUnit.SECONDS.toNanos(5);
		one.close(CloseInfo.of(CloseReason.MAX_LIFETIME));
		one.close(CloseInfo.of(CloseReason.PEER));
		assertThat(states("api.test")).containsExactly(0.0, 1.0);
		assertThat(this.registry.get("http.client.connection.duration").timers()).singleElement().satisfies((timer) -> {
			assertThat(timer.getId().getTag("nettrace.connection.closed")).isEqualTo("max_lifetime");
			assertThat(timer.totalTime(TimeUnit.SECONDS)).isEqualTo(5);
			assertThat(timer.count()).isEqualTo(1);
		});
	}

	@Test
	void aLeakIsTheOldestOfThoseUnderWay() {
		ConnectionRecord one = opened("api.test");
		ConnectionRecord two = opened("api.test");
		acquire(one);
		this.now += TimeUnit.SECONDS.toNanos(60);
		acquire(two);
		acquire(two);
		this.now += TimeUnit.SECONDS.toNanos(1);
		assertThat(gauge("nettrace.connection.oldest_active")).isEqualTo(61);
		one.release();
		assertThat(gauge("nettrace.connection.oldest_active")).isEqualTo(1);
		two.release();
		assertThat(gauge("nettrace.connection.oldest_active")).as("of two streams").isEqualTo(1);
		two.release();
		assertThat(gauge("nettrace.connection.oldest_active")).isZero();
	}

	@Test
	void limitIsThereIfTheLibraryTells() {
		opened("api.test");
		assertThat(this.registry.find("http.client.connection.max").meters()).isEmpty();
		opened("api.test", 5, null);
		assertThat(gauge("http.client.connection.max")).isEqualTo(5);
		opened("api.test", 7, null);
		assertThat(gauge("http.client.connection.max")).isEqualTo(7);
	}

	@Test
	void thoseThatWaitAreCounted() {
		this.meters.pending("jetty", "api.test", 1);
		this.meters.pending("jetty", "api.test", 1);
		this.meters.pending("jetty", "api.test", -1);
		assertThat(gauge("http.client.connection.pending_requests", "server.address", "api.test")).isEqualTo(1);
	}

	@Test
	void certificateThatEndsFirstCountsAndTheLastForAnHour() throws KeyStoreException {
		TestAuthority authority = TestAuthority.create("nettrace");
		TlsInfo good = tls(authority.server("api.test"));
		TlsInfo expired = tls(authority.expiredServer("api.test"));
		ConnectionRecord one = opened("api.test", -1, good);
		assertThat(expiry()).isBetween(86_390.0, 86_410.0);
		ConnectionRecord two = opened("api.test", -1, expired);
		assertThat(expiry()).isBetween(-3_610.0, -3_590.0);
		two.close(CloseInfo.of(CloseReason.PEER));
		assertThat(expiry()).isPositive();
		one.close(CloseInfo.of(CloseReason.PEER));
		this.later = Duration.ofHours(1);
		assertThat(expiry()).as("of the one that was closed last").isBetween(82_790.0, 82_810.0);
		this.later = Duration.ofHours(1).plusMillis(1);
		assertThat(expiry()).isNaN();
		opened("api.test", -1, good);
		assertThat(expiry()).isPositive();
	}

	private double expiry() {
		return gauge("tls.server.certificate.expiry", "server.address", "api.test");
	}

	private static TlsInfo tls(TestAuthority.Server server) throws KeyStoreException {
		X509Certificate certificate = (X509Certificate) server.keys().getCertificate("server");
		return new TlsInfo("api.test", "TLSv1.3", "TLS_AES_128_GCM_SHA256", "", false, List.of(certificate), null);
	}

	@Test
	void hostsAreBoundedAndExcludedOnesAreNotThere() {
		for (String host : List.of("a.test", "b.test", "c.test", "d.test", "noisy.test")) {
			opened(host);
		}
		assertThat(this.registry.get("http.client.connection.pending_requests").meters()).extracting(Meter::getId)
			.extracting((id) -> id.getTag("server.address"))
			.containsExactlyInAnyOrder("a.test", "b.test", "_OTHER");
		assertThat(states("_OTHER")).containsExactly(0.0, 2.0);
	}

}
