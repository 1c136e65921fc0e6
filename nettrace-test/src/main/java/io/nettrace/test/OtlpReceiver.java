package io.nettrace.test;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;

import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;

/**
 * Receives spans and meters over OTLP/HTTP with protobuf, gzip or not, on a port of
 * 127.0.0.1. Everything that arrives is kept until {@link #clear()}.
 */
public final class OtlpReceiver implements AutoCloseable {

	private static final String PROTOBUF = "application/x-protobuf";

	private final HttpServer server;

	private final ExecutorService executor;

	private final Queue<ReceivedSpan> spans = new ConcurrentLinkedQueue<>();

	private final Queue<ReceivedMeter> meters = new ConcurrentLinkedQueue<>();

	private final Changes changes = new Changes();

	private OtlpReceiver(HttpServer server) {
		this.server = server;
		this.executor = Executors.newCachedThreadPool((task) -> {
			Thread thread = new Thread(task, "otlp-receiver");
			thread.setDaemon(true);
			return thread;
		});
	}

	/**
	 * Start a receiver on a free port.
	 * @return the running receiver
	 */
	public static OtlpReceiver start() {
		try {
			OtlpReceiver receiver = new OtlpReceiver(
					HttpServer.create(new InetSocketAddress(IpAddress.of("127.0.0.1"), 0), 0));
			receiver.serve("/v1/traces", receiver::receiveTraces);
			receiver.serve("/v1/metrics", receiver::receiveMetrics);
			receiver.server.setExecutor(receiver.executor);
			receiver.server.start();
			return receiver;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void serve(String path, Message message) {
		this.server.createContext(path, (exchange) -> {
			try (exchange) {
				exchange.sendResponseHeaders(status(exchange, message), -1);
			}
		});
	}

	private static int status(HttpExchange exchange, Message message) throws IOException {
		if (!PROTOBUF.equals(exchange.getRequestHeaders().getFirst("Content-Type"))) {
			return 415;
		}
		boolean gzip = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
		InputStream body = exchange.getRequestBody();
		try (InputStream in = gzip ? new GZIPInputStream(body) : body) {
			message.receive(in);
			// An empty body is an empty response message
			exchange.getResponseHeaders().set("Content-Type", PROTOBUF);
			return 200;
		}
		catch (InvalidProtocolBufferException ex) {
			return 400;
		}
	}

	private void receiveTraces(InputStream in) throws IOException {
		ExportTraceServiceRequest.parseFrom(in)
			.getResourceSpansList()
			.stream()
			.map(ReceivedSpan::listOf)
			.forEach(this.spans::addAll);
		this.changes.announce();
	}

	private void receiveMetrics(InputStream in) throws IOException {
		ExportMetricsServiceRequest.parseFrom(in)
			.getResourceMetricsList()
			.stream()
			.flatMap((sender) -> sender.getScopeMetricsList().stream())
			.flatMap((scope) -> scope.getMetricsList().stream())
			.flatMap(ReceivedMeter::streamOf)
			.forEach(this.meters::add);
		this.changes.announce();
	}

	/**
	 * Return where to send spans.
	 * @return the URL
	 */
	public String tracesUrl() {
		return url("/v1/traces");
	}

	/**
	 * Return where to send meters.
	 * @return the URL
	 */
	public String metricsUrl() {
		return url("/v1/metrics");
	}

	private String url(String path) {
		return "http://127.0.0.1:" + this.server.getAddress().getPort() + path;
	}

	/**
	 * Return the spans that have arrived.
	 * @return the spans in the order of arrival
	 */
	public List<ReceivedSpan> spans() {
		return List.copyOf(this.spans);
	}

	/**
	 * Return the meters that have arrived, each time they were sent.
	 * @return the data points in the order of arrival
	 */
	public List<ReceivedMeter> meters() {
		return List.copyOf(this.meters);
	}

	/**
	 * Wait for a span, for at most 20 seconds.
	 * @param wanted matches the span
	 * @return the first span that matches
	 */
	public ReceivedSpan awaitSpan(Predicate<ReceivedSpan> wanted) {
		return await("span", this.spans, wanted);
	}

	/**
	 * Wait for a meter, for at most 20 seconds.
	 * @param wanted matches the data point
	 * @return the first data point that matches
	 */
	public ReceivedMeter awaitMeter(Predicate<ReceivedMeter> wanted) {
		return await("meter", this.meters, wanted);
	}

	private <T> T await(String kind, Collection<T> received, Predicate<T> wanted) {
		return this.changes.await(() -> received.stream().filter(wanted).findFirst().orElse(null),
				() -> "No such " + kind + " has arrived, only " + received);
	}

	/**
	 * Forget what has arrived.
	 */
	public void clear() {
		this.spans.clear();
		this.meters.clear();
	}

	/**
	 * Stop receiving.
	 */
	@Override
	public void close() {
		this.server.stop(0);
		this.executor.shutdownNow();
	}

	private interface Message {

		void receive(InputStream in) throws IOException;

	}

}
