package io.nettrace.client.httpcomponents;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.net.ssl.SSLContext;

import io.nettrace.CloseInfo;
import io.nettrace.CloseReason;
import io.nettrace.ConnectionInfo;
import io.nettrace.NetTrace;
import io.nettrace.PoolInfo;
import io.nettrace.TlsInfo;
import io.nettrace.instrument.ConnectionRecord;
import io.nettrace.instrument.TlsHandshake;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.HttpConnection;
import org.apache.hc.core5.http.HttpMessage;
import org.apache.hc.core5.http.HttpVersion;
import org.apache.hc.core5.http.ProtocolVersion;
import org.apache.hc.core5.http.nio.command.RequestExecutionCommand;
import org.apache.hc.core5.http.nio.command.ShutdownCommand;
import org.apache.hc.core5.http2.impl.nio.ClientH2PrefaceHandler;
import org.apache.hc.core5.http2.ssl.ApplicationProtocol;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.net.NamedEndpoint;
import org.apache.hc.core5.reactor.Command;
import org.apache.hc.core5.reactor.IOEventHandler;
import org.apache.hc.core5.reactor.ProtocolIOSession;
import org.apache.hc.core5.reactor.ssl.SSLBufferMode;
import org.apache.hc.core5.reactor.ssl.SSLSessionInitializer;
import org.apache.hc.core5.reactor.ssl.SSLSessionVerifier;
import org.apache.hc.core5.reactor.ssl.TlsDetails;
import org.apache.hc.core5.reactor.ssl.TransportSecurityLayer;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * A connection with its record: what the library's connection object has for its session.
 * The library secures it, gives it requests, puts it back into the pool and closes it
 * through this object; that the peer closes it, it tells the {@link AsyncConnections}.
 */
final class TracedSession extends ForwardingSession {

	private static final String HTTP_2 = "2";

	private static final String HTTP_1 = "1.1"; // HTTP/1.0 is not told apart

	private final String id;

	private final AsyncConnections connections;

	private final ConnectionRecord connectionRecord;

	private volatile NetTrace dial;

	private volatile @Nullable TlsHandshake handshake;

	private volatile @Nullable String negotiatedProtocol;

	// Of HTTP/1.1, to tell that the connection is put back
	private volatile @Nullable ExchangeTrace exchange;

	private volatile @Nullable Throwable failure;

	private volatile CloseInfo.@Nullable Side saidClose;

	private volatile boolean sent;

	private volatile boolean shutDown;

	private volatile boolean pooled;

	private volatile long pooledAt;

	private final AtomicBoolean closed = new AtomicBoolean();

	TracedSession(ProtocolIOSession delegate, AsyncConnections connections, PoolInfo pool, NetTrace dial) {
		super(delegate);
		this.id = delegate.getId();
		this.connections = connections;
		this.dial = dial;
		this.connectionRecord = connections.tracing()
			.connection(pool, delegate.getLocalAddress(), delegate.getRemoteAddress());
	}

	/**
	 * The library has begun to secure the connection, or does not. It forgets connections
	 * whose request is cancelled at this moment, but keeps them: nothing of the request
	 * may be kept with them.
	 */
	void setUp() {
		this.dial = NetTrace.NONE;
	}

	/**
	 * The connection is there, and secured if it goes straight to a server with TLS. In a
	 * tunnel it is not ready for a request before the server's handshake.
	 */
	void opened() {
		this.connectionRecord.opened();
	}

	@Override
	public void startTls(SSLContext sslContext, NamedEndpoint endpoint, SSLBufferMode sslBufferMode,
			SSLSessionInitializer initializer, SSLSessionVerifier verifier, Timeout handshakeTimeout,
			@Nullable FutureCallback<TransportSecurityLayer> callback) {
		TlsHandshake started = TlsHandshake.start(takeDial(),
				serverName((endpoint != null) ? endpoint : getInitialEndpoint()));
		this.handshake = started;
		try {
			super.startTls(sslContext, endpoint, sslBufferMode, initializer, verifier, handshakeTimeout,
					new HandshakeEnd(started, callback));
		}
		catch (Throwable ex) {
			failed(started, ex);
			throw ex;
		}
	}

	/**
	 * Behind a tunnel the handshake begins long after the connect.
	 */
	private NetTrace takeDial() {
		NetTrace taken = this.dial;
		this.dial = NetTrace.NONE;
		TracedAsyncExecRuntime upgrading = CarriedByThread.CONNECTING.get();
		return (taken == NetTrace.NONE && upgrading != null) ? upgrading.dial() : taken;
	}

	private static String serverName(@Nullable NamedEndpoint endpoint) {
		return (endpoint != null) ? Objects.toString(endpoint.getHostName(), "") : "";
	}

	private final class HandshakeEnd implements FutureCallback<TransportSecurityLayer> {

		private final TlsHandshake started;

		private final @Nullable FutureCallback<TransportSecurityLayer> callback;

		HandshakeEnd(TlsHandshake started, @Nullable FutureCallback<TransportSecurityLayer> callback) {
			this.started = started;
			this.callback = callback;
		}

		@Override
		public void completed(TransportSecurityLayer secured) {
			succeeded(this.started);
			if (this.callback != null) {
				this.callback.completed(secured);
			}
		}

		@Override
		public void failed(Exception ex) {
			TracedSession.this.failed(this.started, ex);
			if (this.callback != null) {
				this.callback.failed(ex);
			}
		}

		@Override
		public void cancelled() {
			TracedSession.this.failed(this.started, Failures.cancelled());
			if (this.callback != null) {
				this.callback.cancelled();
			}
		}

	}

	private void succeeded(TlsHandshake started) {
		this.handshake = null;
		TlsDetails details = getTlsDetails();
		String protocol = (details != null) ? details.getApplicationProtocol() : null;
		this.negotiatedProtocol = protocol;
		this.connectionRecord.secured(started.succeeded((details != null) ? details.getSSLSession() : null, protocol));
	}

	private void failed(TlsHandshake started, Throwable error) {
		this.handshake = null;
		started.failed(error);
	}

	/**
	 * The library gives the connection a request.
	 */
	@Override
	public void enqueue(Command command, Command.Priority priority) {
		if (command instanceof RequestExecutionCommand request) {
			this.failure = null;
			if (request.getExchangeHandler() instanceof SessionHandler handler) {
				handler.boundTo(this);
			}
			else {
				this.connectionRecord.count();
			}
			this.pooled = false;
			this.sent = true;
		}
		else if (command instanceof ShutdownCommand) {
			this.shutDown = true;
		}
		super.enqueue(command, priority);
	}

	/**
	 * An exchange has got the connection.
	 * @param acquiring the exchange, {@code null} if only listeners are told
	 * @return the connection as the exchange has found it, {@code null} if it has just
	 * been closed
	 */
	@Nullable ConnectionInfo acquire(@Nullable ExchangeTrace acquiring) {
		this.saidClose = null;
		String protocol = protocol();
		boolean handedOver = !this.pooled || (acquiring != null && this.pooledAt - acquiring.askedAt() > 0);
		ConnectionInfo info = this.connectionRecord.acquire(protocol, handedOver);
		if (info != null && protocol.equals(HTTP_1)) {
			this.exchange = acquiring;
		}
		return info;
	}

	/**
	 * What ALPN has chosen, or the application has set: HTTP/2 begins before its handler
	 * is there.
	 */
	private String protocol() {
		if (ApplicationProtocol.HTTP_2.id.equals(this.negotiatedProtocol)) {
			return HTTP_2;
		}
		IOEventHandler handler = getHandler();
		ProtocolVersion version = (handler instanceof HttpConnection connection) ? connection.getProtocolVersion()
				: null;
		boolean isHttp2 = handler instanceof ClientH2PrefaceHandler
				|| (version != null && version.greaterEquals(HttpVersion.HTTP_2));
		return isHttp2 ? HTTP_2 : HTTP_1;
	}

	/**
	 * An exchange is done with the connection.
	 */
	void release() {
		this.connectionRecord.release();
	}

	/**
	 * A request is sent.
	 */
	void sends(HttpMessage request) {
		if (Persistence.saysClose(request)) {
			this.saidClose = CloseInfo.Side.CLIENT;
		}
	}

	/**
	 * The head of a response has come.
	 */
	void answered(HttpMessage response, @Nullable EntityDetails body) {
		if (this.saidClose == null && protocol().equals(HTTP_1)
				&& (Persistence.isEndedBy(response) || (body != null && Persistence.isEndedBy(body)))) {
			this.saidClose = CloseInfo.Side.PEER;
		}
	}

	/**
	 * An exchange on the connection has failed.
	 */
	void failed(Throwable error) {
		this.failure = error;
	}

	/**
	 * After a request, the library takes the timeout away as it puts the connection back.
	 */
	@Override
	public void setSocketTimeout(Timeout timeout) {
		super.setSocketTimeout(timeout);
		if (this.sent && timeout != null && timeout.isDisabled()) {
			this.sent = false;
			putBack();
		}
	}

	private void putBack() {
		this.pooledAt = System.nanoTime();
		this.pooled = true;
		this.connectionRecord.idle();
		ExchangeTrace done = this.exchange;
		this.exchange = null;
		if (done != null) {
			done.pooled();
		}
	}

	@Override
	public void close() {
		super.close();
		closed(CloseInfo.Side.CLIENT);
	}

	@Override
	public void close(CloseMode closeMode) {
		super.close(closeMode);
		closed(CloseInfo.Side.CLIENT);
	}

	/**
	 * The session has ended.
	 */
	void disconnected() {
		closed(this.shutDown ? CloseInfo.Side.CLIENT : CloseInfo.Side.PEER);
	}

	/**
	 * The connection is closed.
	 * @param by which side did
	 */
	private void closed(CloseInfo.Side by) {
		if (!this.closed.compareAndSet(false, true)) {
			return;
		}
		this.connections.remove(this.id, this);
		this.exchange = null;
		TlsHandshake unfinished = this.handshake;
		if (unfinished != null) {
			failed(unfinished, (by == CloseInfo.Side.CLIENT || this.connections.isClosing()) ? Failures.cancelled()
					: new ConnectionClosedException());
		}
		CloseInfo how = how(by);
		this.failure = null;
		this.connectionRecord.close(how);
	}

	/**
	 * The library does not tell a connection that is idle for too long from one that is
	 * too old.
	 */
	private CloseInfo how(CloseInfo.Side by) {
		Throwable error = this.failure;
		CloseInfo.Side side = this.saidClose;
		if (error != null) {
			CloseInfo failed = Failures.close(error);
			return (failed != null) ? failed : new CloseInfo(CloseReason.UNKNOWN, by, -1);
		}
		if (side != null) {
			return CloseInfo.notKept(side);
		}
		if (this.connections.isClosing()) {
			return CloseInfo.of(CloseReason.CLIENT_CLOSED);
		}
		if (by == CloseInfo.Side.PEER) {
			return CloseInfo.of(CloseReason.PEER);
		}
		return this.connections.isEvictingIdle() ? CloseInfo.of(CloseReason.IDLE)
				: new CloseInfo(CloseReason.UNKNOWN, by, -1);
	}

}
