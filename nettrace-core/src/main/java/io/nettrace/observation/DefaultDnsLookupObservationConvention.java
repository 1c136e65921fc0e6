package io.nettrace.observation;

import java.net.InetAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.common.docs.KeyName;
import io.nettrace.DnsAnswerInfo;
import io.nettrace.instrument.IpText;
import io.nettrace.observation.NetTraceObservationDocumentation.DnsLookupHighCardinalityKeyNames;
import io.nettrace.observation.NetTraceObservationDocumentation.DnsLookupLowCardinalityKeyNames;
import io.nettrace.observation.saving.SharedKeyValues;

/**
 * OpenTelemetry's names for a DNS lookup: {@code dns.lookup.duration} with
 * {@code dns.question.name}, {@code dns.answers} and {@code error.type}. Each method is
 * the value of one key.
 */
public class DefaultDnsLookupObservationConvention implements DnsLookupObservationConvention {

	private static final int MADE = 17;

	private static final Map<DnsAnswerInfo.Source, KeyValue> SOURCES = new EnumMap<>(DnsAnswerInfo.Source.class);

	private static final List<KeyValue> QUERIES = numbers(DnsLookupHighCardinalityKeyNames.QUERIES);

	private static final List<KeyValue> FAILED_QUERIES = numbers(DnsLookupHighCardinalityKeyNames.FAILED_QUERIES);

	static {
		for (DnsAnswerInfo.Source source : DnsAnswerInfo.Source.values()) {
			SOURCES.put(source, DnsLookupHighCardinalityKeyNames.SOURCE.withValue(DnsQueries.source(source)));
		}
	}

	private final SpanNames spanNames;

	private final SharedKeyValues empty;

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
		this(spanNames, SharedKeyValues.empty());
	}

	DefaultDnsLookupObservationConvention(SpanNames spanNames, SharedKeyValues empty) {
		this.spanNames = Objects.requireNonNull(spanNames, "'spanNames' must not be null");
		this.empty = empty;
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
		return this.empty.and(DnsLookupLowCardinalityKeyNames.CLIENT, client(context))
			.and(DnsLookupLowCardinalityKeyNames.COALESCED, coalesced(context))
			.and(DnsLookupLowCardinalityKeyNames.ERROR_TYPE, errorType(context))
			.and(DnsLookupLowCardinalityKeyNames.QUESTION_NAME, questionName(context))
			.keyValues();
	}

	protected String client(DnsLookupContext context) {
		return context.getClient();
	}

	protected String coalesced(DnsLookupContext context) {
		return context.isCoalesced() ? "true" : "false";
	}

	protected String errorType(DnsLookupContext context) {
		return ErrorType.ofStep(context);
	}

	protected String questionName(DnsLookupContext context) {
		return context.getMeterHost();
	}

	/**
	 * A span shows the real name, whatever stands for it on meters: of two values for one
	 * key the one of high cardinality wins.
	 */
	@Override
	public KeyValues getHighCardinalityKeyValues(DnsLookupContext context) {
		KeyValue answers = DnsLookupHighCardinalityKeyNames.ANSWERS.withValue(answers(context));
		DnsAnswerInfo answer = context.getAnswerInfo();
		KeyValues keyValues = (answer != null) ? KeyValues.of(describe(answers, answer)) : KeyValues.of(answers);
		return context.getHost().equals(questionName(context)) ? keyValues
				: keyValues.and(DnsLookupLowCardinalityKeyNames.QUESTION_NAME.withValue(context.getHost()));
	}

	private static KeyValue[] describe(KeyValue answers, DnsAnswerInfo answer) {
		KeyValue source = Objects.requireNonNull(SOURCES.get(answer.source()));
		Duration age = answer.age();
		if (age != null) {
			return new KeyValue[] { answers, source, DnsLookupHighCardinalityKeyNames.ANSWER_AGE
				.withValue(String.format(Locale.ROOT, "%.3f", age.toMillis() / 1e3)) };
		}
		if (answer.source() != DnsAnswerInfo.Source.NAME_SERVER) {
			return new KeyValue[] { answers, source };
		}
		return new KeyValue[] { answers, source, number(QUERIES, answer.queries().size()),
				number(FAILED_QUERIES, answer.failedQueries()) };
	}

	/**
	 * Those of most lookups, made once.
	 */
	private static List<KeyValue> numbers(KeyName key) {
		return IntStream.range(0, MADE).mapToObj((number) -> key.withValue(Integer.toString(number))).toList();
	}

	private static KeyValue number(List<KeyValue> made, int number) {
		return (number < made.size()) ? made.get(number) : KeyValue.of(made.get(0).getKey(), Integer.toString(number));
	}

	protected String answers(DnsLookupContext context) {
		List<InetAddress> answers = context.getAnswers();
		return switch (answers.size()) {
			case 0 -> NetTraceObservationDocumentation.NONE;
			case 1 -> IpText.of(answers.get(0));
			default -> String.join(",", answers.stream().map(IpText::of).toList());
		};
	}

}
