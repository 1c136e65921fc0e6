package io.nettrace.client.httpcomponents;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.nettrace.NetTrace;
import io.nettrace.PoolInfo;
import io.nettrace.WaitInfo;
import io.nettrace.dial.AsyncDialer;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.core5.pool.ConnPoolControl;
import org.apache.hc.core5.reactor.ConnectionInitiator;
import org.apache.hc.core5.reactor.IOReactorService;
import org.apache.hc.core5.reactor.IOReactorStatus;
import org.apache.hc.core5.reactor.IOSession;
import org.apache.hc.core5.reactor.IOSessionListener;
import org.apache.hc.core5.reactor.ProtocolIOSession;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of one connection manager. The I/O reactor tells of the end of a
 * session by its id, and the pool of its limits.
 */
final class AsyncConnections {

	private final NetTracing tracing;

	private final @Nullable ConnPoolControl<HttpRoute> pool;

	private volatile @Nullable AsyncDialer dialer;

	private boolean socks;

	private final Map<String, TracedSession> open = new ConcurrentHashMap<>();

	private final Set<PoolWait> waiting = ConcurrentHashMap.newKeySet();

	private volatile @Nullable ConnectionInitiator reactor;

	private volatile boolean closing;

	private volatile @Nullable Thread evictingIdle;

	AsyncConnections(NetTracing tracing, @Nullable ConnPoolControl<HttpRoute> pool) {
		this.tracing = tracing;
		this.pool = pool;
	}

	NetTracing tracing() {
		return this.tracing;
	}

	/**
	 * Begin a dial whose addresses may race.
	 * @param attempts makes the attempts
	 * @return the race, or {@code null} if there is none
	 */
	@Nullable RacingInitiator race(ConnectionInitiator attempts) {
		AsyncDialer dialer = this.dialer;
		return (dialer != null) ? new RacingInitiator(attempts, dialer) : null;
	}

	/**
	 * Let the addresses of each host race. Through a SOCKS proxy there is nothing to
	 * race: the proxy connects.
	 * @param dialer lets them
	 * @param isSocks whether a client that uses these connections has such a proxy
	 */
	synchronized void letRace(AsyncDialer dialer, boolean isSocks) {
		this.socks |= isSocks;
		this.dialer = this.socks ? null : dialer;
	}

	/**
	 * A transport is connected.
	 * @param session the library's session
	 * @param route what the connection is for
	 * @param dial the trace of the dial
	 * @return what the library is to use in its place
	 */
	IOSession connected(IOSession session, HttpRoute route, NetTrace dial) {
		if (!(session instanceof ProtocolIOSession protocolSession)) {
			return session;
		}
		TracedSession traced = new TracedSession(protocolSession, this, poolInfo(route), dial);
		this.open.put(traced.getId(), traced);
		return traced;
	}

	void remove(@Nullable String id, TracedSession session) {
		if (id != null) {
			this.open.remove(id, session);
		}
	}

	private PoolInfo poolInfo(HttpRoute route) {
		ConnPoolControl<HttpRoute> limits = this.pool;
		return (limits != null) ? Routes.pool(NetTraceHttpComponentsAsync.CLIENT, route, limits)
				: Routes.pool(NetTraceHttpComponentsAsync.CLIENT, route, -1);
	}

	/**
	 * Why an exchange that has asked for a connection has none yet.
	 * @param route what it has asked for a connection to
	 * @return the reason; {@code null} if it does not wait for the pool: what it gets is
	 * being checked
	 */
	WaitInfo.@Nullable Reason reasonToWait(HttpRoute route) {
		ConnPoolControl<HttpRoute> limits = this.pool;
		if (limits == null) {
			return WaitInfo.Reason.UNKNOWN;
		}
		return (limits.getStats(route).getPending() > 0) ? Routes.reasonToWait(route, limits) : null;
	}

	void waits(PoolWait wait) {
		this.waiting.add(wait);
		if (this.closing) {
			wait.poolIsClosed();
		}
	}

	void waited(PoolWait wait) {
		this.waiting.remove(wait);
	}

	/**
	 * Take note of the I/O reactor, which a client closes before its connection manager.
	 */
	void connectsWith(ConnectionInitiator initiator) {
		this.reactor = initiator;
	}

	boolean isClosing() {
		return this.closing || (this.reactor instanceof IOReactorService service
				&& service.getStatus().compareTo(IOReactorStatus.ACTIVE) > 0);
	}

	/**
	 * The pool is about to be closed.
	 */
	void close() {
		this.closing = true;
	}

	/**
	 * The pool has been closed. It drops what waits for it, and the I/O reactor, if it is
	 * closed at once, its sessions, without a word (httpcore 5.4, {@code StrictConnPool}
	 * and {@code AbstractSingleCoreIOReactor}).
	 */
	void closed() {
		this.waiting.forEach(PoolWait::poolIsClosed);
		this.open.values().forEach(TracedSession::disconnected);
	}

	/**
	 * Close connections that are idle for too long.
	 */
	void evictIdle(Runnable eviction) {
		this.evictingIdle = Thread.currentThread();
		try {
			eviction.run();
		}
		finally {
			this.evictingIdle = null;
		}
	}

	boolean isEvictingIdle() {
		return this.evictingIdle == Thread.currentThread();
	}

	/**
	 * Return what the I/O reactor is to tell of its sessions.
	 * @param listener the application's, or {@code null}
	 */
	IOSessionListener listener(@Nullable IOSessionListener listener) {
		return new SessionEnds(listener);
	}

	/**
	 * Tells a connection that its session has ended.
	 */
	final class SessionEnds implements IOSessionListener {

		private final @Nullable IOSessionListener delegate;

		SessionEnds(@Nullable IOSessionListener delegate) {
			this.delegate = delegate;
		}

		@Override
		public void connected(IOSession session) {
			if (this.delegate != null) {
				this.delegate.connected(session);
			}
		}

		@Override
		public void startTls(IOSession session) {
			if (this.delegate != null) {
				this.delegate.startTls(session);
			}
		}

		@Override
		public void inputReady(IOSession session) {
			if (this.delegate != null) {
				this.delegate.inputReady(session);
			}
		}

		@Override
		public void outputReady(IOSession session) {
			if (this.delegate != null) {
				this.delegate.outputReady(session);
			}
		}

		@Override
		public void timeout(IOSession session) {
			if (this.delegate != null) {
				this.delegate.timeout(session);
			}
		}

		@Override
		public void exception(IOSession session, Exception ex) {
			if (this.delegate != null) {
				this.delegate.exception(session, ex);
			}
		}

		@Override
		public void disconnected(IOSession session) {
			String id = session.getId();
			TracedSession traced = (id != null) ? AsyncConnections.this.open.get(id) : null;
			if (traced != null) {
				traced.disconnected();
			}
			if (this.delegate != null) {
				this.delegate.disconnected(session);
			}
		}

	}

}
