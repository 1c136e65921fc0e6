package io.nettrace.client.okhttp;

import io.nettrace.CloseInfo;
import io.nettrace.CloseInfo.Side;
import io.nettrace.CloseReason;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.Hook;
import io.nettrace.InterimResponse;
import io.nettrace.NetTrace;
import io.nettrace.PutIdleInfo;
import io.nettrace.ResponseInfo;
import io.nettrace.TlsInfo;
import io.nettrace.WaitInfo.Outcome;
import io.nettrace.WaitInfo.Reason;
import io.nettrace.WroteRequestInfo;
import io.nettrace.instrument.ConnectionWait;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.RequestTrace;
import okhttp3.Connection;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Calls the hooks of one exchange of a call. OkHttp tells of one after the other, but of
 * a request's body that is written while the response is read.
 */
final class OkHttpExchange {

	private static final int CONTINUE = 100;

	private final RequestTrace trace;

	private final NetTrace hooks;

	private final ConnectionTarget target;

	private final String host;

	private volatile @Nullable DialTrace dial;

	private volatile @Nullable ConnectionWait wait;

	private volatile @Nullable OkHttpConnection connection;

	private volatile @Nullable ConnectionInfo info;

	private volatile @Nullable Request request;

	private volatile @Nullable Response response;

	private volatile boolean cut;

	// Guarded by this

	private boolean expectsContinue;

	private boolean wroteRequest;

	private boolean responded;

	private boolean released;

	/**
	 * Begin an exchange.
	 * @param trace the trace of its request
	 * @param target what it asks for a connection to
	 * @param host the host of its request
	 */
	OkHttpExchange(RequestTrace trace, ConnectionTarget target, String host) {
		this.trace = trace;
		this.hooks = trace.hooks();
		this.target = target;
		this.host = host;
	}

	/**
	 * The exchange asks for a connection.
	 */
	void asks() {
		this.hooks.getConn(this.target);
	}

	void waits(Reason reason) {
		this.wait = ConnectionWait.start(this.hooks, this.target, reason);
	}

	void endWait(Outcome outcome, @Nullable Throwable error) {
		ConnectionWait wait = this.wait;
		if (wait != null) {
			wait.done(outcome, error);
		}
	}

	/**
	 * Return what is to be told of the setting up of its connection.
	 */
	synchronized DialTrace dial() {
		DialTrace dial = this.dial;
		if (dial == null) {
			dial = new DialTrace(this.trace.dial(), this.host);
			this.dial = dial;
		}
		return dial;
	}

	boolean hasOpened() {
		DialTrace dial = this.dial;
		return dial != null && dial.hasOpened();
	}

	/**
	 * The exchange has a connection.
	 * @param handedOver whether the exchange before has had it, and has not given it back
	 */
	void got(OkHttpConnection known, Connection connection, boolean handedOver) {
		endWait(Outcome.REUSED, null);
		DialTrace dial = this.dial;
		TlsInfo agreed = (dial != null) ? dial.got(connection) : null;
		if (agreed != null) {
			known.record().secured(agreed);
		}
		this.connection = known;
		ConnectionInfo info = known.acquire(this, version(connection.protocol()), handedOver,
				isMultiplexed(connection.protocol()));
		this.info = info;
		if (info != null) {
			this.hooks.gotConn(info);
		}
	}

	private static String version(Protocol protocol) {
		return isMultiplexed(protocol) ? "2" : "1.1";
	}

	private static boolean isMultiplexed(Protocol protocol) {
		return protocol == Protocol.HTTP_2 || protocol == Protocol.H2_PRIOR_KNOWLEDGE;
	}

	private boolean isMultiplexed() {
		ConnectionInfo info = this.info;
		return info != null && "2".equals(info.protocol());
	}

	boolean hasConnection() {
		return this.connection != null;
	}

	/**
	 * Whether the head of the request has been written, so that another one is one of the
	 * next exchange.
	 */
	boolean hasBegun() {
		return this.request != null;
	}

	void wroteHeaders(Request request) {
		this.request = request;
		ConnectionInfo info = this.info;
		if (info == null) {
			return;
		}
		this.hooks.wroteHeaders(info);
		if (!hasBody(request)) {
			wroteRequest(null);
		}
		else if ("100-continue".equalsIgnoreCase(request.header("Expect"))) {
			synchronized (this) {
				this.expectsContinue = true;
			}
			this.hooks.wait100Continue(info);
		}
	}

	private static boolean hasBody(Request request) {
		return request.body() != null && !request.method().equals("GET") && !request.method().equals("HEAD");
	}

	/**
	 * The body is about to be written: if it was held back, because the server wants it.
	 */
	void writesBody() {
		ConnectionInfo info = this.info;
		if (info != null && takesContinue()) {
			this.hooks.got100Continue(info);
			this.hooks.got1xxResponse(new InterimResponse(info, CONTINUE));
		}
	}

	private synchronized boolean takesContinue() {
		boolean expected = this.expectsContinue;
		this.expectsContinue = false;
		return expected;
	}

	/**
	 * The request has been written, or failed to be.
	 * @param error why, or {@code null}
	 */
	void wroteRequest(@Nullable Throwable error) {
		ConnectionInfo info = this.info;
		synchronized (this) {
			if (info == null || this.request == null || this.wroteRequest) {
				return;
			}
			this.wroteRequest = true;
		}
		this.hooks.wroteRequest(new WroteRequestInfo(info, error));
	}

	/**
	 * The response begins. If it has failed before, that was while OkHttp waited for a
	 * 100 (Continue): it reads once more then, and may find a response after all.
	 */
	void responds() {
		ConnectionInfo info = this.info;
		if (info != null && !hasResponded()) {
			this.hooks.gotFirstResponseByte(info);
		}
	}

	private synchronized boolean hasResponded() {
		return this.responded;
	}

	void responds(Response response) {
		this.response = response;
		if (takesContinue()) {
			wroteRequest(null); // held back
			closesBecause(CloseInfo.notKept(Side.CLIENT));
		}
		if (Persistence.isUpgrade(response)) {
			responded((Throwable) null);
		}
	}

	/**
	 * The response has been read, or closed, which is the same to OkHttp. Of one that is
	 * closed before its end OkHttp reads what is left, unless that takes too long: then
	 * it closes the connection, a bit later.
	 * @param bytes how many of its body have been read
	 */
	void responded(long bytes) {
		Response response = this.response;
		if (response == null || !Persistence.isCut(response, bytes)) {
			responded((Throwable) null);
		}
		else if (isMultiplexed()) {
			responded(Failures.cancelled(null));
		}
		else {
			this.cut = true;
		}
	}

	/**
	 * The response has been read.
	 * @param error why not to its end, or {@code null}
	 */
	void responded(@Nullable Throwable error) {
		ConnectionInfo info = this.info;
		synchronized (this) {
			if (info == null || this.responded) {
				return;
			}
			this.responded = true;
		}
		Response response = this.response;
		CloseInfo close = (error != null) ? CloseInfo.of(Failures.closeReason(error))
				: (response != null) ? Persistence.end(response) : null;
		if (close != null) {
			closesBecause(close);
		}
		this.hooks.responseDone(new ResponseInfo(info, (response != null) ? response.code() : 0, error));
	}

	/**
	 * A connection outlives its streams, unless it is shut down.
	 */
	private void closesBecause(CloseInfo close) {
		OkHttpConnection connection = this.connection;
		if (connection != null && (!isMultiplexed() || close.reason() == CloseReason.GOAWAY
				|| close.reason() == CloseReason.RESET || close.reason() == CloseReason.PEER)) {
			connection.closesBecause(close);
		}
	}

	/**
	 * Whether the request has been written and the response read.
	 */
	synchronized boolean isOver() {
		return this.wroteRequest && this.responded;
	}

	/**
	 * The exchange is over, whichever way.
	 * @param error why, unless its response has been read
	 */
	void end(Throwable error) {
		endWait(Failures.outcome(error), error);
		DialTrace dial = this.dial;
		if (dial != null) {
			dial.end(error);
		}
		boolean answered = this.cut;
		synchronized (this) {
			answered |= this.responded;
		}
		wroteRequest(answered ? null : error);
		responded(this.cut ? cutBecause() : error);
	}

	private @Nullable Throwable cutBecause() {
		OkHttpConnection connection = this.connection;
		return (connection != null && connection.isClosed()) ? Failures.cancelled(null) : null;
	}

	/**
	 * Its connection is free for another exchange.
	 * @param handsOver whether the next exchange of the call has it at once
	 * @return the connection, {@code null} if it has none, or none any more
	 */
	@Nullable OkHttpConnection release(boolean handsOver) {
		OkHttpConnection connection = this.connection;
		synchronized (this) {
			if (connection == null || this.released) {
				return null;
			}
			this.released = true;
		}
		ConnectionInfo info = this.info;
		if (info != null) {
			connection.release(this, isMultiplexed());
			if (!handsOver && isOver() && !isMultiplexed() && !connection.isClosed()
					&& NetTracing.watches(this.hooks, Hook.PUT_IDLE_CONN)) {
				this.hooks.putIdleConn(new PutIdleInfo(info, null));
			}
		}
		return connection;
	}

}
