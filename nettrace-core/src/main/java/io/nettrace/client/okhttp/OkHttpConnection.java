package io.nettrace.client.okhttp;

import java.net.Socket;

import io.nettrace.CloseInfo;
import io.nettrace.CloseReason;
import io.nettrace.ConnectionInfo;
import io.nettrace.instrument.ConnectionRecord;
import org.jspecify.annotations.Nullable;

/**
 * A connection, for as long as it lives. It holds nothing of a call.
 */
final class OkHttpConnection {

	private final Socket socket;

	private final ConnectionRecord record;

	private volatile @Nullable CloseInfo close;

	/**
	 * Which exchange has the connection, if it can only have one. Guarded by this.
	 */
	private @Nullable OkHttpExchange user;

	OkHttpConnection(Socket socket, ConnectionRecord record) {
		this.socket = socket;
		this.record = record;
	}

	Socket socket() {
		return this.socket;
	}

	ConnectionRecord record() {
		return this.record;
	}

	/**
	 * An exchange gets the connection. OkHttp gives one back to its pool before it says
	 * so, when another exchange may have got it already.
	 * @return as {@link ConnectionRecord#acquire}
	 */
	synchronized @Nullable ConnectionInfo acquire(OkHttpExchange exchange, String protocol, boolean handedOver,
			boolean shared) {
		if (this.user != null) {
			this.record.release();
		}
		this.user = shared ? null : exchange;
		return this.record.acquire(protocol, handedOver);
	}

	/**
	 * An exchange gives the connection back, unless another one has it by now.
	 */
	@SuppressWarnings("ReferenceEquality") // it is the one
	synchronized void release(OkHttpExchange exchange, boolean shared) {
		if (shared || this.user == exchange) {
			this.user = null;
			this.record.release();
		}
	}

	/**
	 * The connection is about to be closed, for a reason that only an exchange knows.
	 */
	void closesBecause(CloseInfo close) {
		if (this.close == null) {
			this.close = close;
		}
	}

	boolean isClosed() {
		return this.socket.isClosed();
	}

	boolean isIdle() {
		return this.record.activeNanos() < 0;
	}

	/**
	 * Tell that the connection is closed, if it is.
	 */
	boolean closeIfClosed() {
		if (!isClosed()) {
			return false;
		}
		CloseInfo close = this.close;
		this.record.close((close != null) ? close : CloseInfo.of(CloseReason.UNKNOWN));
		return true;
	}

}
