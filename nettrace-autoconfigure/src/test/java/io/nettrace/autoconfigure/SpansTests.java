package io.nettrace.autoconfigure;

import java.util.List;

import io.micrometer.core.instrument.MeterRegistry;
import io.nettrace.test.OtlpReceiver;
import io.nettrace.test.ReceivedSpan;
import io.opentelemetry.sdk.trace.data.EventData;
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
	void hostsThatAreNotIncludedHaveNeitherSpanNorMeter() {
		try (TracedApplication application = TracedApplication.start(List.of(),
				"nettrace.observations.include-hosts=api.*,www.?.test")) {
			Operations operations = new Operations(application);
			operations.succeed("other.test");
			assertThat(application.spans()).extracting(SpanData::getName).containsExactly("http.client.requests");
			assertThat(application.bean(MeterRegistry.class).find("socket.connect.duration").meters()).isEmpty();
			operations.succeed("api.test");
			operations.succeed("www.a.test");
			assertThat(application.spans()).filteredOn((span) -> span.getName().equals("socket connect")).hasSize(2);
		}
	}

	@Test
	void operationsWithoutARequestAreRootsUnlessAParentIsRequired() {
		try (TracedApplication application = TracedApplication.start(List.of())) {
			new Operations(application).succeedWithoutRequest("api.test");
			assertThat(application.spans()).extracting(SpanData::getName)
				.containsExactly("DNS lookup", "socket connect");
		}
		try (TracedApplication application = TracedApplication.start(List.of(),
				"nettrace.observations.require-parent=true")) {
			Operations operations = new Operations(application);
			operations.succeedWithoutRequest("api.test");
			assertThat(application.spans()).isEmpty();
			assertThat(application.bean(MeterRegistry.class).find("dns.lookup.duration").meters()).isEmpty();
			operations.succeed("api.test");
			assertThat(application.spans()).hasSize(3);
		}
	}

	@Test
	void hiddenAddressesAreNotExported() {
		try (TracedApplication application = TracedApplication.start(List.of(),
				"nettrace.observations.hide-addresses=true", "nettrace.spans.names=semconv")) {
			new Operations(application).fail("api.test");
			assertThat(application.spans()).hasSize(3);
			assertThat(application.spans().toString()).contains("Connection refused: _IP").doesNotContain("10.1.2.3");
		}
	}

	@Test
	void hiddenAddressesAreNotOnEventsEither() {
		try (TracedApplication application = TracedApplication.start(List.of(),
				"nettrace.observations.hide-addresses=true", "nettrace.spans.names=semconv",
				"nettrace.spans.as=events")) {
			new Operations(application).fail("api.test");
			assertThat(application.spans()).singleElement().satisfies((request) -> {
				assertThat(request.getEvents()).extracting(EventData::getName)
					.containsExactly("DNS lookup api.test", "socket connect _IP:443");
				assertThat(request.toString()).doesNotContain("10.1.2.3");
			});
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
