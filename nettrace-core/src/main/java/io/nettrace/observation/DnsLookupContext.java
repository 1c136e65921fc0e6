package io.nettrace.observation;

import java.net.InetAddress;
import java.util.List;
import java.util.Objects;

import io.nettrace.DnsAnswerInfo;
import org.jspecify.annotations.Nullable;

/**
 * What happened in one DNS lookup.
 */
public final class DnsLookupContext extends StepContext {

	private List<InetAddress> answers = List.of();

	private boolean coalesced;

	private @Nullable DnsAnswerInfo answerInfo;

	/**
	 * Create the context of a lookup.
	 * @param client the client library that asks
	 * @param host the name asked for
	 */
	public DnsLookupContext(String client, String host) {
		super(client, host);
	}

	/**
	 * Return the addresses found.
	 * @return the addresses in dial order, empty until the lookup is done
	 */
	public List<InetAddress> getAnswers() {
		return this.answers;
	}

	/**
	 * Set the addresses found.
	 * @param answers the addresses in dial order
	 */
	public void setAnswers(List<InetAddress> answers) {
		this.answers = Objects.requireNonNull(answers, "'answers' must not be null");
	}

	/**
	 * Whether the answer was shared.
	 * @return {@code false} until the lookup is done
	 */
	public boolean isCoalesced() {
		return this.coalesced;
	}

	/**
	 * Set whether the answer was shared with another caller.
	 * @param coalesced whether it was
	 */
	public void setCoalesced(boolean coalesced) {
		this.coalesced = coalesced;
	}

	/**
	 * Return where the answer came from.
	 * @return the source, with the queries if they are known; {@code null} if nothing is
	 * known of it
	 */
	public @Nullable DnsAnswerInfo getAnswerInfo() {
		return this.answerInfo;
	}

	/**
	 * Set where the answer came from.
	 * @param answerInfo the source, with the queries if they are known, or {@code null}
	 */
	public void setAnswerInfo(@Nullable DnsAnswerInfo answerInfo) {
		this.answerInfo = answerInfo;
	}

	@Override
	public String getDescription() {
		return "DNS lookups as the HTTP client sees them";
	}

}
