package io.nettrace.observation;

/**
 * How spans are named.
 */
public enum SpanNames {

	/**
	 * One name for all lookups and one for all connects: {@code DNS lookup},
	 * {@code socket connect}.
	 */
	LOW_CARDINALITY,

	/**
	 * As OpenTelemetry's conventions have it: with the name asked for, or with the
	 * address and port, or the path of a Unix domain socket.
	 */
	SEMCONV

}
