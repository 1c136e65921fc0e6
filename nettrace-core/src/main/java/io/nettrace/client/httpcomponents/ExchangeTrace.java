package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.util.Objects;

import io.nettrace.CloseInfo;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.Hook;
import io.nettrace.InterimResponse;
import io.nettrace.NetTrace;
import io.nettrace.PutIdleInfo;
import io.nettrace.ResponseInfo;
import io.nettrace.WaitInfo;
import io.nettrace.WroteRequestInfo;
import io.nettrace.instrument.ConnectionWait;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.core5.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/**
 * Calls the hooks of one exchange, from where it asks for a connection to where the
 * connection is put back or closed. It may be aborted by another thread than its own.
 */
final class ExchangeTrace {

	private final NetTrace hooks;

	private final ConnectionTarget target;

	private final long askedAt = System.nanoTime();

	private volatile @Nullable ConnectionInfo connection;

	private boolean asked;

	private boolean expectsContinue;

	private boolean responds;

	private volatile boolean executing = true;

	private volatile boolean completed;

	private volatile int status;

	// Guarded by this

	private boolean writing;

	private int calling;

	private boolean over;

	private boolean endWaits;

	// Written before the end is told

	private @Nullable Throwable error;

	private @Nullable Throwable unwritten;

	private boolean writesOn;

	private ExchangeTrace(NetTrace hooks, ConnectionTarget target) {
		this.hooks = hooks;
		this.target = target;
	}

	/**
	 * Begin an exchange: it asks for a connection.
	 * @param hooks the hooks of the request
	 * @param target what it asks for a connection to
	 */
	static ExchangeTrace begin(NetTrace hooks, ConnectionTarget target) {
		ExchangeTrace exchange = prepare(hooks, target);
		exchange.asks();
		return exchange;
	}

	/**
	 * Make an exchange that is about to ask for a connection. It tells nothing before it
	 * asks a traced connection manager: of the connections of another one nothing would
	 * be known.
	 * @param hooks the hooks of the request
	 * @param target what it is to ask for a connection to
	 */
	static ExchangeTrace prepare(NetTrace hooks, ConnectionTarget target) {
		return new ExchangeTrace(hooks, target);
	}

	/**
	 * The exchange asks for a connection.
	 */
	void asks() {
		if (!this.asked) {
			this.asked = true;
			this.hooks.getConn(this.target);
		}
	}

	/**
	 * The pool has nothing for the exchange yet.
	 * @param reason what it waits for
	 * @return the wait, to be ended
	 */
	ConnectionWait waits(WaitInfo.Reason reason) {
		return ConnectionWait.start(this.hooks, this.target, reason);
	}

	/**
	 * When the exchange has asked for a connection, as {@link System#nanoTime()} tells: a
	 * connection that was in use then is handed over.
	 */
	long askedAt() {
		return this.askedAt;
	}

	/**
	 * The exchange has its connection, and is about to be written.
	 */
	void sends(ConnectionInfo info) {
		asks(); // the manager does not tell if it cannot be watched
		this.connection = info;
		if (begins()) {
			try {
				this.hooks.gotConn(info);
			}
			finally {
				ends();
			}
		}
	}

	/**
	 * The head of the request has been written.
	 */
	void wroteHead() {
		if (beginsToWrite()) {
			try {
				this.hooks.wroteHeaders(connection());
			}
			finally {
				ends();
			}
		}
	}

	/**
	 * The body waits for {@code 100 Continue}.
	 */
	void waitsToContinue() {
		if (begins()) {
			this.expectsContinue = true;
			try {
				this.hooks.wait100Continue(connection());
			}
			finally {
				ends();
			}
		}
	}

	/**
	 * The request has been written, or failed to be after its head.
	 * @param error why it failed, or {@code null}
	 */
	void wrote(@Nullable Throwable error) {
		synchronized (this) {
			if (!this.writing) {
				return;
			}
			this.writing = false;
			this.calling++;
		}
		try {
			this.hooks.wroteRequest(new WroteRequestInfo(connection(), error));
		}
		finally {
			ends();
		}
	}

	/**
	 * The head of a response has been read, interim or final.
	 */
	void received(int status) {
		if (begins()) {
			try {
				tellHead(status, connection());
			}
			finally {
				ends();
			}
		}
	}

	private void tellHead(int status, ConnectionInfo connection) {
		tellFirstByte(connection);
		if (status >= HttpStatus.SC_SUCCESS || status == HttpStatus.SC_SWITCHING_PROTOCOLS) {
			this.status = status;
			return;
		}
		if (status == HttpStatus.SC_CONTINUE && this.expectsContinue) {
			this.expectsContinue = false;
			this.hooks.got100Continue(connection);
		}
		this.hooks.got1xxResponse(new InterimResponse(connection, status));
	}

	/**
	 * Some of a response has been read.
	 */
	void gotFirstByte() {
		if (begins()) {
			try {
				tellFirstByte(connection());
			}
			finally {
				ends();
			}
		}
	}

	private void tellFirstByte(ConnectionInfo connection) {
		if (!this.responds) {
			this.responds = true;
			this.hooks.gotFirstResponseByte(connection);
		}
	}

	/**
	 * Whether the exchange has no connection yet.
	 */
	boolean isNew() {
		return this.connection == null;
	}

	/**
	 * The library has the head of the response, and has not read the body.
	 */
	void executed() {
		this.executing = false;
	}

	/**
	 * The exchange has failed.
	 * @param error why
	 */
	void failed(Throwable error) {
		end(error, false);
	}

	/**
	 * The response has been read to its end.
	 */
	void completed() {
		completed(false);
	}

	/**
	 * The response has been read to its end.
	 * @param writesOn whether the body of the request is still being written
	 */
	void completed(boolean writesOn) {
		this.completed = true;
		end(null, writesOn);
	}

	/**
	 * The exchange is given up. The library does not tell why.
	 */
	void abandoned() {
		if (!isNew() && !isOver()) { // the library discards what it has released
			end(new IOException(
					this.completed ? "the request was not written to its end" : "the response was not read to its end"),
					false);
		}
	}

	/**
	 * The pool keeps the connection.
	 */
	void pooled() {
		completed();
		if (NetTracing.watches(this.hooks, Hook.PUT_IDLE_CONN)) {
			this.hooks.putIdleConn(new PutIdleInfo(connection(), null));
		}
	}

	/**
	 * The connection is closed. While the library executes the request, it tells the
	 * failure in a moment. While the response is being read, the request is cancelled:
	 * the library says first that an application has given the response up.
	 * @param error why, or {@code null} if nothing has failed
	 */
	void closed(@Nullable Throwable error) {
		if (!this.executing && !isTold()) {
			failed((error != null) ? error : Failures.cancelled());
		}
	}

	/**
	 * Whether the end of the exchange is told, that of a body which was still being
	 * written included.
	 */
	private synchronized boolean isTold() {
		return this.over && !this.writesOn;
	}

	/**
	 * Whether the response is being read.
	 */
	boolean isReceiving() {
		return !this.executing && !isOver();
	}

	private synchronized boolean isOver() {
		return this.over;
	}

	/**
	 * Whether the response has been read to its end.
	 */
	boolean isCompleted() {
		return this.completed;
	}

	/**
	 * While another thread calls a hook, which nothing may overtake, that one tells the
	 * end. A body that is still being written then has an end of its own.
	 */
	private void end(@Nullable Throwable error, boolean writesOn) {
		boolean responseIsOver;
		synchronized (this) {
			responseIsOver = this.over;
			if (this.connection == null || isTold()) {
				return;
			}
			this.over = true;
			this.writesOn = writesOn;
			this.unwritten = error;
			if (!responseIsOver) {
				this.error = error;
				this.endWaits = this.calling > 0;
			}
			if (this.endWaits) {
				return;
			}
		}
		if (responseIsOver) {
			wrote(error);
		}
		else {
			tellEnd();
		}
	}

	private void tellEnd() {
		if (!this.writesOn) {
			wrote(this.unwritten);
		}
		this.hooks.responseDone(new ResponseInfo(connection(), this.status, this.error, goAway(this.error)));
	}

	private static long goAway(@Nullable Throwable error) {
		CloseInfo close = Failures.close(error);
		return (close != null) ? close.http2ErrorCode() : ResponseInfo.NO_GOAWAY;
	}

	private synchronized boolean begins() {
		if (this.over) {
			return false;
		}
		this.calling++;
		return true;
	}

	private synchronized boolean beginsToWrite() {
		this.writing = !this.over;
		return begins();
	}

	private void ends() {
		synchronized (this) {
			this.calling--;
			if (this.calling > 0 || !this.endWaits) {
				return;
			}
			this.endWaits = false;
		}
		tellEnd();
	}

	private ConnectionInfo connection() {
		return Objects.requireNonNull(this.connection);
	}

}
