package io.nettrace.autoconfigure;

import io.micrometer.observation.Observation;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.exporter.SpanExportingPredicate;
import io.micrometer.tracing.handler.TracingObservationHandler;
import io.nettrace.observation.span.NetTraceEventObservationHandler;
import io.nettrace.observation.span.NetTraceExemplarObservationHandler;
import io.nettrace.observation.span.NetTraceTracingObservationHandler;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Auto-configuration of the spans.
 */
@AutoConfiguration(after = { NetTraceAutoConfiguration.class, MicrometerTracingAutoConfiguration.class })
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

	/**
	 * Boot registers handlers of its groups first, then the others in their order, and
	 * the end is told in reverse: this comes right before the meters.
	 */
	@Bean
	@Order(Ordered.HIGHEST_PRECEDENCE)
	NetTraceExemplarObservationHandler netTraceExemplarObservationHandler() {
		return new NetTraceExemplarObservationHandler();
	}

	@Bean
	SpanExportingPredicate netTraceMinDurationSpanExportingPredicate(NetTraceProperties properties) {
		return new MinDurationPredicate(properties.spans().minDuration());
	}

}
