package io.nettrace.demo;

import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Without a profile the demo connects to nothing outside, and its log stays clean from
 * start to stop.
 */
@ExtendWith(OutputCaptureExtension.class)
class QuietDemoTests {

	@Test
	void nothingIsPushedAndTheLogHasNoStackTraces(CapturedOutput output) {
		try (ConfigurableApplicationContext context = SpringApplication.run(DemoApplication.class, "--server.port=0")) {
			assertThat(context.getBeanProvider(SpanExporter.class)).isEmpty();
			assertThat(context.getBeanProvider(MeterRegistry.class))
				.extracting((registry) -> registry.getClass().getSimpleName())
				.containsExactly("PrometheusMeterRegistry");
			RestClient api = RestClient.create("http://127.0.0.1:"
					+ context.getEnvironment().getRequiredProperty("local.server.port") + "/api/scenarios");
			for (String client : Runs.CLIENTS) {
				Runs.on(client)
					.forEach((scenario) -> assertThat(
							AbstractTraceBackendTests.run(api, scenario.name(), client).complete())
						.isTrue());
			}
			api.post().uri("/unknown").retrieve().onStatus((status) -> true, (request, response) -> {
			}).toBodilessEntity();
		}
		assertThat(output.getAll()).contains("Tomcat started on ports")
			.contains("nettrace shows RestClient on HttpComponents: dns, connect")
			.doesNotContain("\tat ")
			.doesNotContain("Exception")
			.doesNotContain(" WARN ")
			.doesNotContain(" ERROR ");
	}

}
