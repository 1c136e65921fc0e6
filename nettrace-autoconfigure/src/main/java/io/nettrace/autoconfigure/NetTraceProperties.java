package io.nettrace.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

import io.nettrace.dial.DialSettings;
import io.nettrace.dial.DialStrategy;
import io.nettrace.dns.SingleFlightPolicy;
import io.nettrace.observation.HostPatterns;
import io.nettrace.observation.SpanNames;
import io.nettrace.observation.recent.RecentRequests;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Properties of nettrace. A misspelt property fails the startup, because it would
 * otherwise be ignored silently.
 *
 * @param enabled whether DNS lookups and connects of outgoing HTTP requests are traced
 * @param dns DNS lookups
 * @param connect connect attempts
 * @param clients client libraries of Boot's builders
 * @param libraries client libraries that Boot has no builder for, and clients that it has
 * not built
 * @param observations spans and meters
 * @param spans spans
 * @param meters meters
 * @param log the log
 * @param jvmResolver the JVM's own resolver
 * @param endpoint the actuator endpoint nettrace
 * @param requests the last requests
 * @param page the page of nettrace-page. Accepted without it, too, because it is left out
 * when the application is packaged
 */
@ConfigurationProperties(prefix = "nettrace", ignoreUnknownFields = false)
record NetTraceProperties(@DefaultValue("true") boolean enabled, @DefaultValue Dns dns, @DefaultValue Connect connect,
		@DefaultValue Clients clients, @DefaultValue Libraries libraries, @DefaultValue Observations observations,
		@DefaultValue Spans spans, @DefaultValue Meters meters, @DefaultValue Log log,
		@DefaultValue JvmResolver jvmResolver, @DefaultValue Endpoint endpoint, @DefaultValue Requests requests,
		@DefaultValue Page page) {

	/**
	 * DNS lookups.
	 *
	 * @param enabled whether lookups are traced
	 * @param queries whether the queries of a lookup are shown, where the resolver tells
	 * of them, and whether its answer was cached
	 * @param singleFlight which concurrent lookups of one name by one client share one
	 * call of the resolver: those of the JVM's resolver or the library's default one,
	 * those of any resolver, or none
	 * @param timeout how long a caller waits for a lookup; by default as long as the
	 * resolver takes
	 */
	record Dns(@DefaultValue("true") boolean enabled, @DefaultValue("true") boolean queries,
			@DefaultValue("system") SingleFlightPolicy singleFlight, @Nullable Duration timeout) {

		Dns {
			check(timeout == null || isPositive(timeout), "nettrace.dns.timeout", "a duration of more than zero",
					timeout);
		}

	}

	/**
	 * Connect attempts.
	 *
	 * @param enabled whether connect attempts are traced
	 * @param happyEyeballs races between the addresses of a host, for RestClient,
	 * RestTemplate and WebClient on HttpComponents, Jetty and Reactor Netty
	 */
	record Connect(@DefaultValue("true") boolean enabled, @DefaultValue HappyEyeballs happyEyeballs) {

		/**
		 * Races between the addresses of a host.
		 *
		 * @param enabled whether addresses race instead of being tried one after the
		 * other
		 * @param strategy which addresses race: the two families as in Go, or every
		 * address as in RFC 8305
		 * @param fallbackDelay delay between one attempt or family and the next; by
		 * default 300ms for go and 250ms for rfc8305, negative for no race
		 */
		record HappyEyeballs(@DefaultValue("false") boolean enabled, @DefaultValue("go") DialStrategy strategy,
				@Nullable Duration fallbackDelay) {

			@Nullable DialSettings dialSettings() {
				return this.enabled
						? DialSettings.defaults().withStrategy(this.strategy).withFallbackDelay(this.fallbackDelay)
						: null;
			}

		}

	}

	/**
	 * Client libraries.
	 *
	 * @param httpComponents Apache HttpComponents
	 * @param reactorNetty Reactor Netty
	 * @param jetty Jetty's HttpClient
	 * @param jdk the JDK's HttpClient and HttpURLConnection
	 */
	record Clients(@DefaultValue HttpComponents httpComponents, @DefaultValue Client reactorNetty,
			@DefaultValue Client jetty, @DefaultValue Client jdk) {
	}

	/**
	 * Client libraries that Boot has no builder for, and clients that it has not built.
	 *
	 * @param okhttp OkHttp
	 * @param elasticsearch Elasticsearch's Rest5 client
	 * @param byHand beans of RestTemplate, RestClient and WebClient that were made
	 * without Boot's builders
	 * @param reactorNetty beans of Reactor Netty's HttpClient, as Spring Cloud Gateway
	 * has one, and of Spring's WebSocket client on it
	 * @param gateway Spring Cloud Gateway
	 * @param feign Spring Cloud OpenFeign on HttpComponents
	 * @param lettuce Lettuce, a client of Redis
	 * @param jdbc PostgreSQL's JDBC driver
	 * @param grpc gRPC on Netty
	 * @param mongodb MongoDB's drivers
	 * @param r2dbc PostgreSQL's R2DBC driver
	 * @param camel Apache Camel's component http
	 * @param oauth2 Spring Security's requests for tokens and for their keys
	 */
	record Libraries(@DefaultValue Client okhttp, @DefaultValue Client elasticsearch, @DefaultValue ByHand byHand,
			@DefaultValue Client reactorNetty, @DefaultValue Gateway gateway, @DefaultValue Client feign,
			@DefaultValue Client lettuce, @DefaultValue Client jdbc, @DefaultValue Client grpc,
			@DefaultValue Client mongodb, @DefaultValue Client r2dbc, @DefaultValue Client camel,
			@DefaultValue Oauth2 oauth2) {
	}

	/**
	 * Beans of RestTemplate, RestClient and WebClient, of their request factories and
	 * connectors, that were made without Boot's builders.
	 *
	 * @param enabled whether they are traced where that is possible without replacing
	 * their request factory or connector
	 */
	record ByHand(@DefaultValue("true") boolean enabled) {
	}

	/**
	 * Apache HttpComponents.
	 *
	 * @param enabled whether clients of this library are traced
	 * @param likeJdk whether HttpComponents behaves like the JDK's client; with
	 * nettrace-starter-httpcomponents only
	 */
	record HttpComponents(@DefaultValue("true") boolean enabled, @DefaultValue("true") boolean likeJdk) {
	}

	/**
	 * Spring Cloud Gateway.
	 *
	 * @param enabled whether what a request of the gateway waits for is shown below the
	 * gateway's client span instead of beside it
	 */
	record Gateway(@DefaultValue("true") boolean enabled) {
	}

	/**
	 * Spring Security's requests for tokens and for their keys.
	 *
	 * @param enabled whether they are sent with clients of Boot's builders instead of
	 * Spring Security's own, and so are traced
	 */
	record Oauth2(@DefaultValue("false") boolean enabled) {
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
	 * @param requireParent whether steps outside any observation are left out, instead of
	 * being root spans
	 * @param exchanges whether each exchange is observed, also on a pooled connection:
	 * time in queue, phases, connections, and the record on the request's span
	 * @param maxHosts maximum number of hosts that meters distinguish; further hosts are
	 * counted as _OTHER
	 * @param includeHosts patterns of the hosts that are observed, all hosts if empty; *
	 * matches any characters, ? matches one
	 * @param excludeHosts patterns of the hosts that are not observed; they win over
	 * include-hosts
	 * @param hideAddresses whether spans contain no IP address; a host that is one
	 * becomes _IP
	 */
	record Observations(@DefaultValue("false") boolean requireParent, @DefaultValue("true") boolean exchanges,
			@DefaultValue("100") int maxHosts, @DefaultValue List<String> includeHosts,
			@DefaultValue List<String> excludeHosts, @DefaultValue("false") boolean hideAddresses) {

		Observations {
			check(maxHosts >= 1, "nettrace.observations.max-hosts", "at least 1", maxHosts);
			checkPatterns("nettrace.observations.include-hosts", includeHosts);
			checkPatterns("nettrace.observations.exclude-hosts", excludeHosts);
		}

		private static void checkPatterns(String property, List<String> patterns) {
			check(patterns.stream().noneMatch(String::isBlank), property,
					"a list of host patterns such as *.example.org, none of them empty", patterns);
		}

		HostPatterns patterns() {
			return new HostPatterns(this.includeHosts, this.excludeHosts);
		}

	}

	/**
	 * The JVM's own resolver, under the JDK's clients.
	 *
	 * @param enabled whether lookups of the JVM's resolver are traced; with the module
	 * nettrace-jvm-resolver only
	 */
	record JvmResolver(@DefaultValue("true") boolean enabled) {
	}

	/**
	 * Spans.
	 *
	 * @param minDuration minimum duration of the steps that are exported; failed ones
	 * always are
	 * @param names names of spans: one name for all, or as in OpenTelemetry's
	 * conventions, with the host or address
	 * @param as whether steps are spans, or events of the request's span
	 */
	record Spans(@DefaultValue("0ms") Duration minDuration, @DefaultValue("low-cardinality") SpanNames names,
			@DefaultValue("spans") As as) {

		Spans {
			check(!minDuration.isNegative(), "nettrace.spans.min-duration", "a duration of zero or more", minDuration);
		}

		/**
		 * What steps become.
		 */
		enum As {

			/**
			 * Spans below the request's span.
			 */
			SPANS,

			/**
			 * Events of the request's span.
			 */
			EVENTS

		}

	}

	/**
	 * Meters.
	 *
	 * @param buckets upper bounds of the histogram buckets of lookups and connects; none
	 * if empty
	 * @param coarseBuckets upper bounds of the histogram buckets of TLS handshakes and of
	 * the time in queue, whose tags have more combinations; none if empty
	 * @param active whether long task timers measure steps in progress
	 */
	record Meters(@DefaultValue( {
			"5ms", "10ms", "25ms", "50ms", "75ms", "100ms", "250ms", "500ms", "750ms", "1s", "2500ms", "5s", "7500ms",
			"10s" }) List<Duration> buckets,
			@DefaultValue({ "10ms", "50ms", "250ms", "1s", "2500ms", "10s" }) List<Duration> coarseBuckets,
			@DefaultValue("false") boolean active){

		Meters {
			checkBuckets("nettrace.meters.buckets", buckets);
			checkBuckets("nettrace.meters.coarse-buckets", coarseBuckets);
		}

		private static void checkBuckets(String property, List<Duration> buckets) {
			check(buckets.stream().allMatch(NetTraceProperties::isPositive), property,
					"a list of durations of more than zero", buckets);
		}

	}

	/**
	 * The log.
	 *
	 * @param slowerThan requests that take longer are logged, with the time of each
	 * phase; by default none
	 */
	record Log(@Nullable Duration slowerThan) {

		Log {
			check(slowerThan == null || !slowerThan.isNegative(), "nettrace.log.slower-than",
					"a duration of zero or more", slowerThan);
		}

	}

	/**
	 * The actuator endpoint nettrace.
	 *
	 * @param maxHosts maximum number of hosts that are remembered; beyond that the host
	 * that has been idle longest is forgotten
	 * @param maxEntries maximum number of connect attempts that are remembered for each
	 * host
	 */
	record Endpoint(@DefaultValue("200") int maxHosts, @DefaultValue("20") int maxEntries) {

		Endpoint {
			check(maxHosts >= 1, "nettrace.endpoint.max-hosts", "at least 1", maxHosts);
			check(maxEntries >= 1, "nettrace.endpoint.max-entries", "at least 1", maxEntries);
		}

	}

	/**
	 * The last requests, for the endpoints nettracerequests and nettracehar and for
	 * nettrace-page.
	 *
	 * @param keep how many requests are kept, if something shows them; 0 for none
	 */
	record Requests(@DefaultValue("50") int keep) {

		Requests {
			check(keep >= 0 && keep <= RecentRequests.MAX_KEPT, "nettrace.requests.keep",
					"0 to " + RecentRequests.MAX_KEPT, keep);
		}

	}

	/**
	 * The page of nettrace-page.
	 *
	 * @param enabled whether there is the page; by default only with devtools
	 * @param path path of the page, below that of the application
	 */
	record Page(@Nullable Boolean enabled, @DefaultValue("/nettrace") String path) {

		/**
		 * What needs no encoding in a URL and is no pattern. Never a slash alone, which
		 * is the application's.
		 */
		private static final Pattern PATH = Pattern.compile("(/(?!\\.{1,2}(/|$))[A-Za-z0-9._~-]+)+");

		Page {
			check(PATH.matcher(path).matches(), "nettrace.page.path",
					"a path that begins with a slash and does not end with one, with letters, digits, '-', '_', '.' and '~' between slashes",
					path);
		}

	}

	private static boolean isPositive(Duration duration) {
		return !duration.isNegative() && !duration.isZero();
	}

	private static void check(boolean valid, String property, String accepted, @Nullable Object value) {
		if (!valid) {
			throw new IllegalArgumentException("'" + property + "' must be " + accepted + ", not " + value);
		}
	}

}
