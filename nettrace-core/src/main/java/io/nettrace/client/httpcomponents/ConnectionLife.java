package io.nettrace.client.httpcomponents;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

import io.nettrace.CloseInfo;
import io.nettrace.ConnectionInfo;
import io.nettrace.PoolInfo;
import io.nettrace.TlsInfo;
import io.nettrace.instrument.ConnectionRecord;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.core5.http.HttpConnection;
import org.jspecify.annotations.Nullable;

/**
 * The record of a connection: when it is opened, which exchanges get it, when it is
 * closed. The pool may close it on another thread than the one that uses it.
 */
final class ConnectionLife {

	private static final String PROTOCOL = "1.1"; // HTTP/1.0 is not told apart

	private final HttpConnection connection;

	private final NetTracing tracing;

	private volatile @Nullable ConnectionRecord connectionRecord;

	private volatile @Nullable CloseInfo closedAs;

	private volatile boolean toldOfExchange;

	private volatile boolean wasPooled;

	private volatile long pooledAt;

	ConnectionLife(HttpConnection connection, NetTracing tracing) {
		this.connection = connection;
		this.tracing = tracing;
	}

	boolean hasBegun() {
		return this.connectionRecord != null;
	}

	/**
	 * The connection is connected, and secured if it goes straight to a server with TLS.
	 * In a tunnel it is not ready for a request before the server's handshake.
	 * @param setup what is known of it, {@code null} if the library does not tell
	 */
	void begin(@Nullable ConnectionSetup setup) {
		ConnectionRecord connected = beginRecord((setup != null) ? setup.pool() : null);
		if (setup == null || !setup.isTunnelled()) {
			ready(connected, setup);
		}
	}

	private ConnectionRecord beginRecord(@Nullable PoolInfo pool) {
		SocketAddress peer = this.connection.getRemoteAddress();
		ConnectionRecord begun = this.tracing.connection((pool != null) ? pool : pool(peer),
				this.connection.getLocalAddress(), peer);
		this.connectionRecord = begun;
		CloseInfo closed = this.closedAs;
		if (closed != null) { // by another thread, in the meantime
			begun.close(closed);
		}
		return begun;
	}

	private static PoolInfo pool(SocketAddress peer) {
		InetSocketAddress inet = (peer instanceof InetSocketAddress address) ? address : null;
		return new PoolInfo(NetTraceHttpComponents.CLIENT, (inet != null) ? inet.getHostString() : "",
				(inet != null) ? inet.getPort() : -1, -1);
	}

	private static void ready(ConnectionRecord connection, @Nullable ConnectionSetup setup) {
		TlsInfo tls = (setup != null) ? setup.tls() : null;
		if (tls != null) {
			connection.secured(tls);
		}
		connection.opened();
	}

	/**
	 * The connection has been secured: in a tunnel, or because the server has switched to
	 * TLS.
	 * @param setup what is known of it, {@code null} if the library does not tell
	 */
	void upgraded(@Nullable ConnectionSetup setup) {
		ConnectionRecord connected = this.connectionRecord;
		if (connected != null) {
			ready(connected, setup);
		}
	}

	/**
	 * An exchange has got the connection.
	 * @param askedAt when it asked for one, as {@link System#nanoTime()} tells: if the
	 * connection was in use then, it is handed over
	 * @return the connection as the exchange has found it, {@code null} if another thread
	 * has closed it
	 */
	@Nullable ConnectionInfo acquired(long askedAt) {
		return acquired(this.wasPooled && this.pooledAt - askedAt > 0);
	}

	/**
	 * An exchange that calls no hooks has got the connection.
	 */
	void acquiredUnwatched() {
		if (this.tracing.watchesConnections()) {
			acquired(false);
		}
		else {
			record().count();
		}
	}

	private @Nullable ConnectionInfo acquired(boolean handedOver) {
		ConnectionInfo info = record().acquire(PROTOCOL, handedOver);
		this.toldOfExchange = info != null;
		return info;
	}

	/**
	 * An operator of the application's own tells nothing.
	 */
	private ConnectionRecord record() {
		ConnectionRecord begun = this.connectionRecord;
		return (begun != null) ? begun : beginRecord(null);
	}

	/**
	 * Whether an exchange has the connection of which listeners have been told.
	 */
	boolean isAcquired() {
		return this.toldOfExchange;
	}

	/**
	 * The pool has the connection back.
	 */
	void pooled() {
		this.pooledAt = System.nanoTime();
		this.wasPooled = true;
		ConnectionRecord released = this.connectionRecord;
		if (released != null && this.toldOfExchange) {
			this.toldOfExchange = false;
			released.release();
		}
		else if (released != null) {
			released.idle();
		}
	}

	/**
	 * The connection is closed.
	 * @param close why, and by which side
	 */
	void closed(CloseInfo close) {
		this.closedAs = close;
		ConnectionRecord closed = this.connectionRecord;
		if (closed != null) {
			closed.close(close);
		}
		this.toldOfExchange = false;
	}

}
