package io.nettrace.autoconfigure;

import java.time.Duration;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Properties of nettrace.
 *
 * @param enabled whether outgoing HTTP calls show their DNS lookups and connects
 * @param dns DNS lookups
 * @param connect connect attempts
 * @param clients client libraries
 * @param observations spans and meters
 * @param jvmResolver the JVM's own resolver
 */
@ConfigurationProperties("nettrace")
record NetTraceProperties(@DefaultValue("true") boolean enabled, @DefaultValue Dns dns, @DefaultValue Connect connect,
		@DefaultValue Clients clients, @DefaultValue Observations observations, @DefaultValue JvmResolver jvmResolver) {

	/**
	 * DNS lookups.
	 *
	 * @param enabled whether lookups are traced
	 * @param singleFlight whether concurrent lookups of one name by one client share one
	 * call of its resolver
	 * @param timeout how long a caller waits for a lookup; by default as long as the
	 * resolver takes
	 */
	record Dns(@DefaultValue("true") boolean enabled, @DefaultValue("true") boolean singleFlight,
			@Nullable Duration timeout) {

		Dns {
			if (timeout != null && (timeout.isNegative() || timeout.isZero())) {
				throw new IllegalArgumentException(
						"'nettrace.dns.timeout' must be a duration of more than zero, not " + timeout);
			}
		}

	}

	/**
	 * Connect attempts.
	 *
	 * @param enabled whether connect attempts are traced
	 */
	record Connect(@DefaultValue("true") boolean enabled) {
	}

	/**
	 * Client libraries.
	 *
	 * @param httpComponents Apache HttpComponents
	 * @param jetty Jetty's HttpClient
	 * @param jdk the JDK's HttpClient and HttpURLConnection
	 */
	record Clients(@DefaultValue Client httpComponents, @DefaultValue Client jetty, @DefaultValue Client jdk) {
	}

	/**
	 * A client library.
	 *
	 * @param enabled whether clients of this library are traced
	 */
	record Client(@DefaultValue("true") boolean enabled) {
	}

	/**
	 * Spans and meters.
	 *
	 * @param requireParent whether lookups and connects outside any observation are left
	 * out, instead of making root spans
	 * @param maxHosts how many hosts meters tell apart; further ones are counted as
	 * _OTHER
	 */
	record Observations(@DefaultValue("false") boolean requireParent, @DefaultValue("100") int maxHosts) {

		Observations {
			if (maxHosts < 1) {
				throw new IllegalArgumentException(
						"'nettrace.observations.max-hosts' must be at least 1, not " + maxHosts);
			}
		}

	}

	/**
	 * The JVM's own resolver, under the JDK's clients.
	 *
	 * @param enabled whether its lookups are traced if the module nettrace-jvm-resolver
	 * is there
	 */
	record JvmResolver(@DefaultValue("true") boolean enabled) {
	}

}
