package io.nettrace.observation.span;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.TraceContext;
import io.nettrace.CloseInfo;
import io.nettrace.ConnectionInfo;
import io.nettrace.instrument.ConnectionRecord;
import io.nettrace.instrument.ConnectionRecordListener;

/**
 * The spans of the requests that have opened connections, as long as these are open: ids
 * only. A request on a kept connection links to them. Safe for use by several threads.
 */
public final class ConnectionOpeners implements ConnectionRecordListener {

	private static final Opener UNKNOWN = new Opener("", "", false);

	private final Map<Long, Opener> openers = new ConcurrentHashMap<>();

	private record Opener(String traceId, String spanId, boolean sampled) {

		static Opener of(TraceContext context) {
			return new Opener(Objects.requireNonNullElse(context.traceId(), ""),
					Objects.requireNonNullElse(context.spanId(), ""), Boolean.TRUE.equals(context.sampled()));
		}

	}

	@Override
	public void watch(ConnectionRecord connection) {
		this.openers.put(connection.id(), UNKNOWN);
	}

	@Override
	public void unwatch(ConnectionRecord connection, CloseInfo close) {
		this.openers.remove(connection.id());
	}

	/**
	 * Remember or link a request. A connection may be closed before its request is over.
	 */
	void visit(ConnectionInfo connection, Span span, OpenTelemetryBridge.Target target) {
		if (!connection.reused()) {
			this.openers.computeIfPresent(connection.id(), (id, present) -> Opener.of(span.context()));
			return;
		}
		Opener opener = this.openers.getOrDefault(connection.id(), UNKNOWN);
		if (!opener.spanId().isEmpty()) {
			target.link(opener.traceId(), opener.spanId(), opener.sampled());
		}
	}

}
