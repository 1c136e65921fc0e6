package io.nettrace.observation.jfr;

import java.util.stream.Collectors;

import io.nettrace.instrument.IpText;
import io.nettrace.observation.DnsLookupContext;
import io.nettrace.observation.StepContext;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/**
 * A DNS lookup.
 */
@Name("nettrace.DnsLookup")
@Label("DNS Lookup")
final class DnsLookupEvent extends StepEvent {

	@Label("Answers")
	@Nullable String answers;

	@Label("Coalesced")
	boolean coalesced;

	@Override
	void write(StepContext step, boolean hideAddresses) {
		DnsLookupContext lookup = (DnsLookupContext) step;
		this.coalesced = lookup.isCoalesced();
		if (!hideAddresses) {
			this.answers = lookup.getAnswers().stream().map(IpText::of).collect(Collectors.joining(","));
		}
	}

}
