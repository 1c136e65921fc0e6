package io.nettrace.client.httpcomponents;

import java.io.IOException;

import io.nettrace.CloseInfo;
import io.nettrace.ConnectionInfo;
import io.nettrace.NetTrace;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.ProxyStep;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.net.URIAuthority;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Tells the exchange that the current thread carries what the connection does for it, and
 * holds it until the connection is put back or closed. The pool closes connections on
 * other threads.
 */
final class TracedConnection extends ForwardingConnection {

	private final ConnectionLife life;

	private final CloseReasons closeReasons = new CloseReasons();

	private volatile @Nullable ExchangeTrace exchange;

	private volatile @Nullable Thread executing;

	private volatile NetTrace dial = NetTrace.NONE;

	private volatile @Nullable ProxyStep proxy;

	private volatile boolean aborted;

	private boolean bodyHeldBack;

	private long receivedBefore;

	TracedConnection(ManagedHttpClientConnection delegate, NetTracing tracing) {
		super(delegate);
		this.life = new ConnectionLife(this, tracing);
	}

	/**
	 * The operator has connected the connection, and secured it if it goes straight to a
	 * server with TLS.
	 */
	void connected(NetTrace dial) {
		if (!this.life.hasBegun() && isOpen()) {
			ConnectionSetup setup = CarriedByThread.SETUP.get();
			this.closeReasons.limitedBy(setup);
			this.dial = dial;
			this.executing = Thread.currentThread();
			this.life.begin(setup);
		}
	}

	/**
	 * The operator has secured the connection: in a tunnel, or because the server has
	 * switched to TLS.
	 */
	void upgraded() {
		this.life.upgraded(CarriedByThread.SETUP.get());
	}

	@Override
	public void sendRequestHeader(ClassicHttpRequest request) throws HttpException, IOException {
		this.closeReasons.carries(request);
		this.executing = Thread.currentThread();
		this.bodyHeldBack = request.getEntity() != null;
		ExchangeTrace sending = null;
		if (Method.CONNECT.isSame(request.getMethod())) {
			proxyStarts(request.getAuthority());
		}
		else {
			this.dial = NetTrace.NONE;
			sending = acquired(CarriedByThread.EXCHANGE.get());
		}
		try {
			super.sendRequestHeader(request);
		}
		catch (Throwable ex) {
			failed(ex);
			throw ex;
		}
		if (sending != null) {
			sending.wroteHead();
		}
	}

	/**
	 * Give the connection to an exchange.
	 * @param asking the exchange, or {@code null} if it calls no hooks
	 * @return the exchange, {@code null} if it calls no hooks on this connection
	 */
	private @Nullable ExchangeTrace acquired(@Nullable ExchangeTrace asking) {
		if (asking == null) {
			this.exchange = null;
			this.life.acquiredUnwatched();
			return null;
		}
		this.receivedBefore = received();
		ConnectionInfo found = this.life.acquired(asking.askedAt());
		if (found == null) { // another thread has closed it: the library is about to fail
			return null;
		}
		this.exchange = asking;
		asking.sends(found);
		return asking;
	}

	private void proxyStarts(@Nullable URIAuthority target) {
		NetTrace dial = this.dial;
		if (dial != NetTrace.NONE && target != null) {
			this.proxy = ProxyStep.start(dial, "http", getRemoteAddress(), target.getHostName(), target.getPort());
		}
	}

	private void proxyAnswered(int status) {
		if (this.proxy != null) {
			proxyDone((status == HttpStatus.SC_OK) ? null : new IOException("the proxy has answered " + status));
		}
	}

	private void proxyDone(@Nullable Throwable error) {
		ProxyStep asking = this.proxy;
		this.proxy = null;
		if (asking != null) {
			asking.done(error);
		}
	}

	@Override
	public void sendRequestEntity(ClassicHttpRequest request) throws HttpException, IOException {
		try {
			super.sendRequestEntity(request);
		}
		catch (Throwable ex) {
			failed(ex);
			throw ex;
		}
		this.bodyHeldBack = false;
	}

	/**
	 * The server has answered, and does not want the body.
	 */
	@Override
	public void terminateRequest(ClassicHttpRequest request) throws HttpException, IOException {
		try {
			super.terminateRequest(request);
		}
		catch (Throwable ex) {
			failed(ex);
			throw ex;
		}
		this.bodyHeldBack = false;
	}

	@Override
	public void flush() throws IOException {
		try {
			super.flush();
		}
		catch (Throwable ex) {
			failed(ex);
			throw ex;
		}
		ExchangeTrace sending = this.exchange;
		if (sending != null) {
			if (this.bodyHeldBack) {
				sending.waitsToContinue();
			}
			else {
				sending.wrote(null);
			}
		}
	}

	private void failed(Throwable error) {
		Throwable told = asCancellation(error);
		this.closeReasons.failed(told);
		proxyDone(told);
	}

	/**
	 * Once another thread has closed the connection, the library fails with what it also
	 * throws if the peer has closed it.
	 */
	private Throwable asCancellation(Throwable error) {
		return this.aborted ? Failures.cancelled(error) : Failures.asCancellation(error);
	}

	/**
	 * The library waits here for {@code 100 Continue}.
	 */
	@Override
	public boolean isDataAvailable(Timeout timeout) throws IOException {
		try {
			return super.isDataAvailable(timeout);
		}
		catch (Throwable ex) {
			failed(ex);
			throw ex;
		}
	}

	@Override
	public ClassicHttpResponse receiveResponseHeader() throws HttpException, IOException {
		ExchangeTrace receiving = this.exchange; // another thread may close the
													// connection
		ClassicHttpResponse response;
		try {
			response = super.receiveResponseHeader();
		}
		catch (Throwable ex) {
			if (receiving != null && received() > this.receivedBefore) {
				receiving.gotFirstByte();
			}
			failed(ex);
			throw ex;
		}
		if (response != null) { // of a connection of the application's own
			received(response, receiving);
		}
		return response;
	}

	/**
	 * Count the bytes that have come, -1 if the connection does not tell.
	 */
	private long received() {
		EndpointDetails details = getEndpointDetails();
		return (details != null) ? details.getReceivedBytesCount() : -1;
	}

	private void received(ClassicHttpResponse response, @Nullable ExchangeTrace receiving) {
		int status = response.getCode();
		this.closeReasons.answered(response);
		if (status >= HttpStatus.SC_SUCCESS) {
			this.executing = null;
			proxyAnswered(status);
		}
		if (receiving != null) {
			receiving.received(status);
		}
	}

	@Override
	public void receiveResponseEntity(ClassicHttpResponse response) throws HttpException, IOException {
		super.receiveResponseEntity(response);
		HttpEntity body = response.getEntity();
		if (body != null) {
			this.closeReasons.answeredWith(body);
			if (this.life.isAcquired()) {
				response.setEntity(new TracedBody(body, this));
			}
		}
	}

	/**
	 * The body of the response cannot be read.
	 */
	void failedToRead(IOException error) {
		Throwable told = asCancellation(error);
		this.closeReasons.failed(told);
		ExchangeTrace receiving = this.exchange;
		if (receiving != null) {
			receiving.failed(told);
		}
	}

	@Override
	public void passivate() {
		super.passivate();
		this.closeReasons.idle(CarriedByThread.KEEP_ALIVE.get());
		this.life.pooled();
		ExchangeTrace done = this.exchange;
		this.exchange = null;
		this.executing = null;
		this.dial = NetTrace.NONE;
		if (done != null) {
			done.pooled();
		}
	}

	@Override
	public boolean isStale() throws IOException {
		boolean stale = super.isStale();
		this.closeReasons.stale(stale);
		return stale;
	}

	@Override
	public void close() throws IOException {
		CloseInfo close = closes();
		try {
			super.close();
		}
		finally {
			closed(close);
		}
	}

	@Override
	public void close(CloseMode closeMode) {
		CloseInfo close = closes();
		try {
			super.close(closeMode);
		}
		finally {
			closed(close);
		}
	}

	/**
	 * Tell why, before the thread that uses the connection notices.
	 */
	private CloseInfo closes() {
		if (!this.life.isAcquired() && this.exchange == null && this.executing == null) {
			return this.closeReasons.ofIdle();
		}
		Thread executing = this.executing;
		ExchangeTrace exchange = this.exchange;
		boolean byAnother = (executing != null) ? executing != Thread.currentThread()
				: exchange != null && exchange.isReceiving();
		this.aborted = this.aborted || byAnother;
		return this.closeReasons.ofExchange(this.aborted, exchange != null && exchange.isCompleted());
	}

	private void closed(CloseInfo close) {
		ExchangeTrace ended = this.exchange;
		this.exchange = null;
		this.executing = null;
		this.dial = NetTrace.NONE;
		Throwable error = this.closeReasons.takeFailure();
		if (ended != null) {
			ended.closed(error);
		}
		this.life.closed(close);
	}

}
