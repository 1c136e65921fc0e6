package io.nettrace.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;

/**
 * What writes the record of a request with OpenTelemetry alone: each attribute that
 * nettrace gives to the span of a request on a pooled connection, and the link. It
 * invents what it writes, and takes the time as often as one who knows would have to.
 */
final class RecordByHand implements ExecChainHandler {

	private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

	private static final AttributeKey<String> PEER_ADDRESS = AttributeKey.stringKey("network.peer.address");

	private static final AttributeKey<Long> PEER_PORT = AttributeKey.longKey("network.peer.port");

	private static final AttributeKey<String> PROTOCOL = AttributeKey.stringKey("network.protocol.version");

	private static final AttributeKey<Long> ID = AttributeKey.longKey("nettrace.connection.id");

	private static final AttributeKey<Boolean> REUSED = AttributeKey.booleanKey("nettrace.connection.reused");

	private static final AttributeKey<Double> IDLE = AttributeKey.doubleKey("nettrace.connection.idle");

	private static final AttributeKey<Double> AGE = AttributeKey.doubleKey("nettrace.connection.age");

	private static final AttributeKey<Long> REQUESTS = AttributeKey.longKey("nettrace.connection.requests");

	private static final AttributeKey<Long> EXCHANGES = AttributeKey.longKey("nettrace.exchanges");

	private static final AttributeKey<Double> QUEUE = AttributeKey.doubleKey("nettrace.phase.queue");

	private static final AttributeKey<Double> SEND = AttributeKey.doubleKey("nettrace.phase.send");

	private static final AttributeKey<Double> WAIT = AttributeKey.doubleKey("nettrace.phase.wait");

	private static final AttributeKey<Double> RECEIVE = AttributeKey.doubleKey("nettrace.phase.receive");

	private static final AttributeKey<Double> OTHER = AttributeKey.doubleKey("nettrace.phase.other");

	private static final AttributeKey<String> VERDICT = AttributeKey.stringKey("nettrace.verdict");

	private final long openedAt = System.nanoTime();

	private final InetAddress peer = InetAddress.getLoopbackAddress();

	private final SpanContext opener = SpanContext.create("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331",
			TraceFlags.getSampled(), TraceState.getDefault());

	private long requests;

	@Override
	public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
			throws IOException, HttpException {
		long started = System.nanoTime();
		ClassicHttpResponse response = chain.proceed(request, scope);
		write(Span.current(), started, System.nanoTime());
		return response;
	}

	/**
	 * Write the record of a request.
	 * @param span the request's span
	 * @param started when the request started, as {@link System#nanoTime()} tells
	 * @param ended when it ended
	 */
	void write(Span span, long started, long ended) {
		long took = ended - started;
		span.setAttribute(PEER_ADDRESS, this.peer.getHostAddress());
		span.setAttribute(PEER_PORT, 12_345L);
		span.setAttribute(PROTOCOL, "1.1");
		span.setAttribute(ID, 1_234L);
		span.setAttribute(REUSED, true);
		span.setAttribute(IDLE, took / NANOS);
		span.setAttribute(AGE, (ended - this.openedAt) / NANOS);
		span.setAttribute(REQUESTS, ++this.requests);
		span.setAttribute(EXCHANGES, 1L);
		span.setAttribute(QUEUE, took / (5 * NANOS));
		span.setAttribute(SEND, took / (4 * NANOS));
		span.setAttribute(WAIT, took / (3 * NANOS));
		span.setAttribute(RECEIVE, took / (2 * NANOS));
		span.setAttribute(OTHER, took / (6 * NANOS));
		span.setAttribute(VERDICT, "wait");
		span.addLink(this.opener);
	}

}
