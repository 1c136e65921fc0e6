package io.nettrace.observation.jfr;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.ConnectionTarget;
import io.nettrace.NetTrace;
import io.nettrace.ProxyInfo;
import io.nettrace.RequestInfo;
import io.nettrace.TlsInfo;
import io.nettrace.WaitInfo;
import io.nettrace.observation.DnsLookupContext;
import io.nettrace.observation.ObservationNetTraceFactory;
import io.nettrace.observation.ObservationSettings;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class FlightRecorderStepHandlerTests {

	private static final ConnectionTarget TARGET = new ConnectionTarget("10.1.2.3", 443, true);

	private final ObservationRegistry registry = ObservationRegistry.create();

	// Built before any recording
	private final ObservationNetTraceFactory factory = new ObservationNetTraceFactory(() -> this.registry,
			ObservationSettings.defaults().withExchanges(true));

	@TempDir
	private Path temp;

	/**
	 * The events of what is done, oldest first.
	 */
	private List<RecordedEvent> events(List<String> names, Runnable steps) throws IOException {
		Path file = this.temp.resolve("steps.jfr");
		try (Recording recording = new Recording()) {
			names.forEach((name) -> recording.enable(name).withThreshold(Duration.ZERO));
			recording.start();
			steps.run();
			recording.stop();
			recording.dump(file);
		}
		return RecordingFile.readAllEvents(file)
			.stream()
			.sorted((one, other) -> one.getStartTime().compareTo(other.getStartTime()))
			.toList();
	}

	private void handle(boolean hideAddresses) {
		this.registry.observationConfig().observationHandler(new FlightRecorderStepHandler(hideAddresses));
	}

	private NetTrace trace() {
		return this.factory.create(new RequestInfo("jetty", "10.1.2.3", 443, 1));
	}

	private void everyStep() {
		NetTrace request = trace();
		request.getConn(TARGET);
		WaitInfo wait = WaitInfo.starting(TARGET, WaitInfo.Reason.HOST_LIMIT);
		request.waitStart(wait);
		request.waitDone(wait.ended(WaitInfo.Outcome.NEW, null));
		NetTrace dial = request.forDial();
		InetSocketAddress peer = new InetSocketAddress(address(3), 443);
		dial.dnsStart("10.1.2.3");
		dial.dnsDone(List.of(address(3), address(4)), true, null);
		dial.connectStart("tcp", peer);
		dial.connectDone("tcp", peer, new ConnectException("Connection refused"));
		InetSocketAddress second = new InetSocketAddress(address(4), 443);
		dial.connectStart("tcp", second);
		dial.connectDone("tcp", second, new CancellationException());
		dial.proxyStart(new ProxyInfo("http", peer, "10.1.2.3", 443, null));
		dial.proxyDone(new ProxyInfo("http", peer, "10.1.2.3", 443, new ConnectException("Connection refused")));
		dial.tlsHandshakeStart(TlsInfo.starting("api.test"));
		dial.tlsHandshakeDone(
				new TlsInfo("api.test", "TLSv1.3", "TLS_AES_128_GCM_SHA256", "h2", true, List.of(), null));
	}

	private static InetAddress address(int last) {
		try {
			return InetAddress.getByAddress(new byte[] { 10, 1, 2, (byte) last });
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static final List<String> ALL = List.of("nettrace.Wait", "nettrace.DnsLookup", "nettrace.Connect",
			"nettrace.ProxyConnect", "nettrace.TlsHandshake");

	@Test
	void eachStepIsAnEventWhileARecordingAsksForIt() throws IOException {
		handle(false);
		everyStep();
		List<RecordedEvent> events = events(ALL, this::everyStep);
		assertThat(events).extracting((event) -> event.getEventType().getName())
			.containsExactly("nettrace.Wait", "nettrace.DnsLookup", "nettrace.Connect", "nettrace.Connect",
					"nettrace.ProxyConnect", "nettrace.TlsHandshake");
		assertThat(events).allSatisfy((event) -> {
			assertThat(event.getString("client")).isEqualTo("jetty");
			assertThat(event.getDuration()).isPositive();
			assertThat(event.getStackTrace()).isNull();
		});
		RecordedEvent wait = events.get(0);
		assertThat(wait.getString("host")).isEqualTo("10.1.2.3");
		assertThat(wait.getInt("port")).isEqualTo(443);
		assertThat(wait.getString("reason")).isEqualTo("host_limit");
		assertThat(wait.getString("outcome")).isEqualTo("new");
		assertThat(wait.getDuration("before")).isZero();
		assertThat(wait.getString("errorType")).isNull();
		RecordedEvent lookup = events.get(1);
		assertThat(lookup.getString("answers")).isEqualTo("10.1.2.3,10.1.2.4");
		assertThat(lookup.getBoolean("coalesced")).isTrue();
		RecordedEvent connect = events.get(2);
		assertThat(connect.getString("address")).isEqualTo("10.1.2.3");
		assertThat(connect.getInt("port")).isEqualTo(443);
		assertThat(connect.getInt("attempt")).isEqualTo(1);
		assertThat(connect.getString("outcome")).isEqualTo("failed");
		assertThat(connect.getString("errorType")).isEqualTo("connection_refused");
		assertThat(events.get(3).getInt("attempt")).isEqualTo(2);
		assertThat(events.get(3).getString("outcome")).isEqualTo("cancelled");
		assertThat(events.get(3).getString("errorType")).isNull();
		RecordedEvent proxy = events.get(4);
		assertThat(proxy.getString("protocol")).isEqualTo("http");
		assertThat(proxy.getInt("port")).isEqualTo(443);
		assertThat(proxy.getString("errorType")).isEqualTo("connection_refused");
		RecordedEvent handshake = events.get(5);
		assertThat(handshake.getString("host")).isEqualTo("api.test");
		assertThat(handshake.getString("protocolVersion")).isEqualTo("TLSv1.3");
		assertThat(handshake.getString("cipherSuite")).isEqualTo("TLS_AES_128_GCM_SHA256");
		assertThat(handshake.getString("nextProtocol")).isEqualTo("h2");
		assertThat(handshake.getBoolean("resumed")).isTrue();
	}

	@Test
	void onlyTheEventsThatAreAskedForAreMade() throws IOException {
		handle(false);
		assertThat(events(List.of("nettrace.Connect"), this::everyStep))
			.extracting((event) -> event.getEventType().getName())
			.containsExactly("nettrace.Connect", "nettrace.Connect");
		assertThat(events(List.of(), this::everyStep)).isEmpty();
	}

	@Test
	void stepTakesNoPartWithoutARecording() {
		FlightRecorderStepHandler handler = new FlightRecorderStepHandler(false);
		DnsLookupContext lookup = new DnsLookupContext("jetty", "api.test");
		assertThat(handler.supportsContext(lookup)).isFalse();
		try (Recording recording = new Recording()) {
			recording.enable("nettrace.DnsLookup");
			recording.start();
			assertThat(handler.supportsContext(lookup)).isTrue();
			assertThat(handler.supportsContext(new Observation.Context())).isFalse();
		}
		assertThat(handler.supportsContext(lookup)).isFalse();
	}

	@Test
	void hiddenAddressesAreNowhere() throws IOException {
		handle(true);
		List<RecordedEvent> events = events(ALL, this::everyStep);
		assertThat(events).hasSize(6)
			.allSatisfy((event) -> assertThat(event.toString()).doesNotContain("10.1.2"))
			.first()
			.satisfies((event) -> assertThat(event.getString("host")).isEqualTo("_IP"));
	}

	/**
	 * Handlers after one that throws are not told of start and end.
	 */
	@Test
	void handlerOfTheApplicationThatThrowsLosesNoEvent() throws IOException {
		this.registry.observationConfig().observationHandler(new ObservationHandler<Observation.Context>() {

			@Override
			public boolean supportsContext(Observation.Context context) {
				return true;
			}

			@Override
			public void onStart(Observation.Context context) {
				throw new IllegalStateException("start");
			}

		});
		handle(false);
		List<RecordedEvent> events = events(ALL, () -> {
			NetTrace dial = trace().forDial();
			assertThatIllegalStateException().isThrownBy(() -> dial.dnsStart("api.test"));
			dial.dnsDone(List.of(), false, new UnknownHostException("api.test: Name or service not known"));
		});
		assertThat(events).singleElement()
			.satisfies((event) -> assertThat(event.getString("errorType")).isEqualTo("host_not_found"));
	}

}
