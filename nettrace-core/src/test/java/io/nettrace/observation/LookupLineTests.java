package io.nettrace.observation;

import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import io.micrometer.observation.Observation;
import io.nettrace.ConnectionTarget;
import io.nettrace.DnsAnswerInfo;
import io.nettrace.DnsAnswerInfo.Source;
import io.nettrace.DnsQueryInfo;
import io.nettrace.DnsQueryInfo.Outcome;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the line of a slow request says of its lookup.
 */
class LookupLineTests {

	private static final DnsQueryInfo LOST = new DnsQueryInfo("api.test.", "A", new InetSocketAddress("10.0.0.1", 53),
			false, null, Outcome.TIMED_OUT, null, Instant.EPOCH, Duration.ofSeconds(5));

	private static final DnsQueryInfo ANSWERED = new DnsQueryInfo("api.test.", "A",
			new InetSocketAddress("10.0.0.1", 53), false, null, Outcome.ANSWERED, "NOERROR", Instant.EPOCH,
			Duration.ofMillis(1));

	private final AtomicLong nanos = new AtomicLong();

	private final RequestRecord record = new RequestRecord(this.nanos::get, true);

	private final RequestLog log = new RequestLog(Duration.ZERO, false, (request) -> null,
			(host) -> "the hint for " + host);

	private String line(long lookupMillis, @Nullable DnsAnswerInfo answer, @Nullable Throwable error) {
		this.record.exchangeBegins(new ConnectionTarget("api.test", 80, false));
		this.record.enter(Phase.DNS);
		this.record.looksUp("api.test");
		if (answer != null) {
			this.record.answered(answer);
		}
		this.nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(lookupMillis));
		this.record.enter(Phase.CONNECT);
		this.nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(10));
		if (error != null) {
			this.record.failed(Phase.DNS, "host_not_found");
		}
		this.record.end(error);
		Observation.Context request = new Observation.Context();
		if (error != null) {
			request.setError(error);
		}
		return this.log.line(request, this.record, RequestSummary.of(request, this.record));
	}

	@Test
	void slowLookupHasItsQueriesAndTheHint() {
		assertThat(line(5_000, DnsAnswerInfo.ofQueries(List.of(LOST, LOST)), null))
			.contains(", 2 DNS queries, 2 of them failed, the hint for api.test");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			1 | 0 | 1 DNS query
			1 | 1 | 1 DNS query, which failed
			2 | 0 | 2 DNS queries, none failed
			2 | 1 | 2 DNS queries, 1 of them failed
			""")
	void numbersOfQueriesAreInEnglish(int queries, int failed, String words) {
		List<DnsQueryInfo> all = IntStream.range(0, queries).mapToObj((i) -> (i < failed) ? LOST : ANSWERED).toList();
		assertThat(DnsQueries.words(DnsAnswerInfo.ofQueries(all))).isEqualTo(words);
	}

	@Test
	void slowLookupWithoutKnownQueriesHasTheHint() {
		assertThat(line(5_000, null, null)).contains(", the hint for api.test").doesNotContain("queries");
	}

	@Test
	void failedLookupHasTheHintThoughItWasFast() {
		assertThat(line(1, null, new UnknownHostException("api.test"))).contains(", the hint for api.test");
	}

	@Test
	void lookupThatTookLittleHasNone() {
		assertThat(line(1, DnsAnswerInfo.ofQueries(List.of(LOST)), null)).doesNotContain("hint", "queries");
	}

	@Test
	void answerOfTheJvmsCacheHasItsAgeAndNoHint() {
		assertThat(line(5_000, DnsAnswerInfo.of(Source.JVM_CACHE, Duration.ofMillis(1_500)), null))
			.contains(", answer of the JVM's cache, 1500.0 ms old")
			.doesNotContain("hint");
	}

}
