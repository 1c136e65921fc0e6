package io.nettrace.autoconfigure;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.Observation;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.handler.TracingObservationHandler;
import io.nettrace.observation.StepContext;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.trace.data.SpanData;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Of the handlers of one kind, meters or spans, Boot gives a context to the first that
 * supports it.
 */
@org.junit.jupiter.api.Tag("one-jdk")
class HandlerOrderTests {

	/**
	 * Boot's meters would add a tag, Boot's spans would show a number as text.
	 */
	@Test
	void oursComeBeforeBoots() {
		try (TracedApplication application = TracedApplication.start(List.of())) {
			new Operations(application).fail("api.test");
			assertThat(application.bean(MeterRegistry.class).get("socket.connect.duration").timer().getId().getTags())
				.extracting(Tag::getKey)
				.contains("error.type")
				.doesNotContain("error");
			assertThat(connect(application).getAttributes().get(AttributeKey.longKey("server.port"))).isEqualTo(443);
		}
	}

	/**
	 * None of the three has an order: the one that is defined first comes first.
	 */
	@Test
	void metersOfTheApplicationComeBeforeOurs() {
		try (TracedApplication application = TracedApplication.start(Meters.class)) {
			new Operations(application).succeed("api.test");
			assertThat(application.bean(Meters.class).ended).containsExactly("dns.lookup.duration",
					"socket.connect.duration");
			assertThat(application.bean(MeterRegistry.class).find("dns.lookup.duration").timers()).isEmpty();
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Meters {

		final List<String> ended = new CopyOnWriteArrayList<>();

		@Bean
		MeterObservationHandler<StepContext> applicationMeters() {
			return new MeterObservationHandler<>() {

				@Override
				public boolean supportsContext(Observation.Context context) {
					return context instanceof StepContext;
				}

				@Override
				public void onStop(StepContext context) {
					Meters.this.ended.add(String.valueOf(context.getName()));
				}

			};
		}

	}

	@Test
	void spansOfTheApplicationComeBeforeOursIfTheirOrderSaysSo() {
		try (TracedApplication application = TracedApplication.start(Spans.class)) {
			new Operations(application).succeed("api.test");
			assertThat(connect(application).getAttributes().get(AttributeKey.stringKey("server.port")))
				.isEqualTo("443");
		}
		try (TracedApplication application = TracedApplication.start(UnorderedSpans.class)) {
			new Operations(application).succeed("api.test");
			assertThat(connect(application).getAttributes().get(AttributeKey.longKey("server.port"))).isEqualTo(443);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Spans {

		@Bean
		@Order(0)
		TracingObservationHandler<Observation.Context> applicationSpans(Tracer tracer) {
			return new DefaultTracingObservationHandler(tracer);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class UnorderedSpans {

		@Bean
		TracingObservationHandler<Observation.Context> applicationSpans(Tracer tracer) {
			return new DefaultTracingObservationHandler(tracer);
		}

	}

	private static SpanData connect(TracedApplication application) {
		return application.spans()
			.stream()
			.filter((span) -> span.getName().equals("socket connect"))
			.findFirst()
			.orElseThrow();
	}

}
