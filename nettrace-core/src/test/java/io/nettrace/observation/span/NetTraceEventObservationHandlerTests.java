package io.nettrace.observation.span;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import io.micrometer.observation.Observation;
import io.nettrace.NetTrace;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class NetTraceEventObservationHandlerTests {

	private static final AttributeKey<Double> DURATION = AttributeKey.doubleKey("nettrace.duration");

	private final OpenTelemetrySpans spans = new OpenTelemetrySpans();

	@Test
	void operationsAreEventsOfTheRequestWithTheSameAttributes() {
		SpanData request = request(false, Duration.ZERO, NetTraceEventObservationHandlerTests::operate);
		assertThat(request.getEvents()).extracting(EventData::getName).containsExactly("DNS lookup", "socket connect");
		Attributes lookup = request.getEvents().get(0).getAttributes();
		assertThat(lookup.get(DURATION)).isPositive();
		assertThat(lookup.toBuilder().remove(DURATION).build()).isEqualTo(Attributes.builder()
			.put("nettrace.client", "reactor-netty")
			.put("dns.question.name", "api.test")
			.put("nettrace.dns.coalesced", "false")
			.put(AttributeKey.stringArrayKey("dns.answers"), List.of("10.1.2.3"))
			.build());
		Attributes connect = request.getEvents().get(1).getAttributes();
		assertThat(connect.get(AttributeKey.longKey("network.peer.port"))).isEqualTo(8443);
		assertThat(connect.get(AttributeKey.stringKey("error.type"))).isEqualTo("connection_refused");
		assertThat(request.getStatus().getStatusCode()).isEqualTo(StatusCode.OK);
		assertThat(this.spans.finished()).hasSize(1);
	}

	@Test
	void shortOnesAreLeftOutUnlessTheyFailed() {
		SpanData request = request(false, Duration.ofHours(1), NetTraceEventObservationHandlerTests::operate);
		assertThat(request.getEvents()).extracting(EventData::getName).containsExactly("socket connect");
	}

	@Test
	void hiddenAddressesAreNotOnEvents() {
		SpanData request = request(true, Duration.ZERO, NetTraceEventObservationHandlerTests::operate);
		assertThat(request.getEvents()).hasSize(2);
		assertThat(request.getEvents().toString()).doesNotContain("10.1.2.3");
	}

	@Test
	void withoutARequestThereIsNothingToWriteTo() {
		this.spans.handledBy(new NetTraceEventObservationHandler(this.spans.tracer(), false, Duration.ZERO));
		operate(this.spans.trace());
		assertThat(this.spans.finished()).isEmpty();
	}

	private SpanData request(boolean hideAddresses, Duration minDuration, Consumer<NetTrace> operation) {
		this.spans.handledBy(new NetTraceEventObservationHandler(this.spans.tracer(), hideAddresses, minDuration));
		Observation request = Observation.start("http.client.requests", this.spans.registry());
		NetTrace trace = request.scoped(() -> this.spans.trace());
		operation.accept(trace);
		request.stop();
		return this.spans.finished("http.client.requests");
	}

	private static void operate(NetTrace trace) {
		try {
			InetSocketAddress peer = new InetSocketAddress(InetAddress.getByName("10.1.2.3"), 8443);
			trace.dnsStart("api.test");
			trace.dnsDone(List.of(peer.getAddress()), false, null);
			trace.connectStart("tcp", peer);
			trace.connectDone("tcp", peer, new ConnectException("Connection refused: 10.1.2.3"));
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
