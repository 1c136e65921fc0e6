package io.nettrace.observation.recent;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.Function;

import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.micrometer.observation.transport.RequestReplySenderContext;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.DnsAnswerInfo;
import io.nettrace.InterimResponse;
import io.nettrace.NetTrace;
import io.nettrace.PoolInfo;
import io.nettrace.ProxyInfo;
import io.nettrace.RequestInfo;
import io.nettrace.ResponseInfo;
import io.nettrace.TlsInfo;
import io.nettrace.WaitInfo;
import io.nettrace.WroteRequestInfo;
import io.nettrace.instrument.NetTracing;
import io.nettrace.observation.HostPatterns;
import io.nettrace.observation.ObservationNetTraceFactory;
import io.nettrace.observation.ObservationSettings;
import io.nettrace.observation.RequestRecorder;
import io.nettrace.observation.RequestSpan;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * The steps of a request as a client library tells of them.
 */
class RequestStepsTests {

	private static final ConnectionTarget TARGET = new ConnectionTarget("api.test", 443, true);

	private static final InetSocketAddress FIRST = new InetSocketAddress(address("2001:db8::1"), 443);

	private static final InetSocketAddress SECOND = new InetSocketAddress(address("10.0.0.2"), 443);

	private final RecentRequests requests = new RecentRequests(3, false, HostPatterns.all(), RequestSpan.Finder.NONE);

	private final ObservationRegistry registry = ObservationRegistry.create();

	private final Map<String, String> hints = new HashMap<>();

	private final NetTracing tracing;

	RequestStepsTests() {
		RequestRecorder recorder = new RequestRecorder(List.of(this.requests));
		this.registry.observationConfig().observationHandler(recorder).observationFilter(recorder);
		this.tracing = new NetTracing(
				new ObservationNetTraceFactory(() -> this.registry, ObservationSettings.defaults().withExchanges(true)),
				new RequestStepRecorder(this.requests, () -> this.registry, this.hints::get));
	}

	private static InetAddress address(String text) {
		try {
			return InetAddress.getByName(text);
		}
		catch (UnknownHostException ex) {
			throw new IllegalArgumentException(ex);
		}
	}

	private static ConnectionInfo connection(long id, boolean reused) {
		return new ConnectionInfo(id, new PoolInfo("jetty", "api.test", 443, -1), reused, reused, 0, 0, reused ? 2 : 1,
				1, null, SECOND, "1.1", null);
	}

	private Observation observation() {
		return Observation.start("http.client.requests",
				() -> new RequestReplySenderContext<Object, Object>((carrier, key, value) -> {
				}), this.registry);
	}

	private RecentRequest request(@Nullable Throwable error, Consumer<NetTrace> hooks) {
		Observation observation = observation();
		observation.scoped(() -> hooks.accept(this.tracing.request("jetty", "api.test", 443).hooks()));
		if (error != null) {
			observation.error(error);
		}
		observation.stop();
		return this.requests.requests().get(0);
	}

	private static void exchange(NetTrace request, ConnectionInfo connection) {
		request.gotConn(connection);
		request.wroteRequest(new WroteRequestInfo(connection, null));
		request.gotFirstResponseByte(connection);
		request.responseDone(new ResponseInfo(connection, 200, null));
	}

	private static List<String> lines(RecentRequest request) {
		return request.steps()
			.stream()
			.map((step) -> step.exchange() + " " + step.phase()
					+ (step.addresses().isEmpty() ? "" : " " + String.join(",", step.addresses()))
					+ ((step.detail() != null) ? " (" + step.detail() + ")" : "")
					+ ((step.error() != null) ? " " + step.error() : ""))
			.toList();
	}

	@Test
	void everyStepIsThere() {
		RecentRequest request = request(null, (trace) -> {
			trace.getConn(TARGET);
			WaitInfo wait = WaitInfo.starting(TARGET, WaitInfo.Reason.HOST_LIMIT);
			trace.waitStart(wait);
			trace.waitDone(wait.ended(WaitInfo.Outcome.NEW, null));
			NetTrace dial = trace.forDial();
			dial.dnsStart("api.test");
			dial.dnsAnswer(DnsAnswerInfo.of(DnsAnswerInfo.Source.JVM_CACHE, Duration.ofMillis(7)));
			dial.dnsDone(List.of(FIRST.getAddress(), SECOND.getAddress()), true, null);
			dial.connectStart("tcp", FIRST);
			dial.connectStart("tcp", SECOND);
			dial.connectDone("tcp", SECOND, null);
			dial.connectDone("tcp", FIRST, new CancellationException());
			ProxyInfo proxy = new ProxyInfo("http", SECOND, "api.test", 443, null);
			dial.proxyStart(proxy);
			dial.proxyDone(proxy);
			dial.tlsHandshakeStart(TlsInfo.starting("api.test"));
			dial.tlsHandshakeDone(
					new TlsInfo("api.test", "TLSv1.3", "TLS_AES_128_GCM_SHA256", "", true, List.of(), null));
			exchange(trace, connection(1, false));
		});
		assertThat(lines(request)).containsExactly("1 queue (all connections to the host were in use)",
				"1 dns 2001:db8::1,10.0.0.2 (answer of the JVM's cache, 7.0 ms old, shared with another caller)",
				"1 connect [2001:db8::1]:443 (cancelled)", "1 connect 10.0.0.2:443", "1 proxy 10.0.0.2:443 (http)",
				"1 tls (TLSv1.3, resumed)", "1 send", "1 wait", "1 receive");
		assertThat(request.error()).isNull();
		assertThat(request.client()).isEqualTo("jetty");
		assertThat(request.secure()).isTrue();
	}

	@Test
	void failedStepsHaveTheirErrors() {
		RecentRequest request = request(new SocketTimeoutException("Read timed out"), (trace) -> {
			trace.getConn(TARGET);
			NetTrace dial = trace.forDial();
			dial.connectStart("tcp", FIRST);
			dial.connectDone("tcp", FIRST, new ConnectException("Connection refused"));
			dial.connectStart("tcp", SECOND);
			dial.connectDone("tcp", SECOND, null);
			ConnectionInfo connection = connection(1, false);
			trace.gotConn(connection);
			trace.wroteRequest(new WroteRequestInfo(connection, new IOException("Broken pipe")));
			trace.responseDone(new ResponseInfo(connection, 0, new SocketTimeoutException("Read timed out")));
		});
		assertThat(lines(request)).containsExactly("1 queue", "1 connect [2001:db8::1]:443 connection_refused",
				"1 connect 10.0.0.2:443", "1 send connection_reset", "1 wait timed_out");
		assertThat(request.words()).isEqualTo("Failed while waiting for the first byte: timed_out");
		assertThat(request.failures()).extracting(RecentRequest.Failure::error)
			.containsExactly("connection_refused", "timed_out");
	}

	/**
	 * The library may not tell of the end.
	 */
	@Test
	void stepUnderWayEndsWithTheRequestAndItsError() {
		RecentRequest request = request(new SocketTimeoutException("Read timed out"), (trace) -> {
			trace.getConn(TARGET);
			trace.gotConn(connection(1, true));
			trace.wroteRequest(new WroteRequestInfo(connection(1, true), null));
		});
		assertThat(lines(request)).containsExactly("1 queue", "1 send", "1 wait timed_out");
		RecentRequest.Step last = request.steps().get(2);
		assertThat(last.start() + last.duration()).isLessThan(request.duration() + 0.001);
	}

	@Test
	void waitInVainIsAFailureOfTheQueue() {
		RecentRequest request = request(new CancellationException(), (trace) -> {
			trace.getConn(TARGET);
			WaitInfo wait = WaitInfo.starting(TARGET, WaitInfo.Reason.POOL_LIMIT);
			trace.waitStart(wait);
			trace.waitDone(wait.ended(WaitInfo.Outcome.TIMED_OUT, null));
		});
		assertThat(lines(request)).containsExactly("1 queue (all connections of the pool were in use) timed_out");
	}

	@Test
	void interimResponseAndExpectedContinueAreWaits() {
		RecentRequest request = request(null, (trace) -> {
			ConnectionInfo connection = connection(1, true);
			trace.getConn(TARGET);
			trace.gotConn(connection);
			trace.wait100Continue(connection);
			trace.got100Continue(connection);
			trace.wroteRequest(new WroteRequestInfo(connection, null));
			trace.gotFirstResponseByte(connection);
			trace.got1xxResponse(new InterimResponse(connection, 103));
			trace.gotFirstResponseByte(connection);
			trace.responseDone(new ResponseInfo(connection, 200, null));
		});
		assertThat(lines(request)).containsExactly("1 queue", "1 send", "1 wait", "1 send", "1 wait", "1 receive",
				"1 wait", "1 receive");
	}

	@Test
	void connectionIsOpenedByTheRequestThatGotItFirst() {
		request(null, (trace) -> {
			trace.getConn(TARGET);
			exchange(trace, connection(1, false));
			trace.getConn(TARGET);
			exchange(trace, connection(2, false));
		});
		assertThat(opener(reuse(1))).isEqualTo("1");
		assertThat(opener(reuse(2))).isEqualTo("1");
		assertThat(opener(reuse(2))).as("the store keeps three").isNull();
		assertThat(Objects.requireNonNull(reuse(9).connection()).openedBy()).as("of a request that was not seen")
			.isNull();
	}

	private RecentRequest reuse(long connection) {
		return request(null, (trace) -> {
			trace.getConn(TARGET);
			exchange(trace, connection(connection, true));
		});
	}

	private static @Nullable String opener(RecentRequest request) {
		return Objects.requireNonNull(Objects.requireNonNull(request.connection()).openedBy()).requestId();
	}

	@Test
	void newestComesFirstAndTheOldestGoes() {
		for (int i = 1; i <= 5; i++) {
			reuse(i);
		}
		assertThat(this.requests.requests()).extracting(RecentRequest::id).containsExactly("5", "4", "3");
	}

	@Test
	void whatHappensLaterIsNotInTheRequest() {
		Observation observation = observation();
		NetTrace[] dial = new NetTrace[1];
		observation.scoped(() -> {
			NetTrace trace = this.tracing.request("jetty", "api.test", 443).hooks();
			trace.getConn(TARGET);
			dial[0] = trace.forDial();
			dial[0].dnsStart("api.test");
		});
		observation.stop();
		List<String> before = lines(this.requests.requests().get(0));
		dial[0].dnsDone(List.of(FIRST.getAddress()), false, null);
		dial[0].connectStart("tcp", FIRST);
		dial[0].connectDone("tcp", FIRST, null);
		assertThat(this.requests.requests()).hasSize(1);
		assertThat(lines(this.requests.requests().get(0))).isEqualTo(before).containsExactly("1 queue", "1 dns");
	}

	@Test
	void lookupThatFailsSaysWhatTheSystemMakesOfTheName() {
		this.hints.put("api.test", "8 queries of api.test");
		UnknownHostException unknown = new UnknownHostException("api.test: Name or service not known");
		assertThat(detailOfLookup(unknown, null)).isEqualTo("8 queries of api.test");
		assertThat(detailOfLookup(null, null)).isNull();
		assertThat(detailOfLookup(unknown, DnsAnswerInfo.of(DnsAnswerInfo.Source.JVM_CACHE, null)))
			.isEqualTo("answer of the JVM's cache");
	}

	private @Nullable String detailOfLookup(@Nullable Throwable error, @Nullable DnsAnswerInfo answer) {
		RecentRequest request = request(error, (trace) -> {
			trace.getConn(TARGET);
			NetTrace dial = trace.forDial();
			dial.dnsStart("api.test");
			if (answer != null) {
				dial.dnsAnswer(answer);
			}
			dial.dnsDone(List.of(), false, error);
		});
		return request.steps().stream().filter((step) -> step.phase().equals("dns")).findFirst().orElseThrow().detail();
	}

	@Test
	void severalCallsBelowOneObservationAreItsExchanges() {
		Observation observation = observation();
		observation.scoped(() -> {
			for (int i = 1; i <= 2; i++) {
				NetTrace trace = this.tracing.request("jetty", "api.test", 443).hooks();
				trace.getConn(TARGET);
				exchange(trace, connection(i, false));
			}
		});
		observation.stop();
		RecentRequest request = this.requests.requests().get(0);
		assertThat(request.exchanges()).isEqualTo(2);
		assertThat(lines(request)).startsWith("1 queue").endsWith("2 receive");
	}

	@Test
	void stepsAreFoundByTheBindingsOfARequest() {
		Observation observation = observation();
		NetTrace trace = Objects.requireNonNull(this.tracing.request("jetty", "api.test", 443,
				(key) -> ObservationThreadLocalAccessor.KEY.equals(key) ? observation : null))
			.hooks();
		trace.getConn(TARGET);
		exchange(trace, connection(1, false));
		observation.stop();
		assertThat(lines(this.requests.requests().get(0))).containsExactly("1 queue", "1 send", "1 wait", "1 receive");
	}

	/**
	 * An incoming request, or a job.
	 */
	@Test
	void parentThatIsNoRequestIsNotKept() {
		Observation job = Observation.start("job", this.registry);
		job.scoped(() -> this.tracing.request("jetty", "api.test", 443).hooks().getConn(TARGET));
		job.stop();
		assertThat(this.requests.requests()).isEmpty();
		assertThat(RequestSteps.of(job.getContext())).isNull();
	}

	@Test
	void everythingIsBounded() {
		String host = "h".repeat(10_000);
		for (int i = 0; i < 1_000; i++) {
			longRequest(host, i, 1);
		}
		longRequest(host, 1_000, 200);
		assertThat(this.requests.requests()).hasSize(3).allSatisfy((request) -> {
			assertThat(request.host()).hasSize(256);
			assertThat(request.uri()).hasSize(256);
			assertThat(request.toString()).hasSizeLessThan(100_000);
		});
		RecentRequest longest = this.requests.requests().get(0);
		assertThat(longest.steps()).hasSize(RequestSteps.MAX_STEPS)
			.allSatisfy((step) -> assertThat(step.addresses()).hasSizeLessThanOrEqualTo(20)
				.allSatisfy((address) -> assertThat(address).hasSizeLessThanOrEqualTo(256)));
		assertThat(longest.moreSteps()).isEqualTo(1_200 - RequestSteps.MAX_STEPS);
		assertThat(longest.failures()).hasSize(10);
		assertThat(this.requests).extracting("openers").asInstanceOf(InstanceOfAssertFactories.MAP).hasSize(1_000);
	}

	private void longRequest(String host, long id, int exchanges) {
		InetSocketAddress peer = InetSocketAddress.createUnresolved(host, 443);
		Observation observation = observation();
		observation.lowCardinalityKeyValue(KeyValue.of("uri", "/" + "u".repeat(10_000)));
		observation.lowCardinalityKeyValue(KeyValue.of("method", "m".repeat(10_000)));
		observation.scoped(() -> {
			NetTrace trace = this.tracing.request("jetty", host, 443).hooks();
			for (int i = 0; i < exchanges; i++) {
				trace.getConn(new ConnectionTarget(host, 443, true));
				NetTrace dial = trace.forDial();
				dial.dnsStart(host);
				dial.dnsDone(Collections.nCopies(100, FIRST.getAddress()), false, null);
				dial.connectStart("tcp", peer);
				dial.connectDone("tcp", peer, new ConnectException("Connection refused"));
				exchange(trace, connection(1_000 * id + i, false));
			}
		});
		observation.stop();
	}

	@Test
	void contextThatThrowsChangesNothing() {
		Observation observation = Observation.start("http.client.requests",
				() -> new RequestReplySenderContext<Object, Object>((carrier, key, value) -> {
				}) {

					@Override
					public @Nullable KeyValue getLowCardinalityKeyValue(String key) {
						throw new IllegalStateException("of the application");
					}

					@Override
					public <T> T computeIfAbsent(Object key, Function<Object, ? extends T> mapping) {
						throw new IllegalStateException("of the application");
					}

				}, this.registry);
		observation.scoped(() -> {
			NetTrace trace = this.tracing.request("jetty", "api.test", 443).hooks();
			trace.getConn(TARGET);
			exchange(trace, connection(1, false));
		});
		observation.stop();
		assertThat(this.requests.requests()).isEmpty();
		assertThat(lines(reuse(1))).hasSize(4);
	}

	@ParameterizedTest
	@CsvSource({ "-1", "10001" })
	void boundThatMakesNoSenseIsRefused(int keep) {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new RecentRequests(keep, false, HostPatterns.all(), RequestSpan.Finder.NONE))
			.withMessage("'keep' must be 0 to 10000, not " + keep);
	}

}
