package io.nettrace.observation.span;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import io.micrometer.observation.Observation;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import io.nettrace.ConnectionInfo;
import io.nettrace.instrument.IpText;
import io.nettrace.observation.Phase;
import io.nettrace.observation.RequestRecord;
import io.nettrace.observation.RequestRecordKeyNames;
import io.nettrace.observation.RequestRecordSink;
import org.jspecify.annotations.Nullable;

/**
 * Writes the record of a request as attributes of the request's own span, with types, and
 * links a request on a kept connection to the one that has opened it.
 */
public final class RequestSpanAttributes implements RequestRecordSink {

	private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

	private final boolean hideAddresses;

	private final ConnectionOpeners openers;

	/**
	 * Create a writer.
	 * @param hideAddresses whether no IP address is shown
	 * @param openers knows who has opened a connection
	 */
	public RequestSpanAttributes(boolean hideAddresses, ConnectionOpeners openers) {
		this.hideAddresses = hideAddresses;
		this.openers = Objects.requireNonNull(openers, "'openers' must not be null");
	}

	@Override
	public void write(Observation.Context request, RequestRecord record) {
		TracingContext tracing = request.get(TracingContext.class);
		Span span = (tracing != null) ? tracing.getSpan() : null;
		if (span == null || span.isNoop() || record.exchanges() == 0) {
			return;
		}
		OpenTelemetryBridge.Target target = OpenTelemetryBridge.target(span);
		SpanAttributes.Sink sink = SpanSink.of(span, target);
		synchronized (record) { // once, not for each value
			write(request, record, span, target, sink);
		}
	}

	private void write(Observation.Context request, RequestRecord record, Span span,
			OpenTelemetryBridge.@Nullable Target target, SpanAttributes.Sink sink) {
		ConnectionInfo connection = record.connection();
		if (connection != null) {
			ConnectionOpeners.Known known = this.openers.of(connection);
			write(connection, known.peer(), sink);
			this.openers.visit(connection, known, span, target);
		}
		sink.put(RequestRecordKeyNames.EXCHANGES.asString(), (long) record.exchanges());
		for (Phase phase : Phase.ALL) {
			long nanos = record.nanos(phase);
			if (nanos > 0) {
				sink.put(key(phase).asString(), nanos / NANOS);
			}
		}
		sink.put(RequestRecordKeyNames.VERDICT.asString(), record.verdict(request.getError() != null).toString());
		if (!record.failures().isEmpty()) {
			write(record.failures(), sink);
		}
	}

	private static void write(List<RequestRecord.Failure> failures, SpanAttributes.Sink sink) {
		sink.put(RequestRecordKeyNames.FAILURES.asString(),
				failures.stream().map(RequestRecord.Failure::toString).toList());
		failures.stream()
			.map(RequestRecord.Failure::detail)
			.filter(Objects::nonNull)
			.findFirst()
			.ifPresent((detail) -> sink.put(RequestRecordKeyNames.VERDICT_DETAIL.asString(), detail));
	}

	private static RequestRecordKeyNames key(Phase phase) {
		return switch (phase) {
			case QUEUE -> RequestRecordKeyNames.PHASE_QUEUE;
			case DNS -> RequestRecordKeyNames.PHASE_DNS;
			case CONNECT -> RequestRecordKeyNames.PHASE_CONNECT;
			case PROXY -> RequestRecordKeyNames.PHASE_PROXY;
			case TLS -> RequestRecordKeyNames.PHASE_TLS;
			case SEND -> RequestRecordKeyNames.PHASE_SEND;
			case WAIT -> RequestRecordKeyNames.PHASE_WAIT;
			case RECEIVE -> RequestRecordKeyNames.PHASE_RECEIVE;
			case OTHER -> RequestRecordKeyNames.PHASE_OTHER;
		};
	}

	private void write(ConnectionInfo connection, @Nullable String peerText, SpanAttributes.Sink sink) {
		if (connection.peerAddress() instanceof InetSocketAddress peer && peer.getAddress() != null) {
			if (!this.hideAddresses) {
				sink.put(RequestRecordKeyNames.PEER_ADDRESS.asString(),
						(peerText != null) ? peerText : IpText.of(peer.getAddress()));
			}
			sink.put(RequestRecordKeyNames.PEER_PORT.asString(), (long) peer.getPort());
		}
		String protocol = connection.protocol();
		if (protocol != null) {
			sink.put(RequestRecordKeyNames.PROTOCOL_VERSION.asString(), protocol);
		}
		sink.put(RequestRecordKeyNames.CONNECTION_ID.asString(), connection.id());
		sink.put(RequestRecordKeyNames.CONNECTION_REUSED.asString(), connection.reused());
		if (connection.wasIdle()) {
			sink.put(RequestRecordKeyNames.CONNECTION_IDLE.asString(), connection.idleNanos() / NANOS);
		}
		sink.put(RequestRecordKeyNames.CONNECTION_AGE.asString(), connection.ageNanos() / NANOS);
		sink.put(RequestRecordKeyNames.CONNECTION_REQUESTS.asString(), (long) connection.requests());
	}

}
