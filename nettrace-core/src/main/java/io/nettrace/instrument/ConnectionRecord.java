package io.nettrace.instrument;

import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

import io.nettrace.CloseInfo;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionListener;
import io.nettrace.PoolInfo;
import io.nettrace.TlsInfo;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a connection for as long as it lives. It holds numbers and times, and
 * nothing of a request, because it outlives the requests that use it. Tells its listener,
 * whatever the threads that use and close the connection do at once: first that it is
 * open, last that it is closed, and before that of each exchange that has it that it is
 * released. Safe for use by several threads.
 */
public final class ConnectionRecord {

	private enum State {

		CONNECTED, OPEN, CLOSED

	}

	private final ConnectionRecordListener listener;

	private final boolean isTold;

	private final boolean isToldOfExchanges;

	private final LongSupplier nanoTime;

	private final long id;

	private final PoolInfo pool;

	private final @Nullable SocketAddress localAddress;

	private final @Nullable SocketAddress peerAddress;

	private final long openedAt;

	// The rest is guarded by this

	private final Queue<Consumer<ConnectionRecordListener>> untold = new ArrayDeque<>(2);

	private boolean telling;

	private State state = State.CONNECTED;

	private boolean kept;

	private long idleSince;

	private long activeSince;

	private int requests;

	private int active;

	private @Nullable String protocol;

	private @Nullable TlsInfo tls;

	/**
	 * Begin the record of a connection that has just been connected.
	 * @param listener is told of it
	 * @param nanoTime tells the time, as {@link System#nanoTime()} does
	 * @param id as in {@link ConnectionInfo#id()}
	 * @param pool the pool that it belongs to
	 * @param localAddress this side's address, or {@code null}
	 * @param peerAddress the server's address, or the proxy's, or {@code null}
	 */
	public ConnectionRecord(ConnectionRecordListener listener, LongSupplier nanoTime, long id, PoolInfo pool,
			@Nullable SocketAddress localAddress, @Nullable SocketAddress peerAddress) {
		this.listener = listener;
		this.isTold = listener.isNeeded();
		this.isToldOfExchanges = this.isTold && listener.hearsExchanges();
		this.nanoTime = nanoTime;
		this.id = id;
		this.pool = pool;
		this.localAddress = localAddress;
		this.peerAddress = peerAddress;
		this.openedAt = nanoTime.getAsLong();
		this.idleSince = this.openedAt;
	}

	/**
	 * The connection is ready for its first request. One that is closed before, because
	 * its handshake has failed, was never open.
	 */
	public void opened() {
		synchronized (this) {
			open();
		}
		tell();
	}

	private void open() {
		if (this.state == State.CONNECTED) {
			this.state = State.OPEN;
			toTell(ConnectionListener::opened);
			if (this.isTold) {
				this.untold.add((listener) -> listener.watch(this));
			}
		}
	}

	/**
	 * The handshake with the server has succeeded.
	 * @param tls what was agreed on
	 */
	public synchronized void secured(TlsInfo tls) {
		this.tls = tls;
	}

	/**
	 * The connection has been kept for a request, perhaps before it carried any: what it
	 * was opened for has been given up, or has got another connection meanwhile. As in
	 * Go, the request that gets it then uses it again.
	 */
	public synchronized void keep() {
		this.kept = true;
	}

	/**
	 * Count an exchange that nothing listens to.
	 */
	public synchronized void count() {
		this.requests++;
	}

	/**
	 * The connection is idle again after an exchange that nothing listened to.
	 */
	public synchronized void idle() {
		if (this.active == 0) {
			this.idleSince = this.nanoTime.getAsLong();
		}
	}

	/**
	 * An exchange has got the connection, which is open then, if the client has not said
	 * so.
	 * @param protocol as in {@link ConnectionInfo#protocol()}
	 * @param handedOver whether it comes from the exchange before, which has not given it
	 * back to the pool
	 * @return the connection as the exchange has found it, or {@code null} if it was
	 * closed in the meantime: the exchange has not got it
	 */
	public @Nullable ConnectionInfo acquire(@Nullable String protocol, boolean handedOver) {
		ConnectionInfo info;
		synchronized (this) {
			if (this.state == State.CLOSED) {
				return null;
			}
			open();
			this.protocol = protocol;
			boolean reused = isUsed();
			boolean wasIdle = reused && this.active == 0 && !handedOver;
			this.requests++;
			long now = this.nanoTime.getAsLong();
			if (this.active++ == 0) {
				this.activeSince = now;
			}
			info = info(reused, wasIdle, wasIdle ? now - this.idleSince : 0, now);
			if (this.isToldOfExchanges) {
				this.untold.add((listener) -> listener.acquired(info));
			}
		}
		tell();
		return info;
	}

	/**
	 * An exchange is done with the connection. When the connection is closed, it is so
	 * already.
	 */
	public void release() {
		synchronized (this) {
			if (this.state == State.CLOSED) {
				return;
			}
			released();
		}
		tell();
	}

	private void released() {
		this.active--;
		idle();
		toTell(ConnectionListener::released);
	}

	/**
	 * The connection is closed. Only the first of several calls counts.
	 * @param close why, and by which side
	 */
	public void close(CloseInfo close) {
		synchronized (this) {
			if (this.state == State.OPEN) {
				while (this.active > 0) {
					released();
				}
				toTell((listener, info) -> listener.closed(info, close));
				if (this.isTold) {
					this.untold.add((listener) -> listener.unwatch(this, close));
				}
			}
			this.state = State.CLOSED;
		}
		tell();
	}

	private void toTell(BiConsumer<ConnectionListener, ConnectionInfo> event) {
		if (this.isToldOfExchanges) {
			ConnectionInfo info = info();
			this.untold.add((listener) -> event.accept(listener, info));
		}
	}

	/**
	 * Without the lock: a thread that finds another one telling leaves it to that one.
	 */
	private void tell() {
		for (Consumer<ConnectionRecordListener> event = next(false); event != null; event = next(true)) {
			event.accept(this.listener);
		}
	}

	private synchronized @Nullable Consumer<ConnectionRecordListener> next(boolean isTelling) {
		if (this.telling && !isTelling) {
			return null;
		}
		Consumer<ConnectionRecordListener> next = this.untold.poll();
		this.telling = next != null;
		return next;
	}

	/**
	 * Return the number of the connection.
	 * @return as in {@link ConnectionInfo#id()}
	 */
	public long id() {
		return this.id;
	}

	/**
	 * Return the pool that the connection belongs to.
	 * @return the pool
	 */
	public PoolInfo pool() {
		return this.pool;
	}

	/**
	 * Return where the connection leads to.
	 * @return as in {@link ConnectionInfo#peerAddress()}
	 */
	public @Nullable SocketAddress peerAddress() {
		return this.peerAddress;
	}

	/**
	 * Return what the handshake with the server has agreed on.
	 * @return the handshake, or {@code null} without TLS
	 */
	public synchronized @Nullable TlsInfo tls() {
		return this.tls;
	}

	/**
	 * Return how long the connection has been there.
	 * @return nanoseconds
	 */
	public long ageNanos() {
		return this.nanoTime.getAsLong() - this.openedAt;
	}

	/**
	 * Return how long the connection has not been idle.
	 * @return nanoseconds, with several streams since the first of them; -1 if it is idle
	 */
	public synchronized long activeNanos() {
		return (this.active > 0) ? this.nanoTime.getAsLong() - this.activeSince : -1;
	}

	private boolean isUsed() {
		return this.kept || this.requests > 0;
	}

	private ConnectionInfo info() {
		long now = this.nanoTime.getAsLong();
		boolean idle = isUsed() && this.active == 0;
		return info(isUsed(), idle, idle ? now - this.idleSince : 0, now);
	}

	private ConnectionInfo info(boolean reused, boolean wasIdle, long idleNanos, long now) {
		return new ConnectionInfo(this.id, this.pool, reused, wasIdle, idleNanos, now - this.openedAt, this.requests,
				this.active, this.localAddress, this.peerAddress, this.protocol, this.tls);
	}

}
