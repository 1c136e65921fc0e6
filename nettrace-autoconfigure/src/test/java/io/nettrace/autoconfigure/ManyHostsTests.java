package io.nettrace.autoconfigure;

import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import io.micrometer.core.instrument.MeterRegistry;
import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import org.apache.hc.client5.http.DnsResolver;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an operator fears most: a crawler, or a host from user input, with everything
 * switched on that could remember hosts.
 */
@Tag("one-jdk")
class ManyHostsTests {

	private static final int HOSTS = 100_000;

	private static final int KEPT_BY_METERS = 100;

	private static final int KEPT_BY_THE_ENDPOINT = 200;

	@Test
	void leaveNothingBehind() throws UnknownHostException {
		try (TracedApplication application = TracedApplication.start(List.of(),
				"management.tracing.sampling.probability=0", "spring.jmx.enabled=true",
				"management.endpoints.jmx.exposure.include=nettrace")) {
			assertThat(application.beans(RecentActivity.class)).hasSize(1);
			Operations operations = new Operations(application);
			DnsResolver resolver = application.bean(NetTraceHttpComponents.class).dnsResolver(new Loopback());
			List<WeakReference<String>> hosts = new ArrayList<>(HOSTS);
			long series = 0;
			for (int i = 0; i < HOSTS; i++) {
				String host = "host-" + i + ".test";
				hosts.add(new WeakReference<>(host));
				resolver.resolve(host);
				operations.succeed(host);
				operations.fail(host);
				if (i == KEPT_BY_METERS) {
					series = series(application);
				}
			}
			assertThat(series(application)).isEqualTo(series);
			assertThat(tagValues(application, "dns.lookup.duration", "dns.question.name"))
				.isEqualTo(tagValues(application, "socket.connect.duration", "server.address"))
				.hasSize(KEPT_BY_METERS + 1)
				.contains("host-0.test", "host-99.test", "_OTHER");
			Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
				System.gc();
				assertThat(hosts.stream().filter((host) -> host.get() != null))
					.hasSizeLessThanOrEqualTo(KEPT_BY_METERS + KEPT_BY_THE_ENDPOINT);
			});
		}
	}

	private static MeterRegistry meters(TracedApplication application) {
		return application.bean(MeterRegistry.class);
	}

	private static long series(TracedApplication application) {
		return meters(application).getMeters()
			.stream()
			.map((meter) -> meter.getId().getName())
			.filter((name) -> name.startsWith("dns.") || name.startsWith("socket."))
			.count();
	}

	private static Set<String> tagValues(TracedApplication application, String timer, String key) {
		return meters(application).get(timer)
			.timers()
			.stream()
			.map((each) -> Objects.requireNonNull(each.getId().getTag(key)))
			.collect(Collectors.toSet());
	}

	private static final class Loopback implements DnsResolver {

		@Override
		public InetAddress[] resolve(String host) {
			return new InetAddress[] { InetAddress.getLoopbackAddress() };
		}

		@Override
		public String resolveCanonicalHostname(String host) {
			return host;
		}

	}

}
