package io.nettrace.observation.span;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.TraceContext;
import io.nettrace.CloseInfo;
import io.nettrace.ConnectionInfo;
import io.nettrace.instrument.ConnectionRecord;
import io.nettrace.instrument.ConnectionRecordListener;
import org.jspecify.annotations.Nullable;

/**
 * The spans of the requests that have opened connections: ids only. A request on a kept
 * connection links to them. Safe for use by several threads.
 */
public final class ConnectionOpeners implements ConnectionRecordListener {

	/**
	 * Brave's spans have no links. Micrometer's bridge writes those that it is given as
	 * tags with these names, and its exporters make links of them.
	 */
	private static final String LINKED_TRACE = "links[0].traceId";

	private static final String LINKED_SPAN = "links[0].spanId";

	private static final Opener UNKNOWN = new Opener("", "", null);

	private static final int MAX_CLOSED = 1_000;

	private final Map<Long, Opener> openers = new ConcurrentHashMap<>();

	/**
	 * Of connections that have been closed, the last ones: often a request is over only
	 * once its connection is closed, and above all if it has failed because of that.
	 */
	private final Map<Long, Opener> closed = Collections.synchronizedMap(new LinkedHashMap<>() {

		private static final long serialVersionUID = 1L;

		@Override
		protected boolean removeEldestEntry(Map.Entry<Long, Opener> eldest) {
			return size() > MAX_CLOSED;
		}

	});

	/**
	 * What a span that is linked to is known by.
	 *
	 * @param link what OpenTelemetry links with, which it checks when it is made
	 */
	private record Opener(String traceId, String spanId, OpenTelemetryBridge.@Nullable Link link) {

		static Opener of(TraceContext context) {
			String traceId = Objects.requireNonNullElse(context.traceId(), "");
			String spanId = Objects.requireNonNullElse(context.spanId(), "");
			return new Opener(traceId, spanId,
					OpenTelemetryBridge.link(traceId, spanId, Boolean.TRUE.equals(context.sampled())));
		}

		boolean isUnknown() {
			return this.spanId.isEmpty();
		}

	}

	@Override
	public void watch(ConnectionRecord connection) {
		this.openers.put(connection.id(), UNKNOWN);
	}

	@Override
	public void unwatch(ConnectionRecord connection, CloseInfo close) {
		Opener opener = this.openers.remove(connection.id());
		if (opener != null && !opener.isUnknown()) {
			this.closed.put(connection.id(), opener);
		}
	}

	/**
	 * Remember or link a request.
	 */
	void visit(ConnectionInfo connection, Span span, OpenTelemetryBridge.@Nullable Target target) {
		if (!connection.reused()) {
			this.openers.computeIfPresent(connection.id(), (id, present) -> Opener.of(span.context()));
			return;
		}
		Opener open = this.openers.get(connection.id());
		Opener opener = (open != null) ? open : this.closed.get(connection.id());
		if (opener == null || opener.isUnknown()) {
			return;
		}
		OpenTelemetryBridge.Link link = opener.link();
		if (target != null && link != null) {
			target.link(link);
		}
		else {
			span.tag(LINKED_TRACE, opener.traceId());
			span.tag(LINKED_SPAN, opener.spanId());
		}
	}

}
