package io.nettrace.observation.span;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.KeyStoreException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

import javax.net.ssl.SSLHandshakeException;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.nettrace.ConnectionTarget;
import io.nettrace.NetTrace;
import io.nettrace.ProxyInfo;
import io.nettrace.TlsInfo;
import io.nettrace.WaitInfo;
import io.nettrace.observation.HostGuard;
import io.nettrace.observation.HostPatterns;
import io.nettrace.observation.ObservationSettings;
import io.nettrace.observation.SpanNames;
import io.nettrace.observation.meter.NetTraceMeterObservationHandler;
import io.nettrace.test.TestAuthority;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of the wait, the proxy step and the handshake of a request: spans with
 * every attribute, and timers with every tag.
 */
class PhaseSpansTests {

	private static final ConnectionTarget TARGET = new ConnectionTarget("api.test", 8443, true);

	private final OpenTelemetrySpans spans = new OpenTelemetrySpans();

	private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

	private final HostGuard hosts = new HostGuard(1);

	PhaseSpansTests() {
		this.spans.registry()
			.observationConfig()
			.observationHandler(new NetTraceMeterObservationHandler(this.meters, false));
	}

	private static TlsInfo agreed(boolean resumed) {
		return new TlsInfo("api.test", "TLSv1.3", "TLS_AES_128_GCM_SHA256", "h2", resumed, List.of(certificate()),
				null);
	}

	private static X509Certificate certificate() {
		try {
			Certificate certificate = TestAuthority.create("nettrace")
				.server("api.test")
				.keys()
				.getCertificate("server");
			return (X509Certificate) certificate;
		}
		catch (KeyStoreException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void handshakeSaysWhatWasAgreedOn() {
		TlsInfo agreed = agreed(true);
		SpanData span = span(false, (trace) -> shakeHands(trace, agreed));
		assertThat(span.getName()).isEqualTo("TLS handshake");
		assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.OK);
		X509Certificate certificate = (X509Certificate) agreed.peerCertificates().get(0);
		assertThat(span.getAttributes().asMap()).isEqualTo(Attributes.builder()
			.put("nettrace.client", "reactor-netty")
			.put("server.address", "api.test")
			.put("tls.protocol.name", "tls")
			.put("tls.protocol.version", "1.3")
			.put("tls.resumed", true)
			.put("tls.cipher", "TLS_AES_128_GCM_SHA256")
			.put("tls.next_protocol", "h2")
			.put("tls.server.subject", "CN=api.test")
			.put("tls.server.issuer", "CN=nettrace")
			.put("tls.server.not_after", certificate.getNotAfter().toInstant().toString())
			.build()
			.asMap());
		assertThat(timed("tls.handshake.duration", "nettrace.client", "reactor-netty", "server.address", "api.test",
				"tls.protocol.version", "1.3", "tls.resumed", "true", "error.type", "none"))
			.isEqualTo(1);
	}

	@Test
	void hiddenAddressesHideNoDateAndNoVersion() {
		TlsInfo agreed = agreed(false);
		Attributes shown = span(false, (trace) -> shakeHands(trace, agreed)).getAttributes();
		assertThat(span(true, (trace) -> shakeHands(trace, agreed)).getAttributes()).isEqualTo(shown);
	}

	private static void shakeHands(NetTrace trace, TlsInfo end) {
		NetTrace dial = trace.forDial();
		dial.tlsHandshakeStart(TlsInfo.starting("api.test"));
		dial.tlsHandshakeDone(end);
	}

	@Test
	void failedHandshakeSaysWhy() {
		SpanData span = span(false, (trace) -> shakeHands(trace,
				TlsInfo.failed("api.test", new SSLHandshakeException("Received fatal alert: handshake_failure"))));
		assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
		assertThat(span.getEvents()).extracting(EventData::getName).containsExactly("exception");
		assertThat(span.getAttributes().asMap()).isEqualTo(Attributes.builder()
			.put("nettrace.client", "reactor-netty")
			.put("server.address", "api.test")
			.put("error.type", "handshake_failure")
			.build()
			.asMap());
		assertThat(timed("tls.handshake.duration", "nettrace.client", "reactor-netty", "server.address", "api.test",
				"tls.protocol.version", "none", "tls.resumed", "none", "error.type", "handshake_failure"))
			.isEqualTo(1);
	}

	@Test
	void handshakeWithoutANameIsWithTheHostThatWasLookedUp() {
		SpanData span = span(false, (trace) -> {
			NetTrace dial = trace.forDial();
			dial.dnsStart("api.test");
			dial.dnsDone(List.of(), false, null);
			this.spans.reset();
			dial.tlsHandshakeStart(TlsInfo.starting(""));
			dial.tlsHandshakeDone(TlsInfo.starting(""));
		});
		assertThat(span.getAttributes()).isEqualTo(Attributes.builder()
			.put("nettrace.client", "reactor-netty")
			.put("server.address", "api.test")
			.build()
			.asMap());
	}

	@Test
	void proxyStepNamesTheHostAndTheProxy() throws UnknownHostException {
		InetSocketAddress proxy = new InetSocketAddress(InetAddress.getByName("10.1.2.3"), 3128);
		SpanData span = span(false, (trace) -> ask(trace, new ProxyInfo("http", proxy, "api.test", 8443, null)));
		assertThat(span.getName()).isEqualTo("proxy connect");
		assertThat(span.getAttributes().asMap()).isEqualTo(Attributes.builder()
			.put("nettrace.client", "reactor-netty")
			.put("server.address", "api.test")
			.put("server.port", 8443L)
			.put("nettrace.proxy.protocol", "http")
			.put("network.peer.address", "10.1.2.3")
			.put("network.peer.port", 3128L)
			.build()
			.asMap());
		assertThat(timed("proxy.connect.duration", "nettrace.client", "reactor-netty", "server.address", "api.test",
				"nettrace.proxy.protocol", "http", "error.type", "none"))
			.isEqualTo(1);
		assertThat(
				span(true, (trace) -> ask(trace, new ProxyInfo("http", proxy, "api.test", 8443, null))).getAttributes()
					.toString())
			.doesNotContain("10.1.2.3");
	}

	private static void ask(NetTrace trace, ProxyInfo end) {
		NetTrace dial = trace.forDial();
		dial.proxyStart(new ProxyInfo(end.protocol(), end.proxyAddress(), end.host(), end.port(), null));
		dial.proxyDone(end);
	}

	/**
	 * The proxy looks it up, so a name that does not exist must not use up a place.
	 */
	@Test
	void hostThatAProxyDoesNotFindHasNoPlaceOnMeters() {
		SpanData span = span(false,
				(trace) -> ask(trace, new ProxyInfo("socks5", null, "typo.test", 80, new IOException("refused"))));
		assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
		assertThat(span.getAttributes().asMap()).isEqualTo(Attributes.builder()
			.put("nettrace.client", "reactor-netty")
			.put("server.address", "typo.test")
			.put("server.port", 80L)
			.put("nettrace.proxy.protocol", "socks5")
			.put("error.type", "java.io.IOException")
			.build()
			.asMap());
		assertThat(timed("proxy.connect.duration", "nettrace.client", "reactor-netty", "server.address", "_OTHER",
				"nettrace.proxy.protocol", "socks5", "error.type", "java.io.IOException"))
			.isEqualTo(1);
		assertThat(this.hosts.foundHost("api.test")).isEqualTo("api.test");
	}

	@Test
	void waitSaysWhatForAndHowItEnded() {
		WaitInfo wait = WaitInfo.starting(TARGET, WaitInfo.Reason.HOST_LIMIT);
		SpanData span = span(false, (trace) -> waitFor(trace, wait, wait.ended(WaitInfo.Outcome.REUSED, null)));
		assertThat(span.getName()).isEqualTo("wait for connection");
		assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.OK);
		assertThat(span.getAttributes().asMap()).isEqualTo(Attributes.builder()
			.put("nettrace.client", "reactor-netty")
			.put("server.address", "api.test")
			.put("server.port", 8443L)
			.put("nettrace.queue.reason", "host_limit")
			.put("nettrace.queue.outcome", "reused")
			.build()
			.asMap());
	}

	@Test
	void waitInVainIsAnError() {
		WaitInfo wait = WaitInfo.starting(TARGET, WaitInfo.Reason.UNKNOWN);
		SpanData span = span(false,
				(trace) -> waitFor(trace, wait, wait.ended(WaitInfo.Outcome.TIMED_OUT, new TimeoutException("pool"))));
		assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
		assertThat(span.getAttributes().asMap()).isEqualTo(Attributes.builder()
			.put("nettrace.client", "reactor-netty")
			.put("server.address", "api.test")
			.put("server.port", 8443L)
			.put("nettrace.queue.outcome", "timed_out")
			.put("error.type", "timed_out")
			.build()
			.asMap());
	}

	@Test
	void waitThatIsNoticedWhenItEndsBeganBefore() {
		WaitInfo wait = WaitInfo.noticed(TARGET, Duration.ofSeconds(2));
		SpanData span = span(false, (trace) -> waitFor(trace, wait, wait.ended(WaitInfo.Outcome.NEW, null)));
		assertThat(Duration.ofNanos(span.getEndEpochNanos() - span.getStartEpochNanos()))
			.isGreaterThanOrEqualTo(Duration.ofMillis(1_999));
	}

	private static void waitFor(NetTrace trace, WaitInfo start, WaitInfo end) {
		trace.waitStart(start);
		trace.waitDone(end);
	}

	@Test
	void excludedHostsHaveNoSpans() {
		this.spans.handledBy(new NetTraceTracingObservationHandler(this.spans.tracer(), false));
		NetTrace trace = this.spans
			.request((settings) -> settings.withPatterns(new HostPatterns(List.of(), List.of("*.test"))));
		all(trace);
		assertThat(this.spans.finished()).isEmpty();
		assertThat(this.meters.getMeters()).isEmpty();
	}

	private static void all(NetTrace trace) {
		WaitInfo wait = WaitInfo.starting(TARGET, WaitInfo.Reason.HOST_LIMIT);
		waitFor(trace, wait, wait.ended(WaitInfo.Outcome.NEW, null));
		ask(trace, new ProxyInfo("http", null, "api.test", 8443, null));
		shakeHands(trace, agreed(false));
	}

	@Test
	void namesOfOpenTelemetryHaveTheHost() {
		this.spans.handledBy(new NetTraceTracingObservationHandler(this.spans.tracer(), false));
		all(this.spans.request((settings) -> settings.withSpanNames(SpanNames.SEMCONV)));
		assertThat(this.spans.finished()).extracting(SpanData::getName)
			.containsExactly("wait for connection api.test:8443", "proxy connect api.test:8443",
					"TLS handshake api.test");
	}

	/**
	 * The one span of an operation.
	 */
	private SpanData span(boolean hideAddresses, Consumer<NetTrace> operation) {
		OpenTelemetrySpans spans = hideAddresses ? new OpenTelemetrySpans() : this.spans;
		spans.handledBy(new NetTraceTracingObservationHandler(spans.tracer(), hideAddresses));
		operation.accept(spans.request(this::settings));
		assertThat(spans.finished()).hasSize(1);
		return spans.finished().get(0);
	}

	private ObservationSettings settings(ObservationSettings settings) {
		return settings.withHosts(this.hosts);
	}

	private long timed(String name, String... tags) {
		return this.meters.get(name).tags(tags).timer().count();
	}

}
