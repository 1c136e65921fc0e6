package io.nettrace.instrument;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.function.LongSupplier;

import io.nettrace.CloseInfo;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionListener;
import io.nettrace.PoolInfo;
import io.nettrace.TlsInfo;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a connection for as long as it lives. It holds numbers and times, and
 * nothing of a request, because it outlives the requests that use it. Tells the
 * {@link ConnectionListener}s. Safe for use by several threads.
 */
public final class ConnectionRecord {

	private final ConnectionListener listener;

	private final LongSupplier nanoTime;

	private final long id;

	private final PoolInfo pool;

	private final @Nullable SocketAddress localAddress;

	private final @Nullable SocketAddress peerAddress;

	private final long openedAt;

	// The rest is guarded by this

	private long idleSince;

	private int requests;

	private int active;

	private boolean open;

	private boolean opening;

	private @Nullable CloseInfo closedWhileOpening;

	private @Nullable String protocol;

	private @Nullable TlsInfo tls;

	ConnectionRecord(ConnectionListener listener, LongSupplier nanoTime, long id, PoolInfo pool,
			@Nullable SocketAddress localAddress, @Nullable SocketAddress peerAddress) {
		this.listener = listener;
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
			this.open = true;
			this.opening = true;
		}
		this.listener.opened(info());
		CloseInfo close;
		synchronized (this) {
			this.opening = false;
			close = this.closedWhileOpening;
		}
		if (close != null) {
			this.listener.closed(info(), close);
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
	 * Count an exchange that nothing listens to.
	 */
	public synchronized void count() {
		this.requests++;
	}

	/**
	 * The connection is idle again after an exchange that nothing listened to.
	 */
	public synchronized void idle() {
		this.idleSince = this.nanoTime.getAsLong();
	}

	/**
	 * An exchange has got the connection.
	 * @param protocol as in {@link ConnectionInfo#protocol()}
	 * @param handedOver whether it comes from the exchange before, which has not given it
	 * back to the pool
	 * @return the connection as the exchange has found it
	 */
	public ConnectionInfo acquire(@Nullable String protocol, boolean handedOver) {
		ConnectionInfo info;
		synchronized (this) {
			this.protocol = protocol;
			boolean reused = this.requests > 0;
			boolean wasIdle = reused && this.active == 0 && !handedOver;
			this.requests++;
			this.active++;
			long now = this.nanoTime.getAsLong();
			info = info(reused, wasIdle, wasIdle ? now - this.idleSince : 0, now);
		}
		this.listener.acquired(info);
		return info;
	}

	/**
	 * An exchange is done with the connection.
	 */
	public void release() {
		synchronized (this) {
			this.active--;
			idle();
		}
		this.listener.released(info());
	}

	/**
	 * The connection is closed. Only the first of several calls counts.
	 * @param close why, and by which side
	 */
	public void close(CloseInfo close) {
		synchronized (this) {
			if (!this.open) {
				return;
			}
			this.open = false;
			if (this.opening) {
				this.closedWhileOpening = close;
				return; // the thread that tells that it is opened tells this next
			}
		}
		this.listener.closed(info(), close);
	}

	private synchronized ConnectionInfo info() {
		long now = this.nanoTime.getAsLong();
		boolean idle = this.requests > 0 && this.active == 0;
		return info(this.requests > 0, idle, idle ? now - this.idleSince : 0, now);
	}

	private ConnectionInfo info(boolean reused, boolean wasIdle, long idleNanos, long now) {
		return new ConnectionInfo(this.id, this.pool, reused, wasIdle, Duration.ofNanos(idleNanos),
				Duration.ofNanos(now - this.openedAt), this.requests, this.active, this.localAddress, this.peerAddress,
				this.protocol, this.tls);
	}

}
