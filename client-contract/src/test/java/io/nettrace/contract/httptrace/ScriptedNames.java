package io.nettrace.contract.httptrace;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.nettrace.dns.IpLiteral;

/**
 * Answers the lookups of a scenario, and caches nothing. As with the JDK's resolver,
 * addresses have the name that was looked up, and errors have glibc's messages.
 */
final class ScriptedNames {

	static final String NOT_FOUND = "Name or service not known";

	static final String MISBEHAVING = "Temporary failure in name resolution";

	private final Map<String, Scenario.Dns> answers;

	private final Addresses addresses;

	private final Pause pause;

	private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();

	ScriptedNames(Map<String, Scenario.Dns> answers, Addresses addresses, Pause pause) {
		this.answers = answers;
		this.addresses = addresses;
		this.pause = pause;
	}

	/**
	 * Look up a name. Blocks as long as the scenario says.
	 */
	List<InetAddress> resolve(String host) throws UnknownHostException {
		if (IpLiteral.matches(host)) {
			return List.of(InetAddress.getByName(host));
		}
		Scenario.Dns answer = this.answers.get(host.toLowerCase(Locale.ROOT));
		if (answer == null) {
			throw new UnknownHostException(host + ": " + NOT_FOUND);
		}
		int times = this.asked.computeIfAbsent(host, (key) -> new AtomicInteger()).getAndIncrement();
		List<Integer> delays = answer.delayMs();
		if (!delays.isEmpty()) {
			this.pause.millis(delays.get(Math.min(times, delays.size() - 1)));
		}
		if (answer.error() != null) {
			throw new UnknownHostException(host + ": " + switch (answer.error()) {
				case DNS_NOT_FOUND -> NOT_FOUND;
				case DNS_SERVER_MISBEHAVING -> MISBEHAVING;
			});
		}
		List<InetAddress> named = new ArrayList<>();
		for (String literal : answer.addresses()) {
			named.add(InetAddress.getByAddress(host, this.addresses.real(literal).getAddress()));
		}
		return named;
	}

}
