package io.nettrace.test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPOutputStream;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.proto.trace.v1.Status;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link OtlpReceiver}, {@link ReceivedSpan} and {@link ReceivedMeter}.
 */
class OtlpReceiverTests {

	private static final String PROTOBUF = "application/x-protobuf";

	private final OtlpReceiver receiver = OtlpReceiver.start();

	@AfterEach
	void close() {
		this.receiver.close();
	}

	@Test
	void decodesSpans() throws Exception {
		Span span = Span.newBuilder()
			.setTraceId(ByteString.fromHex("0af7651916cd43dd8448eb211c80319c"))
			.setSpanId(ByteString.fromHex("b7ad6b7169203331"))
			.setParentSpanId(ByteString.fromHex("00f067aa0ba902b7"))
			.setName("DNS lookup")
			.setKind(SpanKind.SPAN_KIND_INTERNAL)
			.setStartTimeUnixNano(1_000)
			.setEndTimeUnixNano(3_000)
			.setStatus(Status.newBuilder().setCode(StatusCode.STATUS_CODE_ERROR))
			.addAttributes(attribute("dns.answers",
					AnyValue.newBuilder()
						.setArrayValue(ArrayValue.newBuilder().addValues(text("127.0.0.1")).addValues(text("::1")))))
			.addAttributes(attribute("server.port", AnyValue.newBuilder().setIntValue(8080)))
			.addEvents(Span.Event.newBuilder().setName("exception"))
			.build();
		assertThat(post(this.receiver.tracesUrl(), PROTOBUF, request(span).toByteArray())).isEqualTo(200);
		assertThat(this.receiver.spans()).containsExactly(new ReceivedSpan("0af7651916cd43dd8448eb211c80319c",
				"b7ad6b7169203331", "00f067aa0ba902b7", "DNS lookup", SpanKind.SPAN_KIND_INTERNAL, 1_000,
				Duration.ofNanos(2_000), StatusCode.STATUS_CODE_ERROR,
				Map.of("dns.answers", List.of("127.0.0.1", "::1"), "server.port", 8080L), List.of("exception"),
				Map.of("service.name", "test")));
	}

	@Test
	void decodesMeters() throws Exception {
		Metric timer = Metric.newBuilder()
			.setName("dns.lookup.duration")
			.setUnit("milliseconds")
			.setHistogram(Histogram.newBuilder()
				.addDataPoints(HistogramDataPoint.newBuilder()
					.setCount(3)
					.setSum(12.5)
					.addExplicitBounds(5)
					.addBucketCounts(2)
					.addBucketCounts(1)
					.addAttributes(attribute("error.type", text("none")))))
			.build();
		Metric gauge = Metric.newBuilder()
			.setName("threads")
			.setGauge(Gauge.newBuilder().addDataPoints(NumberDataPoint.newBuilder().setAsInt(7)))
			.build();
		assertThat(post(this.receiver.metricsUrl(), PROTOBUF, request(timer, gauge).toByteArray())).isEqualTo(200);
		assertThat(this.receiver.meters()).containsExactly(
				new ReceivedMeter("dns.lookup.duration", "milliseconds", Metric.DataCase.HISTOGRAM,
						Map.of("error.type", "none"), 3, 12.5, List.of(5.0), List.of(2L, 1L)),
				new ReceivedMeter("threads", "", Metric.DataCase.GAUGE, Map.of(), 0, 7, List.of(), List.of()));
	}

	@Test
	void inflatesGzip() throws Exception {
		ByteArrayOutputStream zipped = new ByteArrayOutputStream();
		try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
			request(Span.newBuilder().setName("zipped").build()).writeTo(out);
		}
		assertThat(post(this.receiver.tracesUrl(), PROTOBUF, zipped.toByteArray(), "Content-Encoding", "gzip"))
			.isEqualTo(200);
		assertThat(this.receiver.awaitSpan((span) -> span.name().equals("zipped")).attributes()).isEmpty();
	}

	@Test
	void rejectsWhatItCannotRead() throws Exception {
		assertThat(post(this.receiver.tracesUrl(), "application/json", new byte[0])).isEqualTo(415);
		assertThat(post(this.receiver.tracesUrl(), PROTOBUF, new byte[] { 1, 2, 3 })).isEqualTo(400);
		assertThat(this.receiver.spans()).isEmpty();
	}

	@Test
	void waitsForASpanThatArrivesLater() throws Exception {
		CompletableFuture<ReceivedSpan> waiting = CompletableFuture.supplyAsync(
				() -> this.receiver.awaitSpan((span) -> span.name().equals("second")),
				(task) -> new Thread(task).start());
		post(this.receiver.tracesUrl(), PROTOBUF, request(Span.newBuilder().setName("first").build()).toByteArray());
		post(this.receiver.tracesUrl(), PROTOBUF, request(Span.newBuilder().setName("second").build()).toByteArray());
		assertThat(waiting.join().name()).isEqualTo("second");
	}

	@Test
	void forgetsWhenCleared() throws Exception {
		post(this.receiver.tracesUrl(), PROTOBUF, request(Span.getDefaultInstance()).toByteArray());
		this.receiver.clear();
		assertThat(this.receiver.spans()).isEmpty();
	}

	private static ExportTraceServiceRequest request(Span span) {
		ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
		request.addResourceSpansBuilder()
			.setResource(Resource.newBuilder().addAttributes(attribute("service.name", text("test"))))
			.addScopeSpansBuilder()
			.addSpans(span);
		return request.build();
	}

	private static ExportMetricsServiceRequest request(Metric... metrics) {
		ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
		request.addResourceMetricsBuilder().addScopeMetricsBuilder().addAllMetrics(List.of(metrics));
		return request.build();
	}

	private static KeyValue attribute(String key, AnyValue.Builder value) {
		return KeyValue.newBuilder().setKey(key).setValue(value).build();
	}

	private static AnyValue.Builder text(String value) {
		return AnyValue.newBuilder().setStringValue(value);
	}

	private static int post(String url, String type, byte[] body, String... headers)
			throws IOException, InterruptedException {
		HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
			.header("Content-Type", type)
			.POST(BodyPublishers.ofByteArray(body));
		if (headers.length > 0) {
			request.headers(headers);
		}
		return HttpClient.newHttpClient().send(request.build(), BodyHandlers.discarding()).statusCode();
	}

}
