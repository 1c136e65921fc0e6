package io.nettrace.equality;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The only list of allowed differences. Each turns what the process without nettrace
 * writes into what the process with nettrace must write. No other difference is allowed.
 *
 * @param scenario the scenario
 * @param clients the clients, as a pattern
 * @param without a line without nettrace, as a pattern
 * @param with the lines in its place when nettrace is enabled
 * @param reason why
 */
record AllowedDifference(String scenario, Pattern clients, Pattern without, String with, String reason) {

	static final List<AllowedDifference> ALL = List.of(
			of("client of Reactor Netty made by hand", "REST_.*", "server server: 1 connections",
					"server server: 2 connections",
					"an instrumented and an untouched client of one JVM have pools of their own"),
			of("client of Reactor Netty made by hand", "REST_.*", "  GET /hand HTTP/1.1",
					"server2 from 127.0.0.1\n  GET /hand HTTP/1.1", "as above: the request is on another connection"),
			of("configuration of Reactor Netty", ".*", "its resolver is the application's: true",
					"its resolver is the application's: false", "config.resolver() is a wrapper"),
			of("Reactor's context at Reactor Netty's callbacks", ".*", "at the channel: (.*)",
					"at the channel: class io.nettrace.client.reactor.ReactorRequest="
							+ "io.nettrace.client.reactor.ReactorRequest, $1",
					"a request's trace travels in Reactor's context, of which the application's callbacks see all"),
			of("factory of listeners that the application asks for", ".*", "its factory is the application's: true",
					"its factory is the application's: false", "client.eventListenerFactory() is a wrapper"));

	private static AllowedDifference of(String scenario, String clients, String without, String with, String reason) {
		return new AllowedDifference(scenario, Pattern.compile(clients), Pattern.compile(without), with, reason);
	}

	boolean appliesTo(String key) {
		return Transcripts.scenario(key).equals(this.scenario)
				&& this.clients.matcher(Transcripts.client(key)).matches();
	}

	/**
	 * The lines in its place.
	 */
	List<String> applyTo(String line) {
		Matcher matcher = this.without.matcher(line);
		return matcher.matches() ? List.of(matcher.replaceFirst(this.with).split("\n", -1)) : List.of(line);
	}

}
