package io.nettrace.client.jetty;

import java.io.EOFException;

import io.nettrace.CloseInfo;
import io.nettrace.CloseInfo.Side;
import io.nettrace.ConnectionInfo;
import io.nettrace.Hook;
import io.nettrace.InterimResponse;
import io.nettrace.NetTrace;
import io.nettrace.PutIdleInfo;
import io.nettrace.ResponseInfo;
import io.nettrace.WaitInfo.Outcome;
import io.nettrace.WroteRequestInfo;
import io.nettrace.instrument.NetTracing;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.client.transport.ResponseListeners;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/**
 * Calls the hooks of one exchange, from where it is put on a connection to where the
 * connection is given back. Jetty says in several ways how an exchange ends, and not
 * always in each. Several threads do so at once: the one that sends, those of the
 * selector, the timer that aborts. What one of them tells is told before another one goes
 * on, so that nothing overtakes.
 */
final class JettyExchange extends QueuedExchange implements Response.SuccessListener, Response.CompleteListener {

	private volatile @Nullable JettyConnection connection;

	private volatile @Nullable ConnectionInfo info;

	private volatile @Nullable String protocol;

	private volatile int status;

	// The rest is guarded by this

	private boolean wroteHeaders;

	private boolean wroteRequest;

	private boolean expectsContinue;

	private boolean responds;

	private boolean responded;

	private boolean ended;

	JettyExchange(HttpExchange exchange, NetTrace hooks) {
		super(exchange, hooks);
	}

	/**
	 * Be told how the response ends, after the listeners of the request's own: those that
	 * Jetty calls from now on, and those that it puts together when the response begins.
	 */
	void listen() {
		listenTo(exchange().getResponseListeners());
		listenTo(exchange().getConversation().getResponseListeners());
	}

	private void listenTo(ResponseListeners listeners) {
		listeners.addSuccessListener(this);
		listeners.addCompleteListener(this, false);
	}

	/**
	 * The exchange is put on a connection, whose handshake may be to come.
	 * @param connection the transport connection, {@code null} if it is not known
	 * @param pooled what Jetty has put on it
	 */
	void begin(@Nullable JettyConnection connection, @Nullable Connection pooled) {
		// Of Jetty's connections that of HTTP/1.1 is one of its own transport
		boolean multiplexed = !(pooled instanceof org.eclipse.jetty.io.Connection);
		JettyExchange before = (multiplexed || connection == null) ? null : connection.before(this);
		if (before != null) {
			before.isFollowed();
		}
		begin(connection, multiplexed, before);
	}

	private synchronized void begin(@Nullable JettyConnection connection, boolean multiplexed,
			@Nullable JettyExchange before) {
		if (this.ended) {
			return;
		}
		endWait(Outcome.REUSED, null);
		if (connection == null || !connection.add(this, exchange().getHttpDestination())) {
			return; // closed, as Jetty is about to see
		}
		this.connection = connection;
		this.protocol = multiplexed ? "2" : "1.1";
		boolean handedOver = before != null || (hasWaited() && !multiplexed);
		connection.whenSecured(() -> got(connection, handedOver));
	}

	private synchronized void got(JettyConnection connection, boolean handedOver) {
		if (!this.ended) {
			ConnectionInfo info = connection.acquire(exchange(), this.protocol, handedOver);
			this.info = info;
			if (info != null) {
				hooks().gotConn(info);
			}
		}
	}

	/**
	 * The head of the request is about to be written. As in Go that is told before its
	 * bytes leave: the server may answer, or go away, before Jetty says that they have.
	 * Not if there is a handshake to come.
	 */
	synchronized void sends() {
		wroteHeaders();
		if (!hasBody()) {
			wroteRequest(null);
		}
	}

	/**
	 * The head of the request has been written.
	 */
	synchronized void wroteHeaders() {
		ConnectionInfo info = this.info;
		if (info == null || this.wroteHeaders || this.ended) {
			return;
		}
		this.wroteHeaders = true;
		boolean waits = exchange().getRequest()
			.getHeaders()
			.contains(HttpHeader.EXPECT, HttpHeaderValue.CONTINUE.asString());
		this.expectsContinue = waits;
		hooks().wroteHeaders(info);
		if (waits && !this.ended) { // a hook may abort the request
			hooks().wait100Continue(info);
		}
	}

	/**
	 * The request has been written, or failed to be. Jetty fails one whose body it has
	 * held back.
	 * @param error why, or {@code null}
	 */
	synchronized void wroteRequest(@Nullable Throwable error) {
		ConnectionInfo info = this.info;
		if (info == null || !this.wroteHeaders || this.wroteRequest) {
			return;
		}
		this.wroteRequest = true;
		boolean heldBack = this.expectsContinue && this.status != 0;
		hooks().wroteRequest(new WroteRequestInfo(info, (error != null && !heldBack) ? of(error) : null));
	}

	private Throwable of(Throwable error) {
		return Failures.of(exchange().getRequest(), error);
	}

	/**
	 * The request has failed, or was aborted. Jetty tells how the exchange ends later, if
	 * at all: not if it was aborted just as it was told to continue.
	 */
	void failed(Throwable error) {
		tellFailure(error);
		if (Failures.isAbort(exchange().getRequest(), error) && isResponding()) {
			endsWith(error);
		}
	}

	private synchronized boolean isResponding() {
		return this.responds && !this.responded;
	}

	private synchronized void tellFailure(Throwable error) {
		JettyConnection connection = this.connection;
		if (this.info != null) {
			wroteRequest(error);
		}
		else if (connection != null) {
			connection.closeReasons().because(of(error));
		}
	}

	/**
	 * The exchange has been aborted, and may have been before it listened.
	 */
	void aborted(Throwable error) {
		endsWith(error);
	}

	/**
	 * Jetty has rejected the exchange: its queue is full.
	 */
	void rejected(Throwable error) {
		waits();
		endsWith(error);
	}

	/**
	 * The first line of a response is there, an interim one perhaps.
	 */
	void responds(int status) {
		awaitConnection();
		tellHead(status);
	}

	/**
	 * Another thread may be about to say that the handshake is over, on which the
	 * exchange has waited.
	 */
	private void awaitConnection() {
		JettyConnection connection = this.connection;
		if (connection != null && this.info == null) {
			connection.awaitSecured();
		}
	}

	private synchronized void tellHead(int status) {
		ConnectionInfo info = this.info;
		if (info == null || this.ended) {
			return;
		}
		sends(); // which another thread may be about to say
		boolean first = !this.responds;
		this.responds = true;
		boolean continues = status == HttpStatus.CONTINUE_100 && this.expectsContinue;
		this.expectsContinue &= !continues;
		if (first) {
			hooks().gotFirstResponseByte(info);
		}
		if (!isInterim(status)) {
			this.status = status;
			return;
		}
		if (continues && !this.ended) {
			hooks().got100Continue(info);
		}
		if (!this.ended) {
			hooks().got1xxResponse(new InterimResponse(info, status));
		}
	}

	private boolean hasBody() {
		Request.Content body = exchange().getRequest().getBody();
		return body != null && body.getLength() != 0;
	}

	static boolean isInterim(int status) {
		return HttpStatus.isInformational(status) && status != HttpStatus.SWITCHING_PROTOCOLS_101;
	}

	@Override
	public void onSuccess(Response response) {
		if (isOf(response.getRequest()) && !isInterim(response.getStatus())) {
			responded(null);
			if (isOver()) {
				endsWith(null);
			}
		}
	}

	/**
	 * Whether nothing can happen any more but that Jetty gives the connection back, which
	 * it does next. An application that reads the response to its end may send another
	 * request at once.
	 */
	private synchronized boolean isOver() {
		JettyConnection connection = this.connection;
		return this.wroteRequest && connection != null && (!isAlone() || connection.isKeptByPool());
	}

	/**
	 * Of the first exchange's listeners Jetty calls those that are called last: for the
	 * last response.
	 */
	@Override
	public void onComplete(Result result) {
		if (isOf(result.getRequest())) {
			Throwable error = result.getResponseFailure();
			endsWith((error == null && this.status == 0) ? result.getRequestFailure() : error);
		}
	}

	/**
	 * Another exchange of the request is queued, or the connection is on to another one.
	 */
	void isFollowed() {
		endsWith(exchange().getResponseFailure());
	}

	/**
	 * The connection has been closed. What has failed because of that knows why by now.
	 */
	void connectionClosed() {
		Throwable error = exchange().getResponseFailure();
		endsWith((error == null && this.status == 0) ? new EOFException("the connection was closed") : error);
	}

	private synchronized void responded(@Nullable Throwable error) {
		ConnectionInfo info = this.info;
		if (info == null || this.responded) {
			return;
		}
		this.responded = true;
		CloseInfo end = Persistence.end(exchange());
		if (end != null) {
			closesBecause(end);
		}
		hooks().responseDone(new ResponseInfo(info, this.status, error, goAway()));
	}

	private long goAway() {
		JettyConnection connection = this.connection;
		return (connection != null) ? connection.closeReasons().goAway() : ResponseInfo.NO_GOAWAY;
	}

	/**
	 * A connection outlives its streams.
	 */
	private void closesBecause(CloseInfo close) {
		JettyConnection connection = this.connection;
		if (connection != null && isAlone()) {
			connection.closeReasons().because(close);
		}
	}

	private boolean isAlone() {
		return "1.1".equals(this.protocol);
	}

	/**
	 * The exchange is over, whichever way.
	 * @param failure why its response has not been read to its end, or {@code null}
	 */
	private void endsWith(@Nullable Throwable failure) {
		awaitConnection();
		tellEnd(failure);
	}

	private synchronized void tellEnd(@Nullable Throwable failure) {
		if (this.ended) {
			return;
		}
		if (failure == null && this.status == 0) {
			tellHead(exchange().getResponse().getStatus()); // before it was listened to
		}
		this.ended = true;
		Throwable error = (failure != null) ? of(failure) : null;
		if (error != null) {
			endWait(Failures.outcome(error), error);
		}
		ConnectionInfo info = this.info;
		JettyConnection connection = this.connection;
		if (connection == null) {
			return;
		}
		if (info == null) {
			connection.release(this, false);
			return;
		}
		Throwable unwritten = (error != null) ? error : exchange().getRequestFailure();
		wroteRequest(unwritten);
		if (error != null) {
			closesBecause(CloseInfo.of(Failures.closeReason(error)));
		}
		else if (unwritten != null) {
			closesBecause(CloseInfo.notKept(Side.CLIENT));
		}
		responded(error);
		connection.release(this, true);
		if (error == null && unwritten == null && isAlone() && isKept()
				&& NetTracing.watches(hooks(), Hook.PUT_IDLE_CONN)) {
			hooks().putIdleConn(new PutIdleInfo(info, null));
		}
	}

	private boolean isKept() {
		Connection connection = exchange().getRequest().getConnection();
		return connection != null && !connection.isClosed() && Persistence.end(exchange()) == null;
	}

}
