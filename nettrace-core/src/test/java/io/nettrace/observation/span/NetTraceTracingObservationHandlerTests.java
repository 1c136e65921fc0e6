package io.nettrace.observation.span;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.nettrace.NetTrace;
import io.nettrace.observation.HostGuard;
import io.nettrace.observation.SpanNames;
import io.nettrace.observation.StepContext;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class NetTraceTracingObservationHandlerTests {

	private static final InetSocketAddress PEER = new InetSocketAddress(address("10.1.2.3"), 8443);

	private final OpenTelemetrySpans spans = new OpenTelemetrySpans();

	{
		this.spans.handledBy(new NetTraceTracingObservationHandler(this.spans.tracer(), false));
	}

	@Test
	void lookupHasTypedAttributesAndNoneIsLeftOut() {
		NetTrace trace = this.spans.trace();
		trace.dnsStart("api.test");
		trace.dnsDone(List.of(address("10.1.2.3"), address("fd00::1")), true, null);
		SpanData span = this.spans.finished("DNS lookup");
		assertThat(span.getAttributes().asMap()).isEqualTo(Attributes.builder()
			.put("nettrace.client", "reactor-netty")
			.put("dns.question.name", "api.test")
			.put("nettrace.dns.coalesced", "true")
			.put(AttributeKey.stringArrayKey("dns.answers"), List.of("10.1.2.3", "fd00::1"))
			.build()
			.asMap());
		assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.OK);
	}

	@Test
	void connectHasTypedAttributes() {
		NetTrace trace = this.spans.trace();
		trace.dnsStart("api.test");
		trace.dnsDone(List.of(PEER.getAddress()), false, null);
		trace.connectStart("tcp", PEER);
		trace.connectDone("tcp", PEER, null);
		assertThat(this.spans.finished("socket connect").getAttributes().asMap()).isEqualTo(Attributes.builder()
			.put("nettrace.client", "reactor-netty")
			.put("nettrace.connect.attempt", 1)
			.put("nettrace.connect.outcome", "connected")
			.put("network.peer.address", "10.1.2.3")
			.put("network.peer.port", 8443)
			.put("network.transport", "tcp")
			.put("network.type", "ipv4")
			.put("server.address", "api.test")
			.put("server.port", 8443)
			.build()
			.asMap());
	}

	@Test
	void unixDomainSocketHasNeitherPortNorType() {
		NetTrace trace = this.spans.trace();
		UnixDomainSocketAddress address = UnixDomainSocketAddress.of("/run/app.sock");
		trace.connectStart("unix", address);
		trace.connectDone("unix", address, null);
		assertThat(this.spans.finished("socket connect").getAttributes().asMap()).isEqualTo(Attributes.builder()
			.put("nettrace.client", "reactor-netty")
			.put("nettrace.connect.attempt", 1)
			.put("nettrace.connect.outcome", "connected")
			.put("network.peer.address", "/run/app.sock")
			.put("network.transport", "unix")
			.put("server.address", "/run/app.sock")
			.build()
			.asMap());
	}

	/**
	 * Key values that are not read are not made.
	 */
	@Test
	void attributesAreTheSameWhetherOrNotTheKeyValuesWereRead() {
		List<Attributes> unread = attributesOfManyOperations();
		this.spans.registry().observationConfig().observationHandler(new ObservationHandler<>() {

			@Override
			public boolean supportsContext(Observation.Context context) {
				return context instanceof StepContext;
			}

			@Override
			public void onStart(Observation.Context context) {
				assertThat(context.getHighCardinalityKeyValues()).isNotEmpty();
			}

		});
		assertThat(attributesOfManyOperations()).hasSize(6).isEqualTo(unread);
	}

	private List<Attributes> attributesOfManyOperations() {
		int before = this.spans.finished().size();
		NetTrace trace = this.spans.trace((settings) -> settings.withHosts(new HostGuard(1)));
		trace.dnsStart("api.test");
		trace.dnsDone(List.of(address("10.1.2.3"), address("fd00::1")), true, null);
		trace.dnsStart("guarded.test");
		trace.dnsDone(List.of(), false, new UnknownHostException("guarded.test"));
		for (SocketAddress address : List.of(PEER, InetSocketAddress.createUnresolved("api.test", 80),
				UnixDomainSocketAddress.of("/run/app.sock"))) {
			trace.connectStart("tcp", address);
			trace.connectDone("tcp", address, null);
		}
		NetTrace ofAnAddress = this.spans.trace();
		ofAnAddress.connectStart("tcp", PEER);
		ofAnAddress.connectDone("tcp", PEER, new ConnectException("Connection refused"));
		List<SpanData> finished = this.spans.finished();
		return finished.subList(before, finished.size()).stream().map(SpanData::getAttributes).toList();
	}

	@Test
	void realHostWinsOverTheGuardedOne() {
		NetTrace trace = this.spans.trace((settings) -> settings.withHosts(new HostGuard(1)));
		trace.dnsStart("first.test");
		trace.dnsDone(List.of(), false, null);
		trace.dnsStart("second.test");
		trace.dnsDone(List.of(), false, null);
		assertThat(this.spans.finished())
			.extracting((span) -> span.getAttributes().get(AttributeKey.stringKey("dns.question.name")))
			.containsExactly("first.test", "second.test");
	}

	@Test
	void failedAttemptIsAnErrorOnItsOwnSpanAlone() {
		InetSocketAddress second = new InetSocketAddress(address("10.1.2.4"), 8443);
		Observation request = Observation.start("http.client.requests", this.spans.registry());
		request.scoped(() -> {
			NetTrace trace = this.spans.trace();
			trace.connectStart("tcp", PEER);
			trace.connectDone("tcp", PEER, new ConnectException("Connection refused"));
			trace.connectStart("tcp", second);
			trace.connectDone("tcp", second, null);
		});
		request.stop();
		assertThat(this.spans.finished()).extracting((span) -> span.getStatus().getStatusCode())
			.containsExactly(StatusCode.ERROR, StatusCode.OK, StatusCode.OK);
		SpanData failed = this.spans.finished().get(0);
		assertThat(failed.getAttributes().get(AttributeKey.stringKey("error.type"))).isEqualTo("connection_refused");
		assertThat(failed.getStatus().getDescription()).isEqualTo("Connection refused");
		assertThat(failed.getEvents()).singleElement()
			.satisfies((event) -> assertThat(event.getName()).isEqualTo("exception"));
		assertThat(this.spans.finished().subList(0, 2)).extracting(SpanData::getParentSpanId)
			.containsOnly(this.spans.finished("http.client.requests").getSpanId());
	}

	@Test
	void loserOfARaceIsCancelledAndNoError() {
		NetTrace trace = this.spans.trace();
		trace.connectStart("tcp", PEER);
		trace.connectDone("tcp", PEER, new CancellationException("another attempt won"));
		SpanData span = this.spans.finished("socket connect");
		assertThat(span.getStatus().getStatusCode()).isEqualTo(StatusCode.OK);
		assertThat(span.getEvents()).isEmpty();
		assertThat(span.getAttributes().get(AttributeKey.stringKey("nettrace.connect.outcome"))).isEqualTo("cancelled");
		assertThat(span.getAttributes().get(AttributeKey.stringKey("error.type"))).isNull();
	}

	/**
	 * Micrometer prefers a thread's current span to the parent observation's; on an event
	 * loop it is anybody's.
	 */
	@Test
	void spanOfAnotherThreadIsNotTheParent() {
		Observation request = Observation.start("http.client.requests", this.spans.registry());
		NetTrace trace = request.scoped(() -> this.spans.trace());
		Span foreign = this.spans.tracer().nextSpan().name("foreign").start();
		Tracer.SpanInScope scope = this.spans.tracer().withSpan(foreign);
		trace.connectStart("tcp", PEER);
		scope.close();
		trace.connectDone("tcp", PEER, null);
		foreign.end();
		request.stop();
		assertThat(this.spans.finished("socket connect").getParentSpanId())
			.isEqualTo(this.spans.finished("http.client.requests").getSpanId());
	}

	@Test
	void racingAttemptsOnOtherThreadsKeepParentAndOutcome() throws Exception {
		int attempts = 64;
		ExecutorService threads = Executors.newFixedThreadPool(8);
		Observation request = Observation.start("http.client.requests", this.spans.registry());
		NetTrace trace = request.scoped(() -> this.spans.trace());
		CountDownLatch go = new CountDownLatch(1);
		List<Future<?>> done = new ArrayList<>();
		for (int i = 0; i < attempts; i++) {
			InetSocketAddress peer = new InetSocketAddress(address("10.0.0." + i), i);
			IOException failure = (i % 2 == 0) ? new ConnectException("Connection refused") : null;
			done.add(threads.submit(() -> {
				go.await();
				trace.connectStart("tcp", peer);
				trace.connectDone("tcp", peer, failure);
				return null;
			}));
		}
		go.countDown();
		for (Future<?> each : done) {
			each.get();
		}
		threads.shutdown();
		request.stop();
		String parent = this.spans.finished("http.client.requests").getSpanId();
		List<SpanData> connects = this.spans.finished()
			.stream()
			.filter((span) -> span.getName().equals("socket connect"))
			.toList();
		assertThat(connects).hasSize(attempts).allSatisfy((span) -> {
			assertThat(span.getParentSpanId()).isEqualTo(parent);
			Long port = span.getAttributes().get(AttributeKey.longKey("network.peer.port"));
			assertThat(span.getAttributes().get(AttributeKey.stringKey("network.peer.address")))
				.isEqualTo("10.0.0." + port);
			assertThat(span.getStatus().getStatusCode()).isEqualTo((port % 2 == 0) ? StatusCode.ERROR : StatusCode.OK);
		});
		assertThat(connects)
			.extracting((span) -> span.getAttributes().get(AttributeKey.longKey("nettrace.connect.attempt")))
			.doesNotHaveDuplicates();
	}

	@Test
	void hiddenAddressesAreNowhereOnTheSpan() throws UnknownHostException {
		OpenTelemetrySpans hiding = new OpenTelemetrySpans();
		hiding.handledBy(new NetTraceTracingObservationHandler(hiding.tracer(), true));
		NetTrace trace = hiding.trace((settings) -> settings.withSpanNames(SpanNames.SEMCONV));
		trace.dnsStart("api.test");
		IOException dns = new UnknownHostException("api.test: server 10.9.8.7 said no");
		dns.addSuppressed(new IOException("fe80::1%2 as well"));
		trace.dnsDone(List.of(address("10.1.2.3")), false, dns);
		InetAddress v6 = InetAddress.getByAddress("api.test", address("2001:db8::17").getAddress());
		InetSocketAddress peer = new InetSocketAddress(v6, 443);
		trace.connectStart("tcp", peer);
		trace.connectDone("tcp", peer,
				new ConnectException("Connect to [2001:db8:0:0:0:0:0:17]:443 failed: Connection refused: " + peer)
					.initCause(new IOException("10.1.2.3:443")));
		NetTrace literal = hiding.trace();
		literal.connectStart("tcp", PEER);
		literal.connectDone("tcp", PEER, null);
		assertThat(hiding.finished()).hasSize(3);
		assertThat(hiding.finished().toString()).doesNotContain("10.1.2.3", "10.9.8.7", "2001:", ":db8", "fe80:");
		assertThat(hiding.finished().get(0).getAttributes().get(AttributeKey.stringArrayKey("dns.answers"))).isNull();
		assertThat(hiding.finished().get(1).getName()).isEqualTo("socket connect _IP");
		assertThat(hiding.finished().get(1).getStatus().getDescription())
			.isEqualTo("Connect to [_IP]:443 failed: Connection refused: api.test/[_IP]:443");
		Attributes event = hiding.finished().get(1).getEvents().get(0).getAttributes();
		assertThat(event.get(AttributeKey.stringKey("exception.type"))).isEqualTo("java.net.ConnectException");
		assertThat(event.get(AttributeKey.stringKey("exception.stacktrace")))
			.startsWith("java.net.ConnectException: Connect to [_IP]:443 failed")
			.contains("Caused by: java.io.IOException: _IP:443")
			.doesNotContain("MaskedException");
		assertThat(hiding.finished().get(2).getAttributes().get(AttributeKey.stringKey("server.address")))
			.isEqualTo("_IP");
	}

	@Test
	void valuesOfFiltersAndOfTheApplicationAreShown() {
		this.spans.registry().observationConfig().observationFilter((context) -> {
			context.addLowCardinalityKeyValue(KeyValue.of("team", "blue"));
			context.addHighCardinalityKeyValue(KeyValue.of("network.peer.port", "secret"));
			context.removeHighCardinalityKeyValue("server.port");
			return context;
		});
		NetTrace trace = this.spans.trace();
		trace.connectStart("tcp", PEER);
		trace.connectDone("tcp", PEER, null);
		Attributes attributes = this.spans.finished("socket connect").getAttributes();
		assertThat(attributes.get(AttributeKey.stringKey("team"))).isEqualTo("blue");
		assertThat(attributes.get(AttributeKey.stringKey("network.peer.port"))).isEqualTo("secret");
		assertThat(attributes.get(AttributeKey.longKey("server.port"))).isNull();
	}

	@Test
	void unsampledOperationsEndQuietly() {
		OpenTelemetrySpans unsampled = new OpenTelemetrySpans(Sampler.alwaysOff());
		unsampled.handledBy(new NetTraceTracingObservationHandler(unsampled.tracer(), false));
		NetTrace trace = unsampled.trace();
		trace.connectStart("tcp", PEER);
		trace.connectDone("tcp", PEER, new ConnectException("Connection refused"));
		assertThat(unsampled.finished()).isEmpty();
	}

	@Test
	void namesFollowTheSemanticConventionsIfAskedTo() {
		NetTrace trace = this.spans.trace((settings) -> settings.withSpanNames(SpanNames.SEMCONV));
		trace.dnsStart("api.test");
		trace.dnsDone(List.of(), false, null);
		trace.connectStart("tcp", PEER);
		trace.connectDone("tcp", PEER, null);
		UnixDomainSocketAddress path = UnixDomainSocketAddress.of("/run/app.sock");
		trace.connectStart("unix", path);
		trace.connectDone("unix", path, null);
		assertThat(this.spans.finished()).extracting(SpanData::getName)
			.containsExactly("DNS lookup api.test", "socket connect 10.1.2.3:8443", "socket connect /run/app.sock");
	}

	private static InetAddress address(String literal) {
		try {
			return InetAddress.getByName(literal);
		}
		catch (UnknownHostException ex) {
			throw new IllegalArgumentException(ex);
		}
	}

}
