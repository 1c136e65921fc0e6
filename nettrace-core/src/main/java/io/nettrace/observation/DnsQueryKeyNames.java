package io.nettrace.observation;

import io.nettrace.observation.NetTraceObservationDocumentation.StepKeyName;
import io.nettrace.observation.NetTraceObservationDocumentation.ValueType;

/**
 * Keys of the queries of a lookup: attributes of the events {@code DNS query} on its
 * span. The counter {@code dns.queries} has those that have few values, and
 * {@code nettrace.client}.
 */
public enum DnsQueryKeyNames implements StepKeyName {

	/**
	 * The name asked for, with the search domain and a final dot.
	 */
	QUESTION_NAME("dns.question.name", ValueType.HOST),

	/**
	 * {@code A} or {@code AAAA}.
	 */
	QUESTION_TYPE("dns.question.type", ValueType.TEXT),

	/**
	 * The server's response code: {@code NOERROR}, {@code NXDOMAIN}, {@code SERVFAIL},
	 * {@code REFUSED} and so on; {@code none} if there was no response.
	 */
	RESPONSE_CODE("dns.response_code", ValueType.TEXT),

	/**
	 * {@code answered}, {@code no_data} if the name has no records of the type,
	 * {@code not_found}, {@code referred} to other servers, {@code error} for any other
	 * response code, {@code timed_out}, {@code failed}, or {@code cancelled} if the
	 * lookup was over before.
	 */
	OUTCOME("nettrace.dns.query.outcome", ValueType.TEXT),

	/**
	 * The name server's IP address, with the port unless that is 53; on meters the first
	 * 10, then {@code _OTHER}.
	 */
	SERVER("nettrace.dns.server", ValueType.ADDRESS),

	/**
	 * {@code udp}, or {@code tcp} if the query was sent again over TCP, as after an
	 * answer that was truncated.
	 */
	NETWORK_TRANSPORT("network.transport", ValueType.TEXT),

	/**
	 * The name that is an alias (CNAME) of the one asked for.
	 */
	ALIAS("nettrace.dns.alias", ValueType.HOST);

	private final String key;

	private final ValueType valueType;

	DnsQueryKeyNames(String key, ValueType valueType) {
		this.key = key;
		this.valueType = valueType;
	}

	@Override
	public String asString() {
		return this.key;
	}

	@Override
	public ValueType getValueType() {
		return this.valueType;
	}

}
