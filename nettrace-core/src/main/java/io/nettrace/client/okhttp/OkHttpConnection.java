package io.nettrace.client.okhttp;

import java.net.Socket;

import io.nettrace.CloseInfo;
import io.nettrace.CloseReason;
import io.nettrace.instrument.ConnectionRecord;
import org.jspecify.annotations.Nullable;

/**
 * A connection, for as long as it lives. It holds nothing of a call.
 */
final class OkHttpConnection {

	private final Socket socket;

	private final ConnectionRecord record;

	private volatile @Nullable CloseInfo close;

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
