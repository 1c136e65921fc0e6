package io.nettrace.test;

import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;

/**
 * Converts the parts that spans and meters have in common to plain Java.
 */
final class Decode {

	private Decode() {
	}

	static String hex(ByteString id) {
		return HexFormat.of().formatHex(id.toByteArray());
	}

	static Map<String, Object> attributes(List<KeyValue> attributes) {
		Map<String, Object> result = new LinkedHashMap<>();
		attributes.forEach((attribute) -> result.put(attribute.getKey(), value(attribute.getValue())));
		return result;
	}

	private static Object value(AnyValue value) {
		return switch (value.getValueCase()) {
			case STRING_VALUE -> value.getStringValue();
			case INT_VALUE -> value.getIntValue();
			case DOUBLE_VALUE -> value.getDoubleValue();
			case BOOL_VALUE -> value.getBoolValue();
			case ARRAY_VALUE -> value.getArrayValue().getValuesList().stream().map(Decode::value).toList();
			case KVLIST_VALUE -> attributes(value.getKvlistValue().getValuesList());
			default -> value.toString();
		};
	}

}
