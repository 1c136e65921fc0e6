package io.nettrace.demo;

import io.nettrace.test.OtlpReceiver;
import io.nettrace.test.ReceivedMeter;
import io.nettrace.test.ReceivedSpan;
import org.junit.jupiter.api.Test;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * With the profile {@code jaeger} spans and meters go out over OTLP, here to the test's
 * own receiver.
 */
class JaegerProfileTests {

	@Test
	void sendsSpansAndMetersInSeconds() {
		try (OtlpReceiver receiver = OtlpReceiver.start()) {
			TraceView trace;
			try (ConfigurableApplicationContext context = new SpringApplicationBuilder(DemoApplication.class)
				.profiles("jaeger")
				.run("--server.port=0",
						"--management.opentelemetry.tracing.export.otlp.endpoint=" + receiver.tracesUrl(),
						"--management.otlp.metrics.export.url=" + receiver.metricsUrl())) {
				RestClient api = RestClient.create("http://127.0.0.1:"
						+ context.getEnvironment().getRequiredProperty("local.server.port") + "/api/scenarios");
				trace = api.post().uri("/first-address-refused").retrieve().requiredBody(TraceView.class);
			}
			// Closing the application has sent the rest
			assertThat(receiver.spans()).filteredOn((span) -> span.traceId().equals(trace.traceId()))
				.extracting(ReceivedSpan::spanId)
				.containsExactlyInAnyOrderElementsOf(trace.spans().stream().map(SpanView::spanId).toList());
			assertThat(receiver.meters()).filteredOn((meter) -> meter.name().equals("socket.connect.duration"))
				.isNotEmpty()
				.allSatisfy((meter) -> assertThat(meter.unit()).isEqualTo("seconds"))
				.extracting(ReceivedMeter::tags)
				.anySatisfy((tags) -> assertThat(tags).containsEntry("error.type", "connection_refused"));
		}
	}

}
