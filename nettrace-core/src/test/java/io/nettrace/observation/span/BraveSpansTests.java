package io.nettrace.observation.span;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import brave.Tracing;
import brave.handler.MutableSpan;
import brave.handler.SpanHandler;
import brave.propagation.TraceContext;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler.FirstMatchingCompositeObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.RequestReplySenderContext;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.brave.bridge.BraveBaggageManager;
import io.micrometer.tracing.brave.bridge.BraveCurrentTraceContext;
import io.micrometer.tracing.brave.bridge.BraveFinishedSpan;
import io.micrometer.tracing.brave.bridge.BraveTracer;
import io.micrometer.tracing.exporter.FinishedSpan;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.handler.TracingObservationHandler;
import io.nettrace.ConnectionTarget;
import io.nettrace.NetTrace;
import io.nettrace.PoolInfo;
import io.nettrace.RequestInfo;
import io.nettrace.instrument.ConnectionRecord;
import io.nettrace.observation.ObservationNetTraceFactory;
import io.nettrace.observation.ObservationSettings;
import io.nettrace.observation.RequestRecorder;
import io.nettrace.observation.SpanNames;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The same with Brave, where OpenTelemetry's API is on the class path too.
 */
class BraveSpansTests {

	private final List<MutableSpan> spans = new ArrayList<>();

	private final Tracing tracing = Tracing.newBuilder().addSpanHandler(new Recorder()).build();

	private final Tracer tracer = new BraveTracer(this.tracing.tracer(),
			new BraveCurrentTraceContext(this.tracing.currentTraceContext()), new BraveBaggageManager());

	private ObservationSettings settings = ObservationSettings.defaults();

	private @Nullable Throwable failure;

	@AfterEach
	void close() {
		this.tracing.close();
	}

	@Test
	void spansHaveTheSameAttributesAsText() throws UnknownHostException {
		operateBelowARequest(new NetTraceTracingObservationHandler(this.tracer, false));
		MutableSpan lookup = this.spans.get(0);
		MutableSpan connect = this.spans.get(1);
		MutableSpan request = this.spans.get(2);
		assertThat(lookup.name()).isEqualTo("DNS lookup");
		assertThat(lookup.parentId()).isEqualTo(request.id());
		assertThat(lookup.tags())
			.containsExactlyInAnyOrderEntriesOf(Map.of("nettrace.client", "jetty", "dns.question.name", "api.test",
					"nettrace.dns.coalesced", "false", "dns.answers", "10.1.2.3,10.1.2.4"));
		assertThat(connect.name()).isEqualTo("socket connect");
		assertThat(connect.tags()).containsEntry("network.peer.port", "8443").doesNotContainKey("error.type");
	}

	@Test
	void eventsHaveNameAndTime() throws UnknownHostException {
		operateBelowARequest(new NetTraceEventObservationHandler(this.tracer, false, Duration.ZERO));
		MutableSpan request = this.spans.get(0);
		assertThat(this.spans).hasSize(1);
		assertThat(request.annotations()).extracting(Map.Entry::getValue)
			.containsExactly("DNS lookup", "socket connect");
	}

	@Test
	void hiddenAddressesAreNowhere() throws UnknownHostException {
		this.settings = this.settings.withSpanNames(SpanNames.SEMCONV);
		this.failure = new ConnectException("Connect to 10.1.2.3:8443 failed");
		operateBelowARequest(new NetTraceTracingObservationHandler(this.tracer, true));
		MutableSpan connect = this.spans.get(1);
		assertThat(connect.name()).isEqualTo("socket connect _IP:8443");
		assertThat(connect.error()).hasMessage("Connect to _IP:8443 failed");
		assertThat(this.spans.toString()).doesNotContain("10.1.2");
		this.spans.clear();
		operateBelowARequest(new NetTraceEventObservationHandler(this.tracer, true, Duration.ZERO));
		assertThat(this.spans).singleElement()
			.satisfies((request) -> assertThat(request.annotations()).extracting(Map.Entry::getValue)
				.containsExactly("DNS lookup api.test", "socket connect _IP:8443"));
	}

	/**
	 * Brave has no links. These are the tags that Micrometer's bridge writes in their
	 * place, and that its exporters make links of.
	 */
	@Test
	void requestOnAKeptConnectionNamesTheOneThatHasOpenedIt() {
		ConnectionOpeners openers = new ConnectionOpeners();
		RequestRecorder recorder = new RequestRecorder(List.of(new RequestSpanAttributes(false, openers)));
		ObservationRegistry registry = ObservationRegistry.create();
		registry.observationConfig()
			.observationHandler(new DefaultTracingObservationHandler(this.tracer))
			.observationHandler(recorder)
			.observationFilter(recorder);
		ConnectionRecord connection = new ConnectionRecord(openers, System::nanoTime, 7,
				new PoolInfo("jetty", "api.test", 443, 2), null, null);
		connection.opened();
		request(registry, connection);
		request(registry, connection);
		MutableSpan opener = this.spans.get(0);
		assertThat(opener.tags()).containsEntry("nettrace.connection.reused", "false")
			.doesNotContainKey("links[0].spanId");
		assertThat(this.spans.get(1).tags()).containsEntry("nettrace.connection.reused", "true")
			.containsEntry("links[0].traceId", opener.traceId())
			.containsEntry("links[0].spanId", opener.id());
		FinishedSpan exported = BraveFinishedSpan.fromBrave(this.spans.get(1));
		assertThat(exported.getLinks()).extracting((link) -> link.getTraceContext().spanId())
			.containsExactly(opener.id());
	}

	private void request(ObservationRegistry registry, ConnectionRecord connection) {
		ObservationNetTraceFactory factory = new ObservationNetTraceFactory(() -> registry,
				this.settings.withExchanges(true));
		Observation.createNotStarted("http.client.requests",
				() -> new RequestReplySenderContext<Object, Object>((carrier, key, value) -> {
				}), registry)
			.observe(() -> {
				NetTrace trace = factory.create(new RequestInfo("jetty", "api.test", 443, 1));
				trace.getConn(new ConnectionTarget("api.test", 443, true));
				trace.gotConn(Objects.requireNonNull(connection.acquire("1.1", false)));
				connection.release();
			});
	}

	private void operateBelowARequest(TracingObservationHandler<?> handler) throws UnknownHostException {
		ObservationRegistry registry = ObservationRegistry.create();
		registry.observationConfig()
			.observationHandler(new FirstMatchingCompositeObservationHandler(handler,
					new DefaultTracingObservationHandler(this.tracer)));
		Observation request = Observation.start("http.client.requests", registry);
		NetTrace trace = request.scoped(() -> new ObservationNetTraceFactory(() -> registry, this.settings)
			.create(new RequestInfo("jetty", null, -1, 1))
			.forDial());
		InetSocketAddress peer = new InetSocketAddress(InetAddress.getByName("10.1.2.3"), 8443);
		trace.dnsStart("api.test");
		trace.dnsDone(List.of(peer.getAddress(), InetAddress.getByName("10.1.2.4")), false, null);
		trace.connectStart("tcp", peer);
		trace.connectDone("tcp", peer, this.failure);
		request.stop();
	}

	private final class Recorder extends SpanHandler {

		@Override
		public boolean end(TraceContext context, MutableSpan span, Cause cause) {
			BraveSpansTests.this.spans.add(span);
			return true;
		}

	}

}
