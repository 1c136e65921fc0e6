package io.nettrace.autoconfigure;

import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.Observation;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.exporter.SpanExportingPredicate;
import io.micrometer.tracing.handler.TracingObservationHandler;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import io.nettrace.observation.RequestSpan;
import io.nettrace.observation.meter.NetTraceMeterObservationHandler;
import io.nettrace.observation.saving.NetTraceExemplarObservationHandler;
import io.nettrace.observation.span.ConnectionOpeners;
import io.nettrace.observation.span.NetTraceEventObservationHandler;
import io.nettrace.observation.span.NetTraceTracingObservationHandler;
import io.nettrace.observation.span.RequestSpanAttributes;
import io.nettrace.observation.span.RequestSpanExemplars;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Auto-configuration of the spans.
 */
@AutoConfiguration(after = { NetTraceAutoConfiguration.class, NetTraceMetricsAutoConfiguration.class,
		MicrometerTracingAutoConfiguration.class })
@ConditionalOnClass({ Tracer.class, MicrometerTracingAutoConfiguration.class })
@ConditionalOnBean({ NetTraceProperties.class, Tracer.class })
public final class NetTraceTracingAutoConfiguration {

	private static final int BEFORE_THE_DEFAULT = MicrometerTracingAutoConfiguration.DEFAULT_TRACING_OBSERVATION_HANDLER_ORDER
			- 1;

	@Bean
	@Order(BEFORE_THE_DEFAULT)
	TracingObservationHandler<Observation.Context> netTraceTracingObservationHandler(Tracer tracer,
			NetTraceProperties properties) {
		boolean hideAddresses = properties.observations().hideAddresses();
		return switch (properties.spans().as()) {
			case SPANS -> new NetTraceTracingObservationHandler(tracer, hideAddresses);
			case EVENTS -> new NetTraceEventObservationHandler(tracer, hideAddresses, properties.spans().minDuration());
		};
	}

	@Bean
	@ConditionalOnBooleanProperty(name = "nettrace.observations.exchanges", matchIfMissing = true)
	RequestSpanAttributes netTraceRequestSpanAttributes(NetTraceProperties properties, ConnectionOpeners openers) {
		return new RequestSpanAttributes(properties.observations().hideAddresses(), openers);
	}

	@Bean
	@ConditionalOnBooleanProperty(name = "nettrace.observations.exchanges", matchIfMissing = true)
	ConnectionOpeners netTraceConnectionOpeners() {
		return new ConnectionOpeners();
	}

	@Bean
	RequestSpan.Finder netTraceRequestSpans() {
		return (request) -> {
			TracingContext tracing = request.get(TracingContext.class);
			Span span = (tracing != null) ? tracing.getSpan() : null;
			return (span != null) ? sampled(span.context()) : null;
		};
	}

	/**
	 * A span that has ended says that it is a no-op: its response may be read later.
	 */
	private static @Nullable RequestSpan sampled(TraceContext context) {
		boolean sampled = !context.traceId().isEmpty() && !Boolean.FALSE.equals(context.sampled());
		return sampled ? new RequestSpan(context.traceId(), context.spanId()) : null;
	}

	@Bean
	SpanExportingPredicate netTraceMinDurationSpanExportingPredicate(NetTraceProperties properties) {
		return new MinDurationPredicate(properties.spans().minDuration());
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(MeterObservationHandler.class)
	@ConditionalOnBean(type = "io.nettrace.observation.meter.NetTraceMeterObservationHandler")
	static class Exemplars {

		/**
		 * Boot registers the handlers of its groups, meters and spans, before all others,
		 * and the end is told in reverse: the first of the others is told right before
		 * the meters.
		 */
		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		NetTraceExemplarObservationHandler netTraceExemplarObservationHandler(NetTraceMeterObservationHandler meters) {
			return new NetTraceExemplarObservationHandler(meters.timers());
		}

		@Bean
		RequestSpanExemplars netTraceRequestSpanExemplars(Tracer tracer) {
			return new RequestSpanExemplars(tracer);
		}

	}

}
