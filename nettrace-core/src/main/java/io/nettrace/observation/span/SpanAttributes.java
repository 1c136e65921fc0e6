package io.nettrace.observation.span;

import io.nettrace.observation.AttributeSink;
import io.nettrace.observation.NetTraceObservationDocumentation;
import io.nettrace.observation.OperationContext;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.nettrace.observation.NetTraceObservationDocumentation.DnsLookupHighCardinalityKeyNames;
import io.nettrace.observation.NetTraceObservationDocumentation.DnsLookupLowCardinalityKeyNames;
import io.nettrace.observation.NetTraceObservationDocumentation.SocketConnectHighCardinalityKeyNames;
import io.nettrace.observation.NetTraceObservationDocumentation.SocketConnectLowCardinalityKeyNames;

/**
 * From key values, which are all strings, to span attributes: with OpenTelemetry's types,
 * without those that do not apply. It goes by key and value, so that whatever a
 * convention or filter of the application has made of them is shown.
 */
final class SpanAttributes {

	private static final String ANSWERS = DnsLookupHighCardinalityKeyNames.ANSWERS.asString();

	private static final String PEER_ADDRESS = SocketConnectHighCardinalityKeyNames.PEER_ADDRESS.asString();

	private static final Set<String> NUMBERS = Set.of(SocketConnectHighCardinalityKeyNames.PEER_PORT.asString(),
			SocketConnectHighCardinalityKeyNames.SERVER_PORT.asString(),
			SocketConnectHighCardinalityKeyNames.ATTEMPT.asString());

	/**
	 * The keys on meters and in conventions whose value may say that they do not apply. A
	 * host may be called like that.
	 */
	private static final Set<String> MAY_NOT_APPLY = Set.of(SocketConnectLowCardinalityKeyNames.ERROR_TYPE.asString(),
			SocketConnectLowCardinalityKeyNames.NETWORK_TYPE.asString(), ANSWERS, PEER_ADDRESS,
			SocketConnectHighCardinalityKeyNames.PEER_PORT.asString(),
			SocketConnectHighCardinalityKeyNames.SERVER_PORT.asString());

	private static final Set<String> HOSTS = Set.of(DnsLookupLowCardinalityKeyNames.QUESTION_NAME.asString(),
			SocketConnectLowCardinalityKeyNames.SERVER_ADDRESS.asString());

	private SpanAttributes() {
	}

	/**
	 * High cardinality last: of two values for one key, the guarded host of the meters
	 * and the real one, the span shows the real one.
	 */
	static void write(Observation.Context context, boolean hideAddresses, AttributeSink sink) {
		write(context.getLowCardinalityKeyValues(), hideAddresses, sink);
		if (hideAddresses || !(context instanceof OperationContext operation)
				|| !operation.writeHighCardinality(sink)) {
			write(context.getHighCardinalityKeyValues(), hideAddresses, sink);
		}
	}

	private static void write(KeyValues keyValues, boolean hideAddresses, AttributeSink sink) {
		for (KeyValue keyValue : keyValues) {
			String key = keyValue.getKey();
			String value = keyValue.getValue();
			if (!value.equals(NetTraceObservationDocumentation.NONE) || !MAY_NOT_APPLY.contains(key)) {
				if (!hideAddresses) {
					write(key, value, sink);
				}
				else if (!holdsAddresses(key, value)) {
					write(key, HOSTS.contains(key) ? AddressMask.maskHost(value) : AddressMask.mask(value), sink);
				}
			}
		}
	}

	private static void write(String key, String value, AttributeSink sink) {
		if (key.equals(ANSWERS)) {
			sink.put(key, Arrays.asList(value.split(",")));
		}
		else if (isNumber(value) && NUMBERS.contains(key)) {
			sink.put(key, Long.parseLong(value));
		}
		else {
			sink.put(key, value);
		}
	}

	private static boolean isNumber(String value) {
		for (int i = 0; i < value.length(); i++) {
			if (value.charAt(i) < '0' || value.charAt(i) > '9') {
				return false;
			}
		}
		return !value.isEmpty() && value.length() <= 10;
	}

	/**
	 * Attributes that say nothing without the addresses are left out. The path of a Unix
	 * domain socket is no IP address.
	 */
	private static boolean holdsAddresses(String key, String value) {
		return key.equals(ANSWERS) || (key.equals(PEER_ADDRESS) && !AddressMask.mask(value).equals(value));
	}

}
