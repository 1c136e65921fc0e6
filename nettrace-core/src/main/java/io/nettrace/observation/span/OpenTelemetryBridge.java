package io.nettrace.observation.span;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.otel.bridge.OtelSpan;
import io.nettrace.instrument.OptionalType;
import io.nettrace.observation.NetTraceObservationDocumentation.StepKeyName;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import org.jspecify.annotations.Nullable;

/**
 * Writes to OpenTelemetry's span itself, where there is one. Micrometer's bridge knows no
 * attributes of events, makes an object for the key of each attribute, and copies the
 * whole span at its end to see whether its status is set. Touched only if the bridge is
 * on the class path.
 */
final class OpenTelemetryBridge {

	static final boolean PRESENT = OptionalType.OTEL_SPAN.isPresent();

	private OpenTelemetryBridge() {
	}

	/**
	 * Return OpenTelemetry's span behind Micrometer's, if there is one.
	 */
	static @Nullable Target target(@Nullable Span span) {
		return (PRESENT && span != null) ? Target.of(span) : null;
	}

	/**
	 * Return what links to a span, if OpenTelemetry is there.
	 */
	static @Nullable Link link(String traceId, String spanId, boolean sampled) {
		return PRESENT ? Link.of(traceId, spanId, sampled) : null;
	}

	/**
	 * The ids of a span that others link to.
	 */
	record Link(SpanContext to) {

		static Link of(String traceId, String spanId, boolean sampled) {
			return new Link(SpanContext.create(traceId, spanId,
					sampled ? TraceFlags.getSampled() : TraceFlags.getDefault(), TraceState.getDefault()));
		}

	}

	/**
	 * A span of OpenTelemetry.
	 */
	record Target(io.opentelemetry.api.trace.Span span) implements SpanAttributes.Sink {

		static @Nullable Target of(Span span) {
			return (span instanceof OtelSpan) ? new Target(OtelSpan.toOtel(span)) : null;
		}

		@Override
		public void put(String key, String value) {
			this.span.setAttribute(Keys.text(key), value);
		}

		@Override
		public void put(String key, long value) {
			this.span.setAttribute(Keys.number(key), value);
		}

		@Override
		public void put(String key, double value) {
			this.span.setAttribute(Keys.decimal(key), value);
		}

		@Override
		public void put(String key, boolean value) {
			this.span.setAttribute(Keys.flag(key), value);
		}

		@Override
		public void put(String key, List<String> values) {
			this.span.setAttribute(Keys.texts(key), values);
		}

		/**
		 * As the bridge does, with the class of the failure that another one stands for.
		 */
		void error(Throwable shown, Throwable failure) {
			this.span.recordException(shown, Attributes.of(Keys.EXCEPTION_TYPE, failure.getClass().getName()));
			String message = shown.getMessage();
			this.span.setStatus(StatusCode.ERROR, (message != null) ? message : "");
		}

		/**
		 * As the bridge does: a span without error is OK.
		 */
		void end(boolean failed) {
			if (!failed) {
				this.span.setStatus(StatusCode.OK);
			}
			this.span.end();
		}

		/**
		 * The bridge wraps a span that has a parent, and its wrapper drops links. But it
		 * stores the span itself in a context.
		 */
		void link(Link link) {
			io.opentelemetry.api.trace.Span itself = io.opentelemetry.api.trace.Span
				.fromContext(this.span.storeInContext(Context.root()));
			itself.addLink(link.to());
		}

		void addEvent(String name, SpanEvent event) {
			this.span.addEvent(name, event.attributes.build());
		}

		void addEvent(String name, SpanEvent event, Instant time) {
			this.span.addEvent(name, event.attributes.build(), time);
		}

	}

	/**
	 * The attributes of an event.
	 */
	static final class SpanEvent implements SpanAttributes.Sink {

		private final AttributesBuilder attributes = Attributes.builder();

		@Override
		public void put(String key, String value) {
			this.attributes.put(Keys.text(key), value);
		}

		@Override
		public void put(String key, long value) {
			this.attributes.put(Keys.number(key), value);
		}

		@Override
		public void put(String key, boolean value) {
			this.attributes.put(Keys.flag(key), value);
		}

		@Override
		public void put(String key, List<String> values) {
			this.attributes.put(Keys.texts(key), values);
		}

		@Override
		public void put(String key, double value) {
			this.attributes.put(Keys.decimal(key), value);
		}

	}

	/**
	 * The documented keys, made once.
	 */
	private static final class Keys {

		static final AttributeKey<String> EXCEPTION_TYPE = AttributeKey.stringKey("exception.type");

		private static final Map<String, AttributeKey<String>> texts = documented(AttributeKey::stringKey);

		private static final Map<String, AttributeKey<Long>> numbers = documented(AttributeKey::longKey);

		private static final Map<String, AttributeKey<Double>> decimals = documented(AttributeKey::doubleKey);

		private static final Map<String, AttributeKey<Boolean>> flags = documented(AttributeKey::booleanKey);

		private static final Map<String, AttributeKey<List<String>>> lists = documented(AttributeKey::stringArrayKey);

		private static <T> Map<String, AttributeKey<T>> documented(Function<String, AttributeKey<T>> key) {
			return SpanAttributes.documentedKeys()
				.map(StepKeyName::asString)
				.distinct()
				.collect(Collectors.toUnmodifiableMap(Function.identity(), key));
		}

		static AttributeKey<String> text(String key) {
			AttributeKey<String> ready = texts.get(key);
			return (ready != null) ? ready : AttributeKey.stringKey(key);
		}

		static AttributeKey<Long> number(String key) {
			AttributeKey<Long> ready = numbers.get(key);
			return (ready != null) ? ready : AttributeKey.longKey(key);
		}

		static AttributeKey<Double> decimal(String key) {
			AttributeKey<Double> ready = decimals.get(key);
			return (ready != null) ? ready : AttributeKey.doubleKey(key);
		}

		static AttributeKey<Boolean> flag(String key) {
			AttributeKey<Boolean> ready = flags.get(key);
			return (ready != null) ? ready : AttributeKey.booleanKey(key);
		}

		static AttributeKey<List<String>> texts(String key) {
			AttributeKey<List<String>> ready = lists.get(key);
			return (ready != null) ? ready : AttributeKey.stringArrayKey(key);
		}

	}

}
