package io.nettrace.observation.span;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.common.docs.KeyName;
import io.micrometer.observation.Observation;
import io.nettrace.observation.DnsQueryKeyNames;
import io.nettrace.observation.NetTraceObservationDocumentation;
import io.nettrace.observation.NetTraceObservationDocumentation.StepKeyName;
import io.nettrace.observation.NetTraceObservationDocumentation.ValueType;
import io.nettrace.observation.RequestRecordKeyNames;

/**
 * From key values, which are all strings, to span attributes: with OpenTelemetry's types,
 * without those that do not apply. It goes by key and value, so that whatever a
 * convention or filter of the application has made of them is shown.
 */
final class SpanAttributes {

	private static final Map<String, ValueType> TYPES = documentedKeys()
		.collect(Collectors.toUnmodifiableMap(StepKeyName::asString, StepKeyName::getValueType, (type, same) -> type));

	private SpanAttributes() {
	}

	/**
	 * Where attributes go: a span or an event.
	 */
	interface Sink {

		void put(String key, String value);

		void put(String key, long value);

		void put(String key, double value);

		void put(String key, boolean value);

		void put(String key, List<String> values);

	}

	static Stream<StepKeyName> documentedKeys() {
		Stream<KeyName> ofSteps = Stream.of(NetTraceObservationDocumentation.values())
			.flatMap((observation) -> Stream.of(observation.getLowCardinalityKeyNames(),
					observation.getHighCardinalityKeyNames()))
			.flatMap(Stream::of);
		return Stream.of(ofSteps, Stream.of(RequestRecordKeyNames.values()), Stream.of(DnsQueryKeyNames.values()))
			.flatMap(Function.identity())
			.map(StepKeyName.class::cast);
	}

	/**
	 * High cardinality last: of two values for one key, the guarded host of the meters
	 * and the real one, the span shows the real one.
	 */
	static void write(Observation.Context context, boolean hideAddresses, Sink sink) {
		write(context.getLowCardinalityKeyValues(), hideAddresses, sink);
		write(context.getHighCardinalityKeyValues(), hideAddresses, sink);
	}

	private static void write(KeyValues keyValues, boolean hideAddresses, Sink sink) {
		for (KeyValue keyValue : keyValues) {
			String key = keyValue.getKey();
			String value = keyValue.getValue();
			ValueType type = TYPES.get(key);
			if (type == null) {
				sink.put(key, hideAddresses ? AddressMask.mask(value) : value);
			}
			else if (type == ValueType.HOST || !value.equals(NetTraceObservationDocumentation.NONE)) {
				if (hideAddresses) {
					writeWithoutAddresses(key, type, value, sink);
				}
				else {
					write(key, type, value, sink);
				}
			}
		}
	}

	/**
	 * Attributes that say nothing without the addresses are left out. The path of a Unix
	 * domain socket is no IP address.
	 */
	private static void writeWithoutAddresses(String key, ValueType type, String value, Sink sink) {
		switch (type) {
			case HOST -> sink.put(key, AddressMask.maskHost(value));
			case ADDRESSES -> {
			}
			case ADDRESS -> {
				if (AddressMask.mask(value).equals(value)) {
					sink.put(key, value);
				}
			}
			case TEXT, TEXTS -> write(key, type, AddressMask.mask(value), sink);
			case NUMBER, BOOLEAN, SECONDS, TIME -> write(key, type, value, sink);
		}
	}

	private static void write(String key, ValueType type, String value, Sink sink) {
		if (type == ValueType.ADDRESSES || type == ValueType.TEXTS) {
			sink.put(key, List.of(value.split(",")));
		}
		else if (type == ValueType.NUMBER && isNumber(value)) {
			sink.put(key, Long.parseLong(value));
		}
		else if (type == ValueType.BOOLEAN && (value.equals("true") || value.equals("false"))) {
			sink.put(key, value.equals("true"));
		}
		else if (type == ValueType.SECONDS && isSeconds(value)) {
			sink.put(key, Double.parseDouble(value));
		}
		else {
			sink.put(key, value);
		}
	}

	private static boolean isSeconds(String value) {
		int dot = value.indexOf('.');
		return dot > 0 && isNumber(value.substring(0, dot)) && isNumber(value.substring(dot + 1));
	}

	private static boolean isNumber(String value) {
		for (int i = 0; i < value.length(); i++) {
			if (value.charAt(i) < '0' || value.charAt(i) > '9') {
				return false;
			}
		}
		return !value.isEmpty() && value.length() <= 10;
	}

}
