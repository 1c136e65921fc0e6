package io.nettrace.observation;

import java.net.InetAddress;
import java.util.StringJoiner;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.nettrace.observation.NetTraceObservationDocumentation.DnsLookupHighCardinalityKeyNames;
import io.nettrace.observation.NetTraceObservationDocumentation.DnsLookupLowCardinalityKeyNames;

/**
 * OpenTelemetry's names for a DNS lookup: {@code dns.lookup.duration} with
 * {@code dns.question.name}, {@code dns.answers} and {@code error.type}.
 */
public class DefaultDnsLookupObservationConvention implements DnsLookupObservationConvention {

	private static final KeyValue COALESCED = KeyValue.of(DnsLookupLowCardinalityKeyNames.COALESCED, "true");

	private static final KeyValue NOT_COALESCED = KeyValue.of(DnsLookupLowCardinalityKeyNames.COALESCED, "false");

	private static final KeyValue NO_ERROR = KeyValue.of(DnsLookupLowCardinalityKeyNames.ERROR_TYPE,
			NetTraceObservationDocumentation.NONE);

	private static final KeyValue NO_ANSWERS = KeyValue.of(DnsLookupHighCardinalityKeyNames.ANSWERS,
			NetTraceObservationDocumentation.NONE);

	private final SpanNames spanNames;

	/**
	 * Create a convention that gives all lookups one span name.
	 */
	public DefaultDnsLookupObservationConvention() {
		this(SpanNames.LOW_CARDINALITY);
	}

	/**
	 * Create a convention.
	 * @param spanNames how spans are named
	 */
	public DefaultDnsLookupObservationConvention(SpanNames spanNames) {
		this.spanNames = spanNames;
	}

	@Override
	public String getName() {
		return "dns.lookup.duration";
	}

	@Override
	public String getContextualName(DnsLookupContext context) {
		return (this.spanNames == SpanNames.SEMCONV) ? "DNS lookup " + context.getHost() : "DNS lookup";
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(DnsLookupContext context) {
		return KeyValues.of(questionName(context), errorType(context), client(context), coalesced(context));
	}

	protected KeyValue client(DnsLookupContext context) {
		return KeyValue.of(DnsLookupLowCardinalityKeyNames.CLIENT, context.getClient());
	}

	protected KeyValue questionName(DnsLookupContext context) {
		return KeyValue.of(DnsLookupLowCardinalityKeyNames.QUESTION_NAME, context.getMeterHost());
	}

	protected KeyValue coalesced(DnsLookupContext context) {
		return context.isCoalesced() ? COALESCED : NOT_COALESCED;
	}

	protected KeyValue errorType(DnsLookupContext context) {
		Throwable error = context.getError();
		return (error != null) ? KeyValue.of(DnsLookupLowCardinalityKeyNames.ERROR_TYPE, ErrorType.of(error))
				: NO_ERROR;
	}

	@Override
	public KeyValues getHighCardinalityKeyValues(DnsLookupContext context) {
		return KeyValues.of(answers(context), realQuestionName(context));
	}

	protected KeyValue answers(DnsLookupContext context) {
		if (context.getAnswers().isEmpty()) {
			return NO_ANSWERS;
		}
		StringJoiner answers = new StringJoiner(",");
		for (InetAddress address : context.getAnswers()) {
			answers.add(address.getHostAddress());
		}
		return KeyValue.of(DnsLookupHighCardinalityKeyNames.ANSWERS, answers.toString());
	}

	/**
	 * A span shows the real name, whatever stands for it on meters: of two values for one
	 * key the high cardinality one wins.
	 * @param context the lookup
	 * @return the name asked for
	 */
	protected KeyValue realQuestionName(DnsLookupContext context) {
		return KeyValue.of(DnsLookupLowCardinalityKeyNames.QUESTION_NAME, context.getHost());
	}

}
