package io.nettrace.autoconfigure;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import io.micrometer.core.instrument.MeterRegistry;
import io.nettrace.autoconfigure.TracedClient.Caller;
import io.nettrace.test.BlackHole;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import io.nettrace.test.RefusingAddress;
import io.opentelemetry.api.common.AttributeKey;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Each fault on each client. The faults are real, and have the same {@code error.type} on
 * the span and on the timer, on every client.
 */
@EnabledIfSystemProperty(named = "nettrace.tests", matches = "all", disabledReason = "-Dnettrace.tests=all")
class ErrorTypeTableTests {

	private final DnsServer dns = DnsServer.start();

	@AfterEach
	void stop() {
		this.dns.close();
	}

	@ParameterizedTest
	@EnumSource
	void sameFaultHasTheSameValueWhateverTheClient(TracedClient client) {
		assumeTrue(!client.isJdk() || Runtime.version().feature() >= 18, "Java 18");
		LoopbackNames.use(this.dns);
		Map<Fault, Seen> expected = new EnumMap<>(Fault.class);
		Map<Fault, Seen> seen = new EnumMap<>(Fault.class);
		try (RefusingAddress refusing = RefusingAddress.open();
				BlackHole hole = BlackHole.open();
				TracedApplication application = client.start(List.of(LoopbackNames.class), "nettrace.dns.timeout=3s",
						"spring.http.clients.connect-timeout=500ms")) {
			Caller caller = client.caller(application);
			for (Fault fault : Fault.values()) {
				if (fault.limits.stream().anyMatch(client::has)) {
					continue;
				}
				// a name that is not in the JVM's cache
				String host = label(fault) + "." + label(client) + ".test";
				int port = switch (fault) {
					case CONNECTION_REFUSED -> refusing.address().getPort();
					case CONNECT_TIMEOUT -> hole.address().getPort();
					default -> 80;
				};
				this.dns.set(host, switch (fault) {
					case UNKNOWN_HOST -> DnsAnswer.unknown();
					case NAME_SERVER_FAILS -> DnsAnswer.failure();
					case NAME_SERVER_IS_SILENT -> DnsAnswer.silence();
					case CONNECTION_REFUSED -> DnsAnswer.addresses(refusing.address().getHostString());
					case CONNECT_TIMEOUT -> DnsAnswer.addresses(hole.address().getHostString());
					case NETWORK_UNREACHABLE -> DnsAnswer.addresses("127.255.255.255");
				});
				assertThatExceptionOfType(RuntimeException.class)
					.isThrownBy(() -> caller.get("http://" + host + ":" + port + "/"));
				expected.put(fault, new Seen(Set.of(fault.errorType), Set.of(fault.errorType)));
				seen.put(fault, Seen.of(fault, host, application));
			}
		}
		assertThat(seen).isEqualTo(expected);
	}

	private static String label(Enum<?> constant) {
		return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

	private enum Fault {

		UNKNOWN_HOST("dns.lookup.duration", "host_not_found"),

		NAME_SERVER_FAILS("dns.lookup.duration", "try_again"),

		NAME_SERVER_IS_SILENT("dns.lookup.duration", "timed_out", Limit.LOOKUP_TIMEOUT, Limit.UNTOUCHED_RESOLVER),

		CONNECTION_REFUSED("socket.connect.duration", "connection_refused", Limit.CONNECTS),

		CONNECT_TIMEOUT("socket.connect.duration", "timed_out", Limit.CONNECTS),

		/**
		 * The operating system's answer for a broadcast address, which needs no name
		 * server.
		 */
		NETWORK_UNREACHABLE("socket.connect.duration", "network_unreachable", Limit.CONNECTS);

		private final String timer;

		private final String errorType;

		@SuppressWarnings("ImmutableEnumChecker") // Set.of
		private final Set<Limit> limits;

		Fault(String timer, String errorType, Limit... limits) {
			this.timer = timer;
			this.errorType = errorType;
			this.limits = Set.of(limits);
		}

		private String hostKey() {
			return this.timer.startsWith("dns") ? "dns.question.name" : "server.address";
		}

	}

	/**
	 * The values that a fault has produced.
	 */
	private record Seen(Set<String> onSpans, Set<String> onTimers) {

		static Seen of(Fault fault, String host, TracedApplication application) {
			return Awaitility.await()
				.until(() -> new Seen(onSpans(fault, host, application), onTimers(fault, host, application)),
						(seen) -> !seen.onSpans.isEmpty() && !seen.onTimers.isEmpty());
		}

		/**
		 * A wait of the same host, which a busy machine makes long enough to be shown, is
		 * not what has failed.
		 */
		private static Set<String> onSpans(Fault fault, String host, TracedApplication application) {
			return application.spans()
				.stream()
				.filter((span) -> !span.getName().equals("wait for connection"))
				.map((span) -> span.getAttributes())
				.filter((attributes) -> host.equals(attributes.get(AttributeKey.stringKey(fault.hostKey()))))
				.map((attributes) -> attributes.get(AttributeKey.stringKey("error.type")))
				.map(String::valueOf)
				.collect(Collectors.toSet());
		}

		private static Set<String> onTimers(Fault fault, String host, TracedApplication application) {
			return application.bean(MeterRegistry.class)
				.find(fault.timer)
				.tag(fault.hostKey(), host)
				.timers()
				.stream()
				.map((timer) -> String.valueOf(timer.getId().getTag("error.type")))
				.collect(Collectors.toSet());
		}

	}

}
