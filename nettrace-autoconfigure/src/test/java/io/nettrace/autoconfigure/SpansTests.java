package io.nettrace.autoconfigure;

import java.util.List;

import io.micrometer.core.instrument.MeterRegistry;
import io.nettrace.test.OtlpReceiver;
import io.nettrace.test.ReceivedSpan;
import io.opentelemetry.sdk.trace.data.SpanData;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The spans of a whole Boot application.
 */
class SpansTests {

	@Test
	void attributesArriveWithTheirTypes() {
		try (OtlpReceiver receiver = OtlpReceiver.start()) {
			try (TracedApplication application = TracedApplication.start(List.of(),
					"management.opentelemetry.tracing.export.otlp.endpoint=" + receiver.tracesUrl())) {
				new Operations(application).succeed("api.test");
				application.spans();
				ReceivedSpan lookup = receiver.awaitSpan((span) -> span.name().equals("DNS lookup"));
				assertThat(lookup.attributes()).containsEntry("dns.answers", List.of("10.1.2.3"))
					.containsEntry("dns.question.name", "api.test")
					.doesNotContainKey("error.type")
					.doesNotContainValue("none");
				ReceivedSpan connect = receiver.awaitSpan((span) -> span.name().equals("socket connect"));
				assertThat(connect.attributes()).containsEntry("network.peer.port", 443L)
					.containsEntry("server.port", 443L)
					.containsEntry("nettrace.connect.attempt", 1L);
			}
		}
	}

	@Test
	void shortOnesAreNotExportedUnlessTheyFailed() {
		try (TracedApplication application = TracedApplication.start(List.of(), "nettrace.spans.min-duration=1h")) {
			new Operations(application).fail("api.test");
			assertThat(application.spans()).extracting(SpanData::getName)
				.containsExactly("socket connect", "http.client.requests");
		}
	}

	@Test
	void longEnoughOnesAreExported() {
		try (TracedApplication application = TracedApplication.start(List.of(), "nettrace.spans.min-duration=0")) {
			new Operations(application).succeed("api.test");
			assertThat(application.spans()).hasSize(3);
		}
	}

	@Test
	void excludedHostsHaveNeitherSpanNorMeter() {
		try (TracedApplication application = TracedApplication.start(List.of(),
				"nettrace.observations.exclude-hosts=*.noisy.test")) {
			new Operations(application).succeed("a.noisy.test");
			assertThat(application.spans()).extracting(SpanData::getName).containsExactly("http.client.requests");
			assertThat(application.bean(MeterRegistry.class).find("dns.lookup.duration").meters()).isEmpty();
		}
	}

	@Test
	void hiddenAddressesAreNotExported() {
		try (TracedApplication application = TracedApplication.start(List.of(),
				"nettrace.observations.hide-addresses=true", "nettrace.spans.names=semconv")) {
			new Operations(application).fail("api.test");
			assertThat(application.spans()).hasSize(3);
			assertThat(application.spans().toString()).doesNotContain("10.1.2.3");
		}
	}

	@Test
	void namesFollowTheProperty() {
		try (TracedApplication application = TracedApplication.start(List.of(), "nettrace.spans.names=semconv")) {
			new Operations(application).succeed("api.test");
			assertThat(application.spans()).extracting(SpanData::getName)
				.containsExactly("DNS lookup api.test", "socket connect 10.1.2.3:443", "http.client.requests");
		}
	}

	@Test
	void unsampledRequestsStaySilent() {
		try (TracedApplication application = TracedApplication.start(List.of(),
				"management.tracing.sampling.probability=0")) {
			new Operations(application).fail("api.test");
			assertThat(application.spans()).isEmpty();
			assertThat(application.bean(MeterRegistry.class).get("dns.lookup.duration").timer().count()).isEqualTo(1);
		}
	}

	@Test
	void bootSwitchesOneKindOff() {
		try (TracedApplication application = TracedApplication.start(List.of(),
				"management.observations.enable.dns=false")) {
			new Operations(application).succeed("api.test");
			assertThat(application.spans()).extracting(SpanData::getName)
				.containsExactly("socket connect", "http.client.requests");
		}
	}

}
