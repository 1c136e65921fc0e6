package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;

import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

import io.nettrace.CloseInfo;
import io.nettrace.CloseReason;
import io.nettrace.ConnectionInfo;
import io.nettrace.NetTrace;
import io.nettrace.PoolInfo;
import io.nettrace.instrument.ConnectionRecord;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.impl.ConnPoolSupport;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HeaderElements;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpMessage;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.ProtocolVersion;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.net.URIAuthority;
import org.apache.hc.core5.util.Identifiable;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * A connection with its record. It tells the exchange that the current thread carries
 * what it does for it, and holds it until the connection is put back or closed. The pool
 * closes connections on other threads.
 */
final class TracedConnection implements ManagedHttpClientConnection, Identifiable {

	private static final String PROTOCOL = "1.1"; // HTTP/1.0 is not told apart

	private final ManagedHttpClientConnection delegate;

	private final NetTracing tracing;

	private volatile @Nullable ConnectionRecord connectionRecord;

	private volatile @Nullable ExchangeTrace exchange;

	private volatile @Nullable Throwable failure;

	private volatile boolean stale;

	private volatile boolean endsWithResponse;

	private volatile NetTrace dial = NetTrace.NONE;

	private volatile @Nullable ProxyStep proxy;

	private volatile boolean toldOfExchange;

	private volatile boolean wasPooled;

	private volatile long pooledAt;

	private boolean bodyHeldBack;

	TracedConnection(ManagedHttpClientConnection delegate, NetTracing tracing) {
		this.delegate = delegate;
		this.tracing = tracing;
	}

	/**
	 * The connection is there: the operator has connected it, and secured it if it goes
	 * straight to a server with TLS. Behind a proxy the dial goes on.
	 */
	void opened(NetTrace dial) {
		if (this.connectionRecord == null && this.delegate.isOpen()) {
			this.connectionRecord = newRecord();
			this.dial = dial;
		}
	}

	private static PoolInfo pool(SocketAddress peer) {
		InetSocketAddress inet = (peer instanceof InetSocketAddress address) ? address : null;
		return new PoolInfo(NetTraceHttpComponents.CLIENT, (inet != null) ? inet.getHostString() : "",
				(inet != null) ? inet.getPort() : -1, -1);
	}

	private ConnectionRecord newRecord() {
		ConnectionRecord opened = this.tracing.connection(pool(this.delegate.getRemoteAddress()),
				this.delegate.getLocalAddress(), this.delegate.getRemoteAddress());
		opened.opened();
		return opened;
	}

	/**
	 * An exchange has got the connection.
	 * @param askedAt when it asked for one, as {@link System#nanoTime()} tells: if the
	 * connection was in use then, it is handed over
	 * @return the connection as the exchange has found it
	 */
	ConnectionInfo acquired(long askedAt) {
		this.toldOfExchange = true;
		return currentRecord().acquire(PROTOCOL, this.wasPooled && this.pooledAt - askedAt > 0);
	}

	private void acquiredUnwatched() {
		if (this.tracing.watchesConnections()) {
			this.toldOfExchange = true;
			currentRecord().acquire(PROTOCOL, false);
		}
		else {
			currentRecord().count();
		}
	}

	private ConnectionRecord currentRecord() {
		ConnectionRecord current = this.connectionRecord;
		if (current == null) {
			current = newRecord();
			this.connectionRecord = current;
		}
		return current;
	}

	private synchronized boolean takeToldOfExchange() {
		boolean told = this.toldOfExchange;
		this.toldOfExchange = false;
		return told;
	}

	@Override
	public void sendRequestHeader(ClassicHttpRequest request) throws HttpException, IOException {
		this.failure = null;
		this.endsWithResponse = saysClose(request);
		this.bodyHeldBack = request.getEntity() != null;
		ExchangeTrace sending = null;
		if (Method.CONNECT.isSame(request.getMethod())) {
			proxyStarts(request.getAuthority());
		}
		else {
			this.dial = NetTrace.NONE;
			sending = CarriedByThread.EXCHANGE.get();
			this.exchange = sending;
			if (sending != null) {
				sending.sends(this);
			}
			else {
				acquiredUnwatched();
			}
		}
		try {
			this.delegate.sendRequestHeader(request);
		}
		catch (Throwable ex) {
			failed(ex);
			throw ex;
		}
		if (sending != null) {
			sending.wroteHead();
		}
	}

	private void proxyStarts(@Nullable URIAuthority target) {
		NetTrace dial = this.dial;
		if (dial != NetTrace.NONE && target != null) {
			this.proxy = ProxyStep.start(dial, getRemoteAddress(), target);
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
			this.delegate.sendRequestEntity(request);
		}
		catch (Throwable ex) {
			failedToWrite(ex);
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
			this.delegate.terminateRequest(request);
		}
		catch (Throwable ex) {
			failedToWrite(ex);
			throw ex;
		}
		this.bodyHeldBack = false;
	}

	@Override
	public void flush() throws IOException {
		try {
			this.delegate.flush();
		}
		catch (Throwable ex) {
			failedToWrite(ex);
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

	private static boolean saysClose(HttpMessage message) {
		Header connection = message.getFirstHeader(HttpHeaders.CONNECTION);
		return connection != null && HeaderElements.CLOSE.equalsIgnoreCase(connection.getValue());
	}

	private void failedToWrite(Throwable error) {
		failed(error);
		ExchangeTrace sending = this.exchange;
		if (sending != null) {
			sending.wrote(error);
		}
	}

	private void failed(Throwable error) {
		this.failure = error;
		proxyDone(Aborts.asCancellation(error));
	}

	@Override
	public ClassicHttpResponse receiveResponseHeader() throws HttpException, IOException {
		ClassicHttpResponse response;
		try {
			response = this.delegate.receiveResponseHeader();
		}
		catch (Throwable ex) {
			failed(ex);
			throw ex;
		}
		if (response != null) { // of a connection of the application's own
			received(response);
		}
		return response;
	}

	private void received(ClassicHttpResponse response) {
		int status = response.getCode();
		this.endsWithResponse |= saysClose(response);
		if (status >= HttpStatus.SC_SUCCESS) {
			proxyAnswered(status);
		}
		ExchangeTrace receiving = this.exchange;
		if (receiving != null) {
			receiving.received(status);
		}
	}

	@Override
	public void receiveResponseEntity(ClassicHttpResponse response) throws HttpException, IOException {
		this.delegate.receiveResponseEntity(response);
	}

	@Override
	public void passivate() {
		this.delegate.passivate();
		this.pooledAt = System.nanoTime();
		this.wasPooled = true;
		ConnectionRecord released = this.connectionRecord;
		if (released != null && takeToldOfExchange()) {
			released.release();
		}
		else if (released != null) {
			released.idle();
		}
		ExchangeTrace done = this.exchange;
		this.exchange = null;
		this.dial = NetTrace.NONE;
		if (done != null) {
			done.pooled();
		}
	}

	@Override
	public void activate() {
		this.delegate.activate();
	}

	@Override
	public boolean isStale() throws IOException {
		boolean isStale = this.delegate.isStale();
		this.stale = isStale;
		return isStale;
	}

	@Override
	public void close() throws IOException {
		try {
			this.delegate.close();
		}
		finally {
			closed();
		}
	}

	@Override
	public void close(CloseMode closeMode) {
		try {
			this.delegate.close(closeMode);
		}
		finally {
			closed();
		}
	}

	private void closed() {
		ExchangeTrace ended = this.exchange;
		this.exchange = null;
		this.dial = NetTrace.NONE;
		Throwable error = this.failure;
		this.failure = null;
		if (ended != null) {
			ended.closed(error);
		}
		ConnectionRecord closed = this.connectionRecord;
		if (closed != null) {
			if (takeToldOfExchange()) {
				closed.release();
			}
			closed.close(CloseInfo.of(reason(error)));
		}
	}

	/**
	 * Why the connection is closed. The library does not tell an idle one that is evicted
	 * from one that is too old, or whose client is closed.
	 */
	private CloseReason reason(@Nullable Throwable error) {
		if (this.stale) {
			return CloseReason.PEER;
		}
		if (error instanceof NoHttpResponseException || error instanceof ConnectionClosedException) {
			return CloseReason.PEER;
		}
		if (error instanceof SocketTimeoutException) {
			return CloseReason.TIMED_OUT;
		}
		if (error instanceof SocketException) {
			return Aborts.isAbort(error) ? CloseReason.CANCELLED : CloseReason.RESET;
		}
		return this.endsWithResponse ? CloseReason.NOT_KEPT : CloseReason.UNKNOWN;
	}

	@Override
	public void bind(Socket socket) throws IOException {
		this.delegate.bind(socket);
	}

	@Override
	public void bind(SSLSocket sslSocket, Socket socket) throws IOException {
		this.delegate.bind(sslSocket, socket);
	}

	@Override
	public Socket getSocket() {
		return this.delegate.getSocket();
	}

	@Override
	public SSLSession getSSLSession() {
		return this.delegate.getSSLSession();
	}

	@Override
	public boolean isConsistent() {
		return this.delegate.isConsistent();
	}

	@Override
	public boolean isDataAvailable(Timeout timeout) throws IOException {
		return this.delegate.isDataAvailable(timeout);
	}

	@Override
	public EndpointDetails getEndpointDetails() {
		return this.delegate.getEndpointDetails();
	}

	@Override
	public SocketAddress getLocalAddress() {
		return this.delegate.getLocalAddress();
	}

	@Override
	public SocketAddress getRemoteAddress() {
		return this.delegate.getRemoteAddress();
	}

	@Override
	public ProtocolVersion getProtocolVersion() {
		return this.delegate.getProtocolVersion();
	}

	@Override
	public boolean isOpen() {
		return this.delegate.isOpen();
	}

	@Override
	public Timeout getSocketTimeout() {
		return this.delegate.getSocketTimeout();
	}

	@Override
	public void setSocketTimeout(Timeout timeout) {
		this.delegate.setSocketTimeout(timeout);
	}

	/**
	 * What the library's log calls the connection.
	 */
	@Override
	public String getId() {
		return ConnPoolSupport.getId(this.delegate);
	}

	@Override
	public String toString() {
		return this.delegate.toString();
	}

}
