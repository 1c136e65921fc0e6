package io.nettrace.observation;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
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

	private final SpanNames spanNames;

	private final boolean deferring;

	private final SharedKeyValues successes = new SharedKeyValues();

	private final SharedKeyValues coalescedSuccesses = new SharedKeyValues();

	/**
	 * What a subclass makes of a lookup may change until its end.
	 */
	private final boolean extended = getClass() != DefaultDnsLookupObservationConvention.class;

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
		this(spanNames, false);
	}

	private DefaultDnsLookupObservationConvention(SpanNames spanNames, boolean deferring) {
		this.spanNames = spanNames;
		this.deferring = deferring;
	}

	/**
	 * Create a convention that leaves it to the context to make the key values of high
	 * cardinality. Nobody but the observation asks it.
	 */
	static DefaultDnsLookupObservationConvention deferring(SpanNames spanNames) {
		return new DefaultDnsLookupObservationConvention(spanNames, true);
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
		if (this.extended || context.getError() != null) {
			return lowCardinalityKeyValues(context);
			// names
		}
		SharedKeyValues successes = context.isCoalesced() ? this.coalescedSuccesses : this.successes;
		KeyValues shared = successes.get(context.getClient(), context.getMeterHost());
		return (shared != null) ? shared
				: successes.share(context.getClient(), context.getMeterHost(), lowCardinalityKeyValues(context));
	}

	private KeyValues lowCardinalityKeyValues(DnsLookupContext context) {
		return KeyValues.of(questionName(context), errorType(context), client(context), coalesced(context));
	}

	protected KeyValue client(DnsLookupContext context) {
		return ReadyKeyValues.client(context.getClient());
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
		if (this.deferring) {
			context.deferHighCardinalityKeyValues();
			return KeyValues.empty();
		}
		return this.extended ? extendedHighCardinalityKeyValues(context) : highCardinalityKeyValues(context);
	}

	/**
	 * The same keys as without a subclass.
	 */
	private KeyValues extendedHighCardinalityKeyValues(DnsLookupContext context) {
		KeyValue realQuestionName = realQuestionName(context);
		return realQuestionName.equals(questionName(context)) ? KeyValues.of(answers(context))
				: KeyValues.of(answers(context), realQuestionName);
	}

	static KeyValues highCardinalityKeyValues(DnsLookupContext context) {
		KeyValue answers = ReadyKeyValues.answers(context);
		if (context.getMeterHost().equals(context.getHost())) {
			return KeyValues.of(answers);
		}
		return KeyValues.of(answers, KeyValue.of(DnsLookupLowCardinalityKeyNames.QUESTION_NAME, context.getHost()));
	}

	/**
	 * As {@link #highCardinalityKeyValues}, without making key values.
	 */
	static void writeHighCardinality(DnsLookupContext context, AttributeSink sink) {
		ReadyKeyValues.writeAnswers(context, sink);
		if (!context.getMeterHost().equals(context.getHost())) {
			sink.put(DnsLookupLowCardinalityKeyNames.QUESTION_NAME.asString(), context.getHost());
		}
	}

	protected KeyValue answers(DnsLookupContext context) {
		return ReadyKeyValues.answers(context);
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
