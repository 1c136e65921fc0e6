package io.nettrace.client.jetty;

import java.io.EOFException;

import io.nettrace.CloseInfo;
import io.nettrace.CloseInfo.Side;
import io.nettrace.CloseReason;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.InterimResponse;
import io.nettrace.NetTrace;
import io.nettrace.PutIdleInfo;
import io.nettrace.ResponseInfo;
import io.nettrace.WaitInfo;
import io.nettrace.WaitInfo.Outcome;
import io.nettrace.WroteRequestInfo;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.transport.HttpDestination;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.client.transport.ResponseListeners;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * Calls the hooks of one exchange, from where it is queued to where its connection is
 * given back. Jetty says in several ways how an exchange ends, and not always in each.
 */
final class JettyExchange implements Response.SuccessListener, Response.CompleteListener {

	private final HttpExchange exchange;

	private final NetTrace hooks;

	private final ConnectionTarget target;

	private volatile @Nullable JettyConnection connection;

	private volatile @Nullable ConnectionInfo info;

	private volatile @Nullable String protocol;

	private volatile int status;

	// The rest is guarded by this

	private WaitInfo.@Nullable Reason waitsFor;

	private boolean waited;

	private boolean begun;

	private boolean wroteHeaders;

	private boolean wroteRequest;

	private boolean expectsContinue;

	private boolean responds;

	private boolean responded;

	private boolean ended;

	/**
	 * Create an exchange.
	 * @param exchange what Jetty calls so
	 * @param hooks the request's, {@link NetTrace#NONE} if only its connection is watched
	 */
	JettyExchange(HttpExchange exchange, NetTrace hooks) {
		this.exchange = exchange;
		this.hooks = hooks;
		HttpDestination destination = exchange.getHttpDestination();
		Origin.Address firstHop = destination.resolveOrigin().getAddress();
		this.target = new ConnectionTarget(firstHop.getHost(), firstHop.getPort(), destination.isSecure());
	}

	boolean isOf(Request request) {
		return this.exchange.getRequest() == request;
	}

	HttpExchange exchange() {
		return this.exchange;
	}

	/**
	 * The exchange asks for a connection.
	 */
	void asks() {
		this.hooks.getConn(this.target);
	}

	/**
	 * Be told how the response ends, after the listeners of the request's own: those that
	 * Jetty calls from now on, and those that it puts together when the response begins.
	 */
	void listen() {
		listenTo(this.exchange.getResponseListeners());
		listenTo(this.exchange.getConversation().getResponseListeners());
	}

	private void listenTo(ResponseListeners listeners) {
		listeners.addSuccessListener(this);
		listeners.addCompleteListener(this, false);
	}

	/**
	 * The exchange waits, because the pool has neither a connection nor place.
	 */
	void waits() {
		synchronized (this) {
			this.waitsFor = WaitInfo.Reason.HOST_LIMIT;
			this.waited = true;
		}
		this.hooks.waitStart(WaitInfo.starting(this.target, WaitInfo.Reason.HOST_LIMIT));
	}

	synchronized boolean isWaiting() {
		return this.waitsFor != null;
	}

	/**
	 * A connection is being set up for the exchange.
	 */
	void dials() {
		endWait(Outcome.NEW, null);
	}

	private void endWait(Outcome outcome, @Nullable Throwable error) {
		WaitInfo.Reason reason;
		synchronized (this) {
			reason = this.waitsFor;
			this.waitsFor = null;
		}
		if (reason != null) {
			this.hooks.waitDone(WaitInfo.starting(this.target, reason).ended(outcome, error));
		}
	}

	/**
	 * The exchange is put on a connection, whose handshake may be to come. Another thread
	 * may do that before the one that has queued the exchange says so.
	 */
	void begin(@Nullable JettyConnection connection, Connection of) {
		synchronized (this) {
			if (this.begun || this.ended) {
				return;
			}
			this.begun = true;
		}
		endWait(Outcome.REUSED, null);
		if (connection == null) {
			return; // of a transport that is not watched
		}
		this.connection = connection;
		// Of Jetty's connections that of HTTP/1.1 is one of its own transport
		boolean multiplexed = !(of instanceof org.eclipse.jetty.io.Connection);
		this.protocol = multiplexed ? "2" : "1.1";
		JettyExchange before = multiplexed ? null : connection.before(this);
		if (before != null) {
			before.isFollowed();
		}
		boolean handedOver = before != null || (this.waited && !multiplexed);
		connection.take(this, this.exchange.getHttpDestination(), () -> got(connection, handedOver));
	}

	synchronized boolean hasBegun() {
		return this.begun;
	}

	private void got(JettyConnection connection, boolean handedOver) {
		ConnectionInfo info = connection.acquire(this.exchange.getHttpDestination(), this.protocol, handedOver);
		boolean late;
		synchronized (this) {
			late = this.ended;
			if (!late) {
				this.info = info;
			}
		}
		if (late) {
			connection.release(this, true);
			return;
		}
		this.hooks.gotConn(info);
	}

	/**
	 * The head of the request is about to be written. As in Go that is told before its
	 * bytes leave: the server may answer, or go away, before Jetty says that they have.
	 * Not if there is a handshake to come.
	 */
	void sends() {
		wroteHeaders();
		if (!hasBody()) {
			wroteRequest(null);
		}
	}

	/**
	 * The head of the request has been written.
	 */
	void wroteHeaders() {
		ConnectionInfo info = this.info;
		boolean waits;
		synchronized (this) {
			if (info == null || this.wroteHeaders || this.ended) {
				return;
			}
			this.wroteHeaders = true;
			waits = this.exchange.getRequest()
				.getHeaders()
				.contains(HttpHeader.EXPECT, HttpHeaderValue.CONTINUE.asString());
			this.expectsContinue = waits;
		}
		this.hooks.wroteHeaders(info);
		if (waits) {
			this.hooks.wait100Continue(info);
		}
	}

	/**
	 * The request has been written, or failed to be. Jetty fails one whose body it has
	 * held back.
	 * @param error why, or {@code null}
	 */
	void wroteRequest(@Nullable Throwable error) {
		ConnectionInfo info = this.info;
		boolean heldBack;
		synchronized (this) {
			if (info == null || !this.wroteHeaders || this.wroteRequest) {
				return;
			}
			this.wroteRequest = true;
			heldBack = this.expectsContinue && this.status != 0;
		}
		this.hooks.wroteRequest(new WroteRequestInfo(info, (error != null && !heldBack) ? of(error) : null));
	}

	private Throwable of(Throwable error) {
		return Failures.of(this.exchange.getRequest(), error);
	}

	/**
	 * The request has failed, or was aborted. Jetty tells how the exchange ends later.
	 */
	void failed(Throwable error) {
		JettyConnection connection = this.connection;
		if (this.info != null) {
			wroteRequest(error);
		}
		else if (connection != null) {
			connection.failsBecause(of(error));
		}
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
		ConnectionInfo info = this.info;
		if (info == null) {
			return;
		}
		sends(); // which another thread may be about to say
		boolean first;
		boolean continues;
		synchronized (this) {
			first = !this.responds;
			this.responds = true;
			continues = status == HttpStatus.CONTINUE_100 && this.expectsContinue;
			this.expectsContinue &= !continues;
		}
		if (first) {
			this.hooks.gotFirstResponseByte(info);
		}
		if (!isInterim(status)) {
			this.status = status;
			return;
		}
		if (continues) {
			this.hooks.got100Continue(info);
		}
		this.hooks.got1xxResponse(new InterimResponse(info, status));
	}

	private boolean hasBody() {
		Request.Content body = this.exchange.getRequest().getBody();
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
	private boolean isOver() {
		JettyConnection connection = this.connection;
		synchronized (this) {
			return this.wroteRequest && connection != null && (!isAlone() || connection.isKeptByPool());
		}
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
		endsWith(this.exchange.getResponseFailure());
	}

	/**
	 * The connection has been closed. What has failed because of that knows why by now.
	 */
	void connectionClosed() {
		Throwable error = this.exchange.getResponseFailure();
		endsWith((error == null && this.status == 0) ? new EOFException("the connection was closed") : error);
	}

	private void responded(@Nullable Throwable error) {
		ConnectionInfo info = this.info;
		synchronized (this) {
			if (info == null || this.responded) {
				return;
			}
			this.responded = true;
		}
		if (this.status == HttpStatus.SWITCHING_PROTOCOLS_101) {
			closesBecause(CloseInfo.of(CloseReason.UNKNOWN)); // what follows is not HTTP
		}
		else if (error == null && !keepsAlive()) {
			closesBecause(
					CloseInfo.notKept(saysClose(this.exchange.getRequest().getHeaders()) ? Side.CLIENT : Side.PEER));
		}
		this.hooks.responseDone(new ResponseInfo(info, this.status, error));
	}

	private boolean keepsAlive() {
		HttpFields headers = this.exchange.getResponse().getHeaders();
		HttpVersion version = this.exchange.getResponse().getVersion();
		if (version != null && version.compareTo(HttpVersion.HTTP_1_1) < 0
				&& !headers.contains(HttpHeader.CONNECTION, HttpHeaderValue.KEEP_ALIVE.asString())) {
			return false;
		}
		return !saysClose(headers) && !saysClose(this.exchange.getRequest().getHeaders())
				&& !endsWithConnection(headers);
	}

	/**
	 * RFC 9112, section 6.3. What has been decoded has no length while it is read.
	 */
	private boolean endsWithConnection(HttpFields headers) {
		return this.status != HttpStatus.NO_CONTENT_204 && this.status != HttpStatus.NOT_MODIFIED_304
				&& !HttpMethod.HEAD.is(this.exchange.getRequest().getMethod())
				&& !headers.contains(HttpHeader.CONTENT_LENGTH) && !headers.contains(HttpHeader.TRANSFER_ENCODING);
	}

	private static boolean saysClose(HttpFields headers) {
		return headers.contains(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
	}

	/**
	 * A connection outlives its streams.
	 */
	private void closesBecause(CloseInfo close) {
		JettyConnection connection = this.connection;
		if (connection != null && isAlone()) {
			connection.closesBecause(close);
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
		if (failure == null) {
			wroteHeaders(); // unless another thread was too early to say so
		}
		synchronized (this) {
			if (this.ended) {
				return;
			}
			this.ended = true;
		}
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
		Throwable unwritten = (error != null) ? error : this.exchange.getRequestFailure();
		wroteRequest(unwritten);
		if (error != null) {
			closesBecause(CloseInfo.of(Failures.closeReason(error)));
		}
		else if (unwritten != null) {
			closesBecause(CloseInfo.notKept(Side.CLIENT));
		}
		responded(error);
		connection.release(this, true);
		if (error == null && unwritten == null && isAlone() && isKept()) {
			this.hooks.putIdleConn(new PutIdleInfo(info, null));
		}
	}

	private boolean isKept() {
		Connection connection = this.exchange.getRequest().getConnection();
		return this.status != HttpStatus.SWITCHING_PROTOCOLS_101 && keepsAlive() && connection != null
				&& !connection.isClosed();
	}

}
