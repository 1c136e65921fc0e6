package io.nettrace.observation.span;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
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
import io.nettrace.instrument.IpText;
import org.jspecify.annotations.Nullable;

/**
 * What the spans of requests say of a connection and what is made once for all of them:
 * the text of the peer's address, and a link to the request that has opened it, of whose
 * span it keeps ids only. Safe for use by several threads.
 */
public final class ConnectionOpeners implements ConnectionRecordListener {

	/**
	 * Brave's spans have no links. Micrometer's bridge writes those that it is given as
	 * tags with these names, and its exporters make links of them.
	 */
	private static final String LINKED_TRACE = "links[0].traceId";

	private static final String LINKED_SPAN = "links[0].spanId";

	private static final int MAX_CLOSED = 1_000;

	private final Map<Long, Known> open = new ConcurrentHashMap<>();

	/**
	 * Of connections that have been closed, the last ones: often a request is over only
	 * once its connection is closed, and above all if it has failed because of that.
	 */
	private final Map<Long, Known> closed = Collections.synchronizedMap(new LinkedHashMap<>() {

		private static final long serialVersionUID = 1L;

		@Override
		protected boolean removeEldestEntry(Map.Entry<Long, Known> eldest) {
			return size() > MAX_CLOSED;
		}

	});

	/**
	 * What a span that is linked to is known by.
	 *
	 * @param link what OpenTelemetry links with, which it checks when it is made
	 */
	record Opener(String traceId, String spanId, OpenTelemetryBridge.@Nullable Link link) {

		static Opener of(TraceContext context) {
			String traceId = Objects.requireNonNullElse(context.traceId(), "");
			String spanId = Objects.requireNonNullElse(context.spanId(), "");
			return new Opener(traceId, spanId,
					OpenTelemetryBridge.link(traceId, spanId, Boolean.TRUE.equals(context.sampled())));
		}

	}

	/**
	 * A connection.
	 *
	 * @param address where it leads to: another application's connection may have the
	 * same number
	 * @param peer the text of the address, {@code null} if that is none
	 * @param opener the request that has opened it, {@code null} if it is not known
	 */
	record Known(@Nullable SocketAddress address, @Nullable String peer, @Nullable Opener opener) {

		static final Known UNKNOWN = new Known(null, null, null);

		static Known to(@Nullable SocketAddress peer) {
			return new Known(peer, (peer instanceof InetSocketAddress inet && inet.getAddress() != null)
					? IpText.of(inet.getAddress()) : null, null);
		}

		Known by(TraceContext context) {
			return new Known(this.address, this.peer, Opener.of(context));
		}

	}

	@Override
	public void watch(ConnectionRecord connection) {
		this.open.put(connection.id(), Known.to(connection.peerAddress()));
	}

	@Override
	public void unwatch(ConnectionRecord connection, CloseInfo close) {
		Known closed = this.open.remove(connection.id());
		if (closed != null) {
			this.closed.put(connection.id(), closed);
		}
	}

	/**
	 * Return what is known of a connection.
	 */
	Known of(ConnectionInfo connection) {
		Long id = connection.id();
		Known open = this.open.get(id);
		Known known = (open != null) ? open : this.closed.get(id);
		return (known != null && known.address() == connection.peerAddress()) ? known : Known.UNKNOWN;
	}

	/**
	 * Remember the request that has opened its connection, and link another one to it.
	 */
	void visit(ConnectionInfo connection, Known known, Span span, OpenTelemetryBridge.@Nullable Target target) {
		Opener opener = known.opener();
		if (!connection.reused()) {
			this.open.replace(connection.id(), known, known.by(span.context()));
		}
		else if (opener != null) {
			link(opener, span, target);
		}
	}

	private static void link(Opener opener, Span span, OpenTelemetryBridge.@Nullable Target target) {
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
