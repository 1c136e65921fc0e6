package io.nettrace.observation;

import java.net.ConnectException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A request in words.
 */
class RequestSummaryTests {

	private final AtomicLong nanos = new AtomicLong();

	private final RequestRecord record = new RequestRecord(this.nanos::get, true);

	private final Observation.Context request = new Observation.Context();

	private void spend(Phase phase, long millis) {
		this.record.enter(phase);
		this.nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
	}

	private RequestSummary end(@Nullable Throwable error) {
		if (error != null) {
			this.request.setError(error);
		}
		this.record.end(error);
		return RequestSummary.of(this.request, this.record);
	}

	@Test
	void longestPhaseIsNamed() {
		spend(Phase.DNS, 20);
		spend(Phase.TLS, 180);
		spend(Phase.OTHER, 31);
		RequestSummary summary = end(null);
		assertThat(summary.verdict()).isEqualTo(Phase.TLS);
		assertThat(summary.words()).isEqualTo("The TLS handshake took longest: 180.0 ms of 231.0 ms");
		assertThat(summary.error()).isNull();
	}

	@Test
	void noPhaseStandsOutIfTheRestIsLonger() {
		spend(Phase.SEND, 1);
		spend(Phase.OTHER, 65);
		RequestSummary summary = end(null);
		assertThat(summary.verdict()).isEqualTo(Phase.SEND);
		assertThat(summary.words())
			.isEqualTo("No phase stands out: 65.0 ms of 66.0 ms went to the library and the application");
	}

	@Test
	void longTimesAreInSeconds() {
		spend(Phase.WAIT, 2300);
		spend(Phase.RECEIVE, 20);
		assertThat(end(null).words()).isEqualTo("Waiting for the first byte took longest: 2.30 s of 2.32 s");
	}

	@Test
	void failureIsNamed() {
		spend(Phase.DNS, 500);
		spend(Phase.CONNECT, 1);
		this.record.failed(Phase.CONNECT, "connection_refused");
		RequestSummary summary = end(new ConnectException("Connection refused"));
		assertThat(summary.verdict()).isEqualTo(Phase.CONNECT);
		assertThat(summary.error()).isEqualTo("connection_refused");
		assertThat(summary.words()).isEqualTo("Failed while connecting: connection_refused");
	}

	/**
	 * Of WebClient, whose observation stops at the head of the response.
	 */
	@Test
	void failureAfterTheObservationIsOneOfTheRequest() {
		spend(Phase.RECEIVE, 1);
		end(null);
		this.record.failed(Phase.RECEIVE, "connection_closed");
		RequestSummary summary = RequestSummary.of(this.request, this.record);
		assertThat(summary.error()).isEqualTo("connection_closed");
		assertThat(summary.words()).isEqualTo("Failed while reading the response: connection_closed");
	}

	@ParameterizedTest
	@CsvSource({ "200, 200", "CLIENT_ERROR,", "IO_ERROR,", "UNKNOWN," })
	void statusIsANumber(String value, @Nullable String status) {
		this.request.addLowCardinalityKeyValue(KeyValue.of("status", value));
		assertThat(end(null).status()).isEqualTo(status);
	}

	@ParameterizedTest
	@CsvSource({ "/orders/{id}, /orders/{id}", "/orders?token={token}, /orders", "none, none",
			"http://user:password@api.test, /", "/http://user:password@api.test, /",
			"HTTP://user:password@api.test/orders/{id}?q#f, /orders/{id}", "/orders#secret, /orders" })
	void uriIsAPathWithoutSecrets(String uri, String path) {
		this.request.addLowCardinalityKeyValue(KeyValue.of("uri", uri));
		assertThat(end(null).uri()).isEqualTo(path);
	}

}
