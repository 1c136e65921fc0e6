package io.nettrace.observation;

import java.io.EOFException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.RequestReplySenderContext;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.InterimResponse;
import io.nettrace.NetTrace;
import io.nettrace.PoolInfo;
import io.nettrace.RequestInfo;
import io.nettrace.ResponseInfo;
import io.nettrace.TlsInfo;
import io.nettrace.WaitInfo;
import io.nettrace.WroteRequestInfo;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where a request's time is counted, by a clock that each hook moves on.
 */
class RequestRecordTests {

	private static final ConnectionTarget TARGET = new ConnectionTarget("api.test", 443, true);

	private static final InetSocketAddress PEER = InetSocketAddress.createUnresolved("api.test", 443);

	private final Meters meters = new Meters();

	private final ObservationRegistry registry = ObservationRegistry.create();

	private final HostGuard hosts = new HostGuard(1);

	private long now;

	private final RequestRecord record = new RequestRecord(() -> this.now, true);

	private final NetTrace trace;

	RequestRecordTests() {
		this.registry.observationConfig().observationHandler((context) -> true);
		ObservationNetTraceFactory factory = new ObservationNetTraceFactory(() -> this.registry, () -> this.meters,
				ObservationSettings.defaults().withHosts(this.hosts).withExchanges(true));
		this.trace = new ObservationNetTrace(factory, new RequestInfo("jetty", "api.test", 443, 1), null, this.record);
	}

	/**
	 * What is written to meters, as text.
	 */
	private static final class Meters implements RequestMeters {

		final List<String> queue = new ArrayList<>();

		final List<String> phases = new ArrayList<>();

		final Map<String, Integer> pending = new HashMap<>();

		@Override
		public Times times(String timer, String description, KeyValues tags) {
			return (nanos, request) -> record(timer, tags, nanos);
		}

		private void record(String timer, KeyValues tags, long nanos) {
			String host = value(tags, "server.address");
			if (timer.equals("http.client.request.time_in_queue")) {
				this.queue.add(host + " " + value(tags, "nettrace.queue.outcome") + " " + value(tags, "error.type")
						+ " " + nanos);
			}
			else {
				assertThat(timer).isEqualTo("http.client.request.phase.duration");
				this.phases.add(host + " " + value(tags, "nettrace.phase.name") + " " + nanos);
			}
			assertThat(value(tags, "nettrace.client")).isEqualTo("jetty");
		}

		private static String value(KeyValues tags, String key) {
			return tags.stream()
				.filter((each) -> each.getKey().equals(key))
				.findFirst()
				.map(KeyValue::getValue)
				.orElseThrow();
		}

		@Override
		public void pending(String client, String host, int change) {
			this.pending.merge(host, change, Integer::sum);
		}

	}

	/**
	 * Some time passes, a power of two, so that a sum tells what it is of.
	 */
	private RequestRecordTests after(int exponent) {
		this.now += 1L << exponent;
		return this;
	}

	private static ConnectionInfo connection(boolean reused) {
		return new ConnectionInfo(7, new PoolInfo("jetty", "api.test", 443, 2), reused, reused,
				reused ? Duration.ofSeconds(58).toNanos() : 0, Duration.ofSeconds(60).toNanos(), 1, 1, null, null,
				"1.1", null);
	}

	private void respond(int exponent, boolean reused) {
		after(exponent).trace.wroteHeaders(connection(reused));
		after(exponent + 1).trace.wroteRequest(new WroteRequestInfo(connection(reused), null));
		after(exponent + 2).trace.gotFirstResponseByte(connection(reused));
		after(exponent + 3).trace.responseDone(new ResponseInfo(connection(reused), 200, null));
	}

	private List<Long> phases() {
		return Stream.of(Phase.values()).map(this.record::nanos).toList();
	}

	private void assertAddsUp() {
		this.record.end(null);
		assertAddsUp(this.now);
	}

	private void assertAddsUp(long total) {
		assertThat(phases().stream().mapToLong(Long::longValue).sum()).isEqualTo(total).isEqualTo(this.record.total());
	}

	@Test
	void aNewConnectionHasEveryPhase() {
		after(0).trace.getConn(TARGET);
		NetTrace dial = this.trace.forDial();
		after(1);
		dial.dnsStart("api.test");
		after(2);
		dial.dnsDone(List.of(InetAddress.getLoopbackAddress()), false, null);
		after(3);
		dial.connectStart("tcp", PEER);
		after(4);
		dial.connectDone("tcp", PEER, null);
		after(5);
		dial.tlsHandshakeStart(TlsInfo.starting("api.test"));
		after(6);
		dial.tlsHandshakeDone(TlsInfo.starting("api.test"));
		after(7).trace.gotConn(connection(false));
		respond(8, false);
		after(12);
		assertAddsUp();
		assertThat(phases()).containsExactly(1L << 1, 1L << 2, 1L << 4, 0L, 1L << 6, (1L << 8) + (1L << 9), 1L << 10,
				1L << 11, 1L + (1L << 3) + (1L << 5) + (1L << 7) + (1L << 12));
		assertThat(this.meters.queue).containsExactly("api.test new none 2");
		assertThat(this.meters.phases).containsExactly("api.test queue 2", "api.test dns 4", "api.test connect 16",
				"api.test tls 64", "api.test send 768", "api.test wait 1024", "api.test receive 2048");
		assertThat(this.record.exchanges()).isEqualTo(1);
		assertThat(this.record.verdict(false)).isEqualTo(Phase.RECEIVE);
	}

	@Test
	void aKeptConnectionHasFew() {
		this.trace.getConn(TARGET);
		after(0).trace.gotConn(connection(true));
		respond(1, true);
		assertAddsUp();
		assertThat(phases()).containsExactly(1L, 0L, 0L, 0L, 0L, 6L, 8L, 16L, 0L);
		assertThat(this.meters.queue).containsExactly("api.test reused none 1");
	}

	@Test
	void aRaceOfAddressesIsOnePhase() {
		this.trace.getConn(TARGET);
		NetTrace dial = this.trace.forDial();
		InetSocketAddress other = InetSocketAddress.createUnresolved("other.test", 443);
		after(0);
		dial.connectStart("tcp", PEER);
		after(1);
		dial.connectStart("tcp", other);
		after(2);
		dial.connectDone("tcp", PEER, new CancellationException());
		after(3);
		dial.connectDone("tcp", other, null);
		this.trace.gotConn(connection(false));
		assertAddsUp();
		assertThat(this.record.nanos(Phase.CONNECT)).isEqualTo((1L << 1) + (1L << 2) + (1L << 3));
		assertThat(this.meters.phases).hasSize(2);
	}

	/**
	 * The caller may have made up the name that it asks the proxy for.
	 */
	@Test
	void hostBehindAProxyThatForwardsHasNoPlaceOnMeters() {
		this.trace.getConn(new ConnectionTarget("madeup.test", 80, false));
		this.trace.gotConn(connection(true));
		assertThat(this.meters.queue).containsExactly("_OTHER reused none 0");
		assertThat(this.hosts.foundHost("api.test")).isEqualTo("api.test");
	}

	@Test
	void exchangesOfOneRequestAddUp() {
		for (int i = 0; i < 3; i++) {
			this.trace.getConn(TARGET);
			after(0).trace.gotConn(connection(true));
			respond(1, true);
		}
		assertAddsUp();
		assertThat(phases()).containsExactly(3L, 0L, 0L, 0L, 0L, 18L, 24L, 48L, 0L);
		assertThat(this.record.exchanges()).isEqualTo(3);
	}

	@Test
	void aDialThatGoesOnWithoutItsRequestIsNotInItsRecord() {
		this.trace.getConn(TARGET);
		NetTrace dial = this.trace.forDial();
		after(0);
		dial.connectStart("tcp", PEER);
		after(1).trace.gotConn(connection(true));
		after(2);
		dial.connectDone("tcp", PEER, new SocketException("Connection reset"));
		after(3);
		dial.tlsHandshakeStart(TlsInfo.starting("api.test"));
		assertAddsUp();
		assertThat(phases()).containsExactly(1L, 0L, 2L, 0L, 0L, 12L, 0L, 0L, 0L);
		this.trace.getConn(TARGET);
		dial.tlsHandshakeDone(TlsInfo.starting("api.test"));
		assertThat(this.record.verdict(true)).isNotEqualTo(Phase.TLS);
	}

	@Test
	void interimResponsesAreNotTheResponse() {
		this.trace.getConn(TARGET);
		this.trace.gotConn(connection(true));
		after(0).trace.wait100Continue(connection(true));
		after(1).trace.gotFirstResponseByte(connection(true));
		this.trace.got100Continue(connection(true));
		this.trace.got1xxResponse(new InterimResponse(connection(true), 100));
		after(2).trace.wroteRequest(new WroteRequestInfo(connection(true), null));
		after(3).trace.responseDone(new ResponseInfo(connection(true), 200, null));
		assertAddsUp();
		assertThat(phases()).containsExactly(0L, 0L, 0L, 0L, 0L, 5L, 10L, 0L, 0L);
	}

	@Test
	void whatHappensAfterTheEndIsOnMetersOnly() {
		this.trace.getConn(TARGET);
		this.trace.gotConn(connection(true));
		respond(0, true);
		this.record.end(null);
		List<Long> phases = phases();
		this.trace.getConn(TARGET);
		after(5).trace.gotConn(connection(false));
		assertThat(phases()).isEqualTo(phases);
		assertThat(this.record.exchanges()).isEqualTo(1);
		assertThat(this.meters.queue).endsWith("api.test new none 32");
	}

	@Test
	void verdictOfAFailureIsItsPhase() {
		after(9).trace.getConn(TARGET);
		NetTrace dial = this.trace.forDial();
		after(8);
		dial.dnsStart("typo.test");
		after(0);
		dial.dnsDone(List.of(), false, new UnknownHostException("typo.test"));
		this.record.end(null);
		assertThat(this.record.verdict(true)).isEqualTo(Phase.DNS);
		assertThat(this.meters.queue).containsExactly("_OTHER new none 256");
		assertThat(this.hosts.foundHost("other.test")).as("a name that does not exist has no place")
			.isEqualTo("other.test");
	}

	@Test
	void aFailureThatTheLibraryGotOverIsNotTheVerdict() {
		this.trace.getConn(TARGET);
		NetTrace dial = this.trace.forDial();
		dial.connectStart("tcp", PEER);
		dial.connectDone("tcp", PEER, new SocketException("Connection refused"));
		dial.connectStart("tcp", PEER);
		dial.connectDone("tcp", PEER, null);
		this.trace.gotConn(connection(false));
		after(0);
		this.record.end(new TimeoutException());
		assertThat(this.record.verdict(true)).isEqualTo(Phase.SEND);
	}

	@Test
	void keptConnectionThatThePeerHasClosedIsNamed() {
		SocketException reset = new SocketException("Connection reset");
		this.trace.getConn(TARGET);
		this.trace.gotConn(connection(true));
		after(0).trace.wroteRequest(new WroteRequestInfo(connection(true), null));
		after(1).trace.responseDone(new ResponseInfo(connection(true), 0, reset));
		this.record.end(null);
		assertThat(this.record.verdict(true)).isEqualTo(Phase.WAIT);
		assertThat(this.record.failures()).containsExactly(new RequestRecord.Failure(Phase.WAIT, "connection_reset",
				"kept 58.0 s idle, reset by the peer before the first byte"));
	}

	@Test
	void goAwayIsNamedWithItsCode() {
		for (long code : new long[] { 11, 0xffff_ffffL }) {
			this.trace.getConn(TARGET);
			this.trace.gotConn(connection(true));
			this.trace.wroteRequest(new WroteRequestInfo(connection(true), null));
			this.trace.responseDone(new ResponseInfo(connection(true), 0, new EOFException("closed"), code));
		}
		assertThat(this.record.failures()).extracting(RequestRecord.Failure::detail)
			.containsExactly("the server sent GOAWAY (ENHANCE_YOUR_CALM)", "the server sent GOAWAY (0xffffffff)");
	}

	/**
	 * As with WebClient, whose observation stops at the head of the response.
	 */
	@Test
	void responseThatIsStillBeingReadIsAddedWhenItHasBeenRead() {
		List<Long> totals = new ArrayList<>();
		this.trace.getConn(TARGET);
		this.trace.gotConn(connection(true));
		after(0).trace.wroteRequest(new WroteRequestInfo(connection(true), null));
		after(1).trace.gotFirstResponseByte(connection(true));
		after(2).record.end(null);
		this.record.whenRead(() -> totals.add(this.record.total()));
		this.record.whenRead(() -> totals.add(this.record.nanos(Phase.RECEIVE)));
		assertThat(phases()).containsExactly(0L, 0L, 0L, 0L, 0L, 1L, 2L, 4L, 0L);
		assertThat(totals).isEmpty();
		after(3).trace.responseDone(new ResponseInfo(connection(true), 200, null));
		assertThat(totals).containsExactly(15L, 12L);
		after(4).trace.getConn(TARGET);
		assertAddsUp(15);
		assertThat(this.record.verdict(false)).isEqualTo(Phase.RECEIVE);
		this.record.whenRead(() -> totals.add(-1L));
		assertThat(totals).as("it has been read").endsWith(-1L);
	}

	@Test
	void responseThatIsCutOffLaterHasFailedInReceive() {
		this.trace.getConn(TARGET);
		this.trace.gotConn(connection(true));
		after(5).trace.wroteRequest(new WroteRequestInfo(connection(true), null));
		after(1).trace.gotFirstResponseByte(connection(true));
		this.record.end(null);
		assertThat(this.record.verdict(false)).isEqualTo(Phase.SEND);
		this.trace.responseDone(new ResponseInfo(connection(true), 200, new EOFException("cut off")));
		assertThat(this.record.failures())
			.containsExactly(new RequestRecord.Failure(Phase.RECEIVE, "connection_closed", null));
		assertThat(this.record.verdict(false)).isEqualTo(Phase.RECEIVE);
	}

	@Test
	void failedRequestWaitsForNothing() {
		boolean[] done = new boolean[1];
		this.trace.getConn(TARGET);
		this.trace.gotConn(connection(true));
		this.trace.gotFirstResponseByte(connection(true));
		this.record.end(new IllegalStateException("404"));
		this.record.whenRead(() -> done[0] = true);
		assertThat(done[0]).isTrue();
	}

	@Test
	void statusThatTheApplicationTakesForAnErrorIsNoFailureOfAPhase() {
		this.trace.getConn(TARGET);
		this.trace.gotConn(connection(true));
		after(5).trace.wroteRequest(new WroteRequestInfo(connection(true), null));
		after(1).trace.gotFirstResponseByte(connection(true));
		this.record.end(new IllegalStateException("404"));
		assertThat(this.record.failures()).isEmpty();
		assertThat(this.record.verdict(true)).isEqualTo(Phase.SEND);
	}

	/**
	 * The caller may know of it before the event loop ends the exchange.
	 */
	@Test
	void responseThatIsCutOffHasFailedInReceive() {
		this.trace.getConn(TARGET);
		this.trace.gotConn(connection(false));
		after(5).trace.wroteRequest(new WroteRequestInfo(connection(false), null));
		after(1).trace.gotFirstResponseByte(connection(false));
		this.record.end(new IllegalStateException(new EOFException("cut off")));
		assertThat(this.record.failures())
			.containsExactly(new RequestRecord.Failure(Phase.RECEIVE, "connection_closed", null));
		assertThat(this.record.verdict(true)).isEqualTo(Phase.RECEIVE);
	}

	@Test
	void whatTheLibraryGotOverIsNamedToo() {
		this.trace.getConn(TARGET);
		this.trace.gotConn(connection(true));
		this.trace.responseDone(new ResponseInfo(connection(true), 0, new SocketException("Connection reset")));
		for (int i = 0; i < 12; i++) {
			this.trace.getConn(TARGET);
			this.trace.gotConn(connection(false));
			this.trace.gotFirstResponseByte(connection(false));
			this.trace.responseDone(new ResponseInfo(connection(false), 503, new TimeoutException()));
		}
		assertThat(this.record.failures()).hasSize(10)
			.extracting(Object::toString)
			.startsWith("send: connection_reset", "receive: timed_out");
		assertThat(this.record.exchanges()).isEqualTo(13);
	}

	@Test
	void waitInVainIsInTheQueue() {
		WaitInfo wait = WaitInfo.starting(TARGET, WaitInfo.Reason.HOST_LIMIT);
		this.trace.getConn(TARGET);
		this.trace.waitStart(wait);
		assertThat(this.meters.pending).isEqualTo(Map.of("_OTHER", 1));
		this.hosts.foundHost("api.test");
		after(3).trace.waitDone(wait.ended(WaitInfo.Outcome.TIMED_OUT, new TimeoutException("pool")));
		assertThat(this.meters.pending).as("the host has a name now").isEqualTo(Map.of("_OTHER", 0));
		assertAddsUp();
		assertThat(this.record.nanos(Phase.QUEUE)).isEqualTo(8);
		assertThat(this.record.verdict(true)).isEqualTo(Phase.QUEUE);
		assertThat(this.meters.queue).containsExactly("api.test timed_out timed_out 8");
	}

	@Test
	void conventionOfTheApplicationNamesTheQueue() {
		List<String> names = new ArrayList<>();
		ObservationNetTraceFactory factory = new ObservationNetTraceFactory(() -> this.registry,
				() -> new RequestMeters() {

					@Override
					public Times times(String timer, String description, KeyValues tags) {
						return (nanos, request) -> names.add(timer + " " + tags);
					}

					@Override
					public void pending(String client, String host, int change) {
					}

				},
				ObservationSettings.defaults()
					.withExchanges(true)
					.withConvention(ConnectionWaitContext.class, new DefaultConnectionWaitObservationConvention() {

						@Override
						public String getName() {
							return "queue";
						}

						@Override
						protected String outcome(ConnectionWaitContext context) {
							return super.outcome(context).toUpperCase(Locale.ROOT);
						}

					}));
		NetTrace named = factory.create(new RequestInfo("jetty", null, -1, 1));
		named.getConn(TARGET);
		named.gotConn(connection(true));
		assertThat(names).hasSize(2).first().asString().startsWith("queue ").contains("REUSED", "api.test");
	}

	@Test
	void recorderKeepsNothingWhileNoSinkNeedsIt() {
		boolean[] needed = new boolean[1];
		List<RequestRecord> written = new ArrayList<>();
		RequestRecorder recorder = new RequestRecorder(List.of(new RequestRecordSink() {

			@Override
			public void write(Observation.Context request, RequestRecord record) {
				written.add(record);
			}

			@Override
			public boolean isNeeded() {
				return needed[0];
			}

		}));
		this.registry.observationConfig().observationHandler(recorder).observationFilter(recorder);
		for (int i = 0; i < 2; i++) {
			needed[0] = i == 1;
			Observation request = Observation.createNotStarted("http.client.requests",
					() -> new RequestReplySenderContext<Object, Object>((carrier, key, value) -> {
					}), this.registry);
			request.observe(() -> assertThat(RequestRecord.of(request.getContextView()) != null).isEqualTo(needed[0]));
		}
		assertThat(written).hasSize(1);
	}

	/**
	 * The request's span ends with the observation, the log line waits for the response.
	 */
	@Test
	void eachSinkIsWrittenAtItsTime() {
		List<String> written = new ArrayList<>();
		RequestRecorder recorder = new RequestRecorder(
				List.of(sink(written, "log", true), sink(written, "span", false), sink(written, "jfr", true)));
		this.registry.observationConfig().observationHandler(recorder).observationFilter(recorder);
		ObservationNetTraceFactory factory = new ObservationNetTraceFactory(() -> this.registry,
				ObservationSettings.defaults().withExchanges(true));
		Observation request = Observation.createNotStarted("http.client.requests",
				() -> new RequestReplySenderContext<Object, Object>((carrier, key, value) -> {
				}), this.registry);
		NetTrace[] exchange = new NetTrace[1];
		request.observe(() -> {
			exchange[0] = factory.create(new RequestInfo("reactor-netty", null, -1, 1));
			exchange[0].getConn(TARGET);
			exchange[0].gotConn(connection(true));
			exchange[0].gotFirstResponseByte(connection(true));
		});
		assertThat(written).containsExactly("span");
		exchange[0].responseDone(new ResponseInfo(connection(true), 200, null));
		assertThat(written).containsExactly("span", "log", "jfr");
		exchange[0].responseDone(new ResponseInfo(connection(true), 200, null));
		assertThat(written).hasSize(3);
	}

	private static RequestRecordSink sink(List<String> written, String name, boolean waitsForResponse) {
		return new RequestRecordSink() {

			@Override
			public void write(Observation.Context request, RequestRecord record) {
				written.add(name);
			}

			@Override
			public boolean waitsForResponse() {
				return waitsForResponse;
			}

		};
	}

	@Test
	void recorderKeepsTheRecordOfARequestAndOfNothingElse() {
		List<RequestRecord> written = new ArrayList<>();
		RequestRecorder recorder = new RequestRecorder(List.of((request, record) -> {
			throw new IllegalStateException("does not keep the next from its turn");
		}, (request, record) -> written.add(record)));
		this.registry.observationConfig().observationHandler(recorder).observationFilter(recorder);
		Observation.createNotStarted("job", Observation.Context::new, this.registry).observe(() -> {
		});
		assertThat(written).isEmpty();
		Observation request = Observation.createNotStarted("http.client.requests",
				() -> new RequestReplySenderContext<Object, Object>((carrier, key, value) -> {
				}), this.registry);
		ObservationNetTraceFactory factory = new ObservationNetTraceFactory(() -> this.registry,
				ObservationSettings.defaults().withExchanges(true));
		request.observe(() -> {
			NetTrace exchange = factory.create(new RequestInfo("jetty", null, -1, 1));
			exchange.getConn(TARGET);
			exchange.gotConn(connection(true));
		});
		assertThat(written).singleElement().satisfies((record) -> {
			assertThat(record.exchanges()).isEqualTo(1);
			assertThat(record.connection()).isEqualTo(connection(true));
			assertThat(record.target()).isEqualTo(TARGET);
		});
	}

}
