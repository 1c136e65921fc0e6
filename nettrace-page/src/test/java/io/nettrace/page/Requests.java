package io.nettrace.page;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.nettrace.observation.Phase;
import io.nettrace.observation.recent.RecentRequest;
import org.jspecify.annotations.Nullable;

/**
 * Requests as the page reads them.
 */
final class Requests {

	private Requests() {
	}

	/**
	 * A redirect, with everything that a request may have.
	 */
	static RecentRequest everything() {
		return new RecentRequest("8", Instant.parse("2026-11-29T10:00:08.250Z"), "httpcomponents", "POST",
				"/orders/{id}", "api.example.com", 443, true, "503", "timed_out", 0.231, "tls",
				"The TLS handshake took longest: 180.0 ms of 231.0 ms", "4bf92f3577b34da6a3ce929d0e0e4736",
				"00f067aa0ba902b7", 2,
				new RecentRequest.Connection("7", true, 1.2, 30.1, 3, "2001:db8::1", 443, "1.1", "TLSv1.3",
						new RecentRequest.Opener("4bf92f3577b34da6a3ce929d0e0e4700", "00f067aa0ba902b0", "7")),
				phases(Map.of(Phase.DNS, 0.02, Phase.CONNECT, 0.01, Phase.TLS, 0.18, Phase.SEND, 0.001, Phase.WAIT,
						0.015, Phase.RECEIVE, 0.003, Phase.OTHER, 0.002)),
				List.of(new RecentRequest.Step("dns", "DNS lookup", 0.001, 0.02, null,
						List.of("192.0.2.1", "2001:db8::1"), null, 1),
						new RecentRequest.Step("connect", "socket connect", 0.021, 0.004, "connection_refused",
								List.of("192.0.2.1:443"), null, 1),
						new RecentRequest.Step("connect", "socket connect", 0.025, 0.006, null,
								List.of("[2001:db8::1]:443"), null, 1),
						new RecentRequest.Step("tls", "TLS handshake", 0.031, 0.18, null, List.of(), "TLSv1.3", 1),
						new RecentRequest.Step("send", "send request", 0.211, 0.001, null, List.of(), null, 2),
						new RecentRequest.Step("wait", "wait for first byte", 0.212, 0.015, null, List.of(), null, 2),
						new RecentRequest.Step("receive", "read response", 0.227, 0.003, null, List.of(), null, 2)),
				3, List.of(new RecentRequest.Failure("connect", "connection_refused", "as \"it\" was"),
						new RecentRequest.Failure("wait", "timed_out", null)));
	}

	/**
	 * A request with nothing that it need not have.
	 */
	static RecentRequest minimal() {
		return request("1", null, null);
	}

	static RecentRequest withHost(String host) {
		return request("2", host, null);
	}

	/**
	 * A request on a kept connection.
	 */
	static RecentRequest kept(String id, RecentRequest.@Nullable Opener openedBy) {
		return request(id, "api.example.com",
				new RecentRequest.Connection("7", true, 1.2, 30.1, 3, null, null, null, null, openedBy));
	}

	private static RecentRequest request(String id, @Nullable String host,
			RecentRequest.@Nullable Connection connection) {
		return new RecentRequest(id, Instant.parse("2026-11-29T10:00:00Z").plusSeconds(Long.parseLong(id)), null, null,
				null, host, null, false, null, null, 0.0001, "other", "What no phase covers took longest", null, null,
				0, connection, phases(Map.of(Phase.OTHER, 0.0001)), List.of(), 0, List.of());
	}

	private static Map<String, Double> phases(Map<Phase, Double> times) {
		Map<String, Double> phases = new LinkedHashMap<>();
		Phase.ALL.forEach((phase) -> phases.put(phase.toString(), times.getOrDefault(phase, 0.0)));
		return phases;
	}

}
