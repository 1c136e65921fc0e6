package io.nettrace.observation;

import java.util.Locale;
import java.util.Objects;

import io.micrometer.common.KeyValues;
import io.nettrace.WaitInfo;
import io.nettrace.observation.saving.SharedKeyValues;

/**
 * .NET's name for the time until a request has a connection or begins to set one up,
 * {@code http.client.request.time_in_queue}, and OpenTelemetry's keys for the host. Each
 * method is the value of one key.
 */
public class DefaultConnectionWaitObservationConvention implements ConnectionWaitObservationConvention {

	private final SpanNames spanNames;

	private final SharedKeyValues empty;

	/**
	 * Create a convention that gives all waits one span name.
	 */
	public DefaultConnectionWaitObservationConvention() {
		this(SpanNames.LOW_CARDINALITY);
	}

	/**
	 * Create a convention.
	 * @param spanNames how spans are named
	 */
	public DefaultConnectionWaitObservationConvention(SpanNames spanNames) {
		this(spanNames, SharedKeyValues.empty());
	}

	DefaultConnectionWaitObservationConvention(SpanNames spanNames, SharedKeyValues empty) {
		this.spanNames = Objects.requireNonNull(spanNames, "'spanNames' must not be null");
		this.empty = empty;
	}

	@Override
	public String getName() {
		return "http.client.request.time_in_queue";
	}

	@Override
	public String getContextualName(ConnectionWaitContext context) {
		return (this.spanNames == SpanNames.SEMCONV)
				? "wait for connection " + context.getHost() + ":" + serverPort(context) : "wait for connection";
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(ConnectionWaitContext context) {
		return keyValues(client(context), outcome(context), errorType(context), serverAddress(context));
	}

	/**
	 * Of an exchange that has not waited there is no context.
	 */
	final KeyValues keyValues(String client, String outcome, String errorType, String serverAddress) {
		return this.empty.and(ConnectionWaitLowCardinalityKeyNames.CLIENT, client)
			.and(ConnectionWaitLowCardinalityKeyNames.OUTCOME, outcome)
			.and(ConnectionWaitLowCardinalityKeyNames.ERROR_TYPE, errorType)
			.and(ConnectionWaitLowCardinalityKeyNames.SERVER_ADDRESS, serverAddress)
			.keyValues();
	}

	protected String client(ConnectionWaitContext context) {
		return context.getClient();
	}

	protected String outcome(ConnectionWaitContext context) {
		WaitInfo.Outcome outcome = context.getWait().outcome();
		return (outcome != null) ? text(outcome) : NetTraceObservationDocumentation.NONE;
	}

	static String text(WaitInfo.Outcome outcome) {
		return switch (outcome) {
			case REUSED -> "reused";
			case NEW -> "new";
			case TIMED_OUT -> "timed_out";
			case CANCELLED -> "cancelled";
			case FAILED -> "failed";
		};
	}

	protected String errorType(ConnectionWaitContext context) {
		return ErrorType.ofStep(context);
	}

	protected String serverAddress(ConnectionWaitContext context) {
		return context.getMeterHost();
	}

	/**
	 * A span shows the real host, whatever stands for it on meters: of two values for one
	 * key the one of high cardinality wins.
	 */
	@Override
	public KeyValues getHighCardinalityKeyValues(ConnectionWaitContext context) {
		KeyValues keyValues = KeyValues.of(ConnectionWaitHighCardinalityKeyNames.REASON.withValue(reason(context)),
				ConnectionWaitHighCardinalityKeyNames.SERVER_PORT.withValue(serverPort(context)));
		return context.getHost().equals(serverAddress(context)) ? keyValues
				: keyValues.and(ConnectionWaitLowCardinalityKeyNames.SERVER_ADDRESS.withValue(context.getHost()));
	}

	protected String reason(ConnectionWaitContext context) {
		WaitInfo.Reason reason = context.getWait().reason();
		return (reason != WaitInfo.Reason.UNKNOWN) ? reason.name().toLowerCase(Locale.ROOT)
				: NetTraceObservationDocumentation.NONE;
	}

	protected String serverPort(ConnectionWaitContext context) {
		return Integer.toString(context.getWait().target().port());
	}

}
