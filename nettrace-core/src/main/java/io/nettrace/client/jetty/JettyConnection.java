package io.nettrace.client.jetty;

import java.io.EOFException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;

import javax.net.ssl.SSLEngine;

import io.nettrace.CloseInfo;
import io.nettrace.CloseInfo.Side;
import io.nettrace.CloseReason;
import io.nettrace.ConnectionInfo;
import io.nettrace.NetTrace;
import io.nettrace.PoolInfo;
import io.nettrace.TlsInfo;
import io.nettrace.instrument.ConnectionRecord;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.TlsHandshake;
import org.eclipse.jetty.client.AbstractConnectionPool;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpDestination;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.io.ssl.SslConnection.SslEndPoint;
import org.eclipse.jetty.util.NanoTime;
import org.jspecify.annotations.Nullable;

/**
 * A transport connection, for as long as it lives. Jetty puts several connections of its
 * own on it, one above the other or one after the other: to a proxy, for TLS, to
 * negotiate the protocol, for HTTP. It holds nothing of a request but the exchanges that
 * are on it.
 */
final class JettyConnection {

	private final HttpClient client;

	private final NetTracing tracing;

	private final EndPoint transport;

	private final @Nullable DialTrace dial;

	private volatile @Nullable ConnectionRecord record;

	private volatile @Nullable Throwable failure;

	private volatile long idleSince = NanoTime.now();

	// The rest is guarded by this

	private @Nullable HttpDestination destination;

	/**
	 * Those that are not over. With a TLS proxy there may be two, one after the other.
	 */
	private final List<Handshake> handshakes = new ArrayList<>(0);

	private final List<JettyExchange> exchanges = new ArrayList<>(1);

	private @Nullable Runnable whenSecured;

	private boolean tunnelled;

	private boolean speaksHttp;

	private boolean opened;

	private boolean failed;

	private boolean closed;

	private int taken;

	private long goAway = -1;

	private boolean saidGoAway;

	private @Nullable CloseInfo close;

	/**
	 * Create a connection.
	 * @param client whose connection it is
	 * @param tracing where it gets its record
	 * @param transport the lowest of its end points
	 * @param dial the dial that has set it up, {@code null} if nothing listened
	 */
	JettyConnection(HttpClient client, NetTracing tracing, EndPoint transport, @Nullable DialTrace dial) {
		this.client = client;
		this.tracing = tracing;
		this.transport = transport;
		this.dial = dial;
		HttpDestination destination = (dial != null) ? dial.destination() : null;
		if (destination != null) {
			record(destination);
		}
	}

	/**
	 * Return the lowest of the end points that are one above the other.
	 */
	static EndPoint transport(EndPoint endPoint) {
		EndPoint transport = endPoint;
		while (transport instanceof SslEndPoint tls) {
			transport = tls.getSslConnection().getEndPoint();
		}
		return transport;
	}

	static @Nullable SocketChannel channel(EndPoint transport) {
		return (transport instanceof SocketChannelEndPoint socket) ? socket.getChannel() : null;
	}

	/**
	 * Return the record, which begins when the pool is known that the connection is for.
	 */
	ConnectionRecord record(HttpDestination destination) {
		ConnectionRecord record = this.record;
		return (record != null) ? record : begin(destination);
	}

	private synchronized ConnectionRecord begin(HttpDestination destination) {
		ConnectionRecord record = this.record;
		if (record == null) {
			this.destination = destination;
			PoolInfo pool = new PoolInfo(NetTraceJetty.CLIENT, destination.getHost(), destination.getPort(),
					maxConnections(destination));
			record = this.tracing.connection(pool, this.transport.getLocalSocketAddress(),
					this.transport.getRemoteSocketAddress());
			this.record = record;
		}
		return record;
	}

	private static int maxConnections(HttpDestination destination) {
		return (destination.getConnectionPool() instanceof AbstractConnectionPool pool) ? pool.getMaxConnectionCount()
				: -1;
	}

	private NetTrace hooks() {
		return (this.dial != null) ? this.dial.current() : NetTrace.NONE;
	}

	/**
	 * An exchange that nothing listens to has been answered.
	 */
	void count(HttpDestination destination) {
		ConnectionRecord record = record(destination);
		record.count();
		record.idle();
		this.idleSince = NanoTime.now();
	}

	/**
	 * The first of Jetty's connections is open: to a SOCKS proxy, if there is one.
	 */
	void connected() {
		HttpDestination destination = (this.dial != null) ? this.dial.destination() : null;
		String socks = (destination != null) ? ProxyStep.socks(destination) : null;
		if (this.dial != null && destination != null && socks != null) {
			this.dial.asks(ProxyStep.start(hooks(), socks, this.transport.getRemoteSocketAddress(), destination));
		}
	}

	/**
	 * One of Jetty's connections gives way to another. That to a SOCKS proxy does once
	 * the proxy has connected.
	 */
	void replaced() {
		if (this.dial != null) {
			this.dial.proxyAnswered(null);
		}
	}

	/**
	 * The proxy is asked for a tunnel, once the handshake with it is over.
	 */
	void asksForTunnel() {
		DialTrace dial = this.dial;
		HttpDestination destination = (dial != null) ? dial.destination() : null;
		if (dial != null && destination != null) {
			use(() -> dial
				.asks(ProxyStep.start(hooks(), "http", this.transport.getRemoteSocketAddress(), destination)));
		}
	}

	/**
	 * The proxy has answered a request for a tunnel.
	 * @param error why there is none, or {@code null}
	 */
	void tunnel(@Nullable Throwable error) {
		if (this.dial != null) {
			synchronized (this) {
				this.tunnelled = error == null;
			}
			this.dial.proxyAnswered(error);
		}
	}

	/**
	 * A connection for TLS is open. It may shake hands much later.
	 */
	synchronized void addHandshake(SSLEngine engine) {
		this.handshakes.add(new Handshake(engine));
	}

	/**
	 * Jetty begins to shake hands.
	 */
	void shakesHands() {
		Handshake next = next();
		if (next != null) {
			next.start(hooks());
		}
	}

	private synchronized @Nullable Handshake next() {
		return this.handshakes.isEmpty() ? null : this.handshakes.get(0);
	}

	private synchronized @Nullable Handshake of(SSLEngine engine) {
		Handshake next = next();
		return (next != null && next.engine == engine) ? next : null;
	}

	void handshakeSucceeded(SSLEngine engine) {
		Handshake handshake = of(engine);
		if (handshake == null) {
			return;
		}
		TlsInfo info = handshake.start(hooks()).succeeded(engine.getSession(), engine.getApplicationProtocol());
		ConnectionRecord record = this.record;
		if (record != null && info != null) {
			record.secured(info);
		}
		Runnable step;
		synchronized (this) {
			this.handshakes.remove(handshake);
			step = this.whenSecured;
			this.whenSecured = null;
		}
		openIfReady();
		if (step != null) {
			step.run();
		}
	}

	void handshakeFailed(SSLEngine engine, Throwable error) {
		Handshake handshake = of(engine);
		if (handshake != null) {
			boolean closedHere = this.failure != null || !this.transport.isOpen();
			handshake.start(hooks()).failed(closedHere ? handshakeFailure() : error);
			synchronized (this) {
				this.handshakes.remove(handshake);
				this.whenSecured = null;
				this.failed = true;
			}
		}
	}

	/**
	 * HTTP can be spoken on the connection, perhaps to a proxy that is asked for a tunnel
	 * first.
	 */
	void speaksHttp() {
		synchronized (this) {
			this.speaksHttp = true;
		}
		openIfReady();
	}

	private void openIfReady() {
		ConnectionRecord record;
		synchronized (this) {
			record = this.record;
			boolean ready = record != null && this.speaksHttp && !this.failed && next() == null
					&& (this.tunnelled || !asksProxy());
			if (record == null || !ready || this.opened) {
				return;
			}
			this.opened = true;
		}
		record.opened();
	}

	private boolean asksProxy() {
		return this.dial != null && this.destination != null && ProxyStep.tunnels(this.destination);
	}

	/**
	 * Something is to be sent. If there is a handshake to come, it begins now.
	 * @param step what happens once the handshake is over
	 */
	private void use(Runnable step) {
		Handshake handshake;
		synchronized (this) {
			handshake = next();
			if (handshake != null) {
				this.whenSecured = step;
			}
		}
		if (handshake != null) {
			handshake.start(hooks());
		}
		else {
			step.run();
		}
	}

	/**
	 * An exchange is put on the connection.
	 * @param exchange the exchange
	 * @param destination the pool that the connection is of
	 * @param whenReady is called when the connection is ready for it
	 */
	void take(JettyExchange exchange, HttpDestination destination, Runnable whenReady) {
		record(destination);
		openIfReady();
		synchronized (this) {
			this.exchanges.add(exchange);
			this.taken++;
		}
		use(whenReady);
	}

	/**
	 * Return the exchange that has handed the connection over: it is at its end, but
	 * Jetty has not said so yet.
	 */
	synchronized @Nullable JettyExchange before(JettyExchange exchange) {
		JettyExchange first = this.exchanges.isEmpty() ? null : this.exchanges.get(0);
		return (first != exchange) ? first : null;
	}

	/**
	 * Return the connection as an exchange has found it.
	 */
	ConnectionInfo acquire(HttpDestination destination, @Nullable String protocol, boolean handedOver) {
		return record(destination).acquire(protocol, handedOver);
	}

	/**
	 * An exchange is done with the connection.
	 * @param acquired whether the connection was ever ready for it
	 */
	void release(JettyExchange exchange, boolean acquired) {
		this.idleSince = NanoTime.now();
		ConnectionRecord record = this.record;
		if (acquired && record != null) {
			record.release();
		}
		boolean last;
		synchronized (this) {
			this.exchanges.remove(exchange);
			last = this.closed && this.exchanges.isEmpty();
		}
		if (last) {
			close(record);
		}
	}

	/**
	 * Return how many exchanges are on the connection.
	 */
	synchronized int active() {
		return this.exchanges.size();
	}

	synchronized boolean isOf(HttpDestination destination) {
		return this.destination == destination;
	}

	EndPoint transport() {
		return this.transport;
	}

	/**
	 * The connection is about to be closed, for a reason that only the exchange knows.
	 */
	synchronized void closesBecause(CloseInfo close) {
		if (this.close == null) {
			this.close = close;
		}
	}

	/**
	 * The peer takes no more exchanges (RFC 9113, section 6.8). An answer to what this
	 * side has said before does not count.
	 * @param errorCode the frame's
	 */
	synchronized void goAway(long errorCode) {
		if (!this.saidGoAway) {
			this.goAway = errorCode;
		}
	}

	/**
	 * This side takes no more exchanges.
	 */
	synchronized void saidGoAway() {
		this.saidGoAway = true;
	}

	/**
	 * The exchange for which Jetty shakes hands has failed. Jetty closes the connection
	 * next.
	 */
	void failsBecause(Throwable failure) {
		this.failure = failure;
	}

	/**
	 * The transport is closed.
	 */
	void closed() {
		List<JettyExchange> unfinished;
		synchronized (this) {
			unfinished = List.copyOf(this.exchanges);
			this.whenSecured = null;
		}
		unfinished.forEach(JettyExchange::connectionClosed);
		Handshake handshake = next();
		if (handshake != null) {
			handshake.failIfStarted(handshakeFailure());
		}
		if (this.dial != null && !this.client.isRunning()) {
			this.dial.proxyAnswered(Failures.cancelled(null));
		}
		boolean last;
		synchronized (this) {
			this.closed = true;
			last = this.exchanges.isEmpty(); // another thread may be about to release it
		}
		if (last) {
			close(this.record);
		}
	}

	private void close(@Nullable ConnectionRecord record) {
		if (record != null) {
			record.close(reason());
		}
	}

	private Throwable handshakeFailure() {
		Throwable failure = this.failure;
		if (failure != null) {
			return failure;
		}
		if (!this.client.isRunning()) {
			return Failures.cancelled(null);
		}
		return hasTimedOut() ? new TimeoutException("Idle timeout expired: " + this.transport.getIdleTimeout() + " ms")
				: new EOFException("the connection was closed");
	}

	/**
	 * Jetty does not say who closes a connection that nothing is on.
	 */
	private synchronized CloseInfo reason() {
		if (this.goAway >= 0) {
			return CloseInfo.goAway(this.goAway);
		}
		CloseInfo close = this.close;
		if (!this.client.isRunning() && (close == null || close.reason() != CloseReason.NOT_KEPT)) {
			return CloseInfo.of(CloseReason.CLIENT_CLOSED);
		}
		if (close != null) {
			return close;
		}
		return hasTimedOut() ? CloseInfo.of(CloseReason.IDLE) : closeOfPool();
	}

	/**
	 * Jetty has begun to measure a bit before, and forgets what it has measured.
	 */
	private boolean hasTimedOut() {
		long idleTimeout = this.transport.getIdleTimeout();
		return idleTimeout > 0 && NanoTime.millisSince(this.idleSince) >= idleTimeout * 9 / 10;
	}

	/**
	 * Whether the pool keeps any connection that is given back.
	 */
	synchronized boolean isKeptByPool() {
		return this.destination != null && this.destination.getConnectionPool() instanceof AbstractConnectionPool pool
				&& pool.getMaxDuration() <= 0 && pool.getMaxUsage() <= 0;
	}

	private CloseInfo closeOfPool() {
		if (this.destination != null && this.destination.getConnectionPool() instanceof AbstractConnectionPool pool) {
			if (pool.getMaxDuration() > 0
					&& System.currentTimeMillis() - this.transport.getCreatedTimeStamp() >= pool.getMaxDuration()) {
				return CloseInfo.of(CloseReason.MAX_LIFETIME);
			}
			if (pool.getMaxUsage() > 0 && this.taken >= pool.getMaxUsage()) {
				return CloseInfo.notKept(Side.CLIENT);
			}
		}
		return CloseInfo.of(CloseReason.PEER);
	}

	/**
	 * A handshake, which begins when there is something to be sent. Jetty shakes hands on
	 * one thread at a time.
	 */
	private static final class Handshake {

		private final SSLEngine engine;

		private volatile @Nullable TlsHandshake started;

		Handshake(SSLEngine engine) {
			this.engine = engine;
		}

		TlsHandshake start(NetTrace hooks) {
			TlsHandshake started = this.started;
			if (started == null) {
				started = TlsHandshake.start(hooks, this.engine);
				this.started = started;
			}
			return started;
		}

		void failIfStarted(Throwable failure) {
			TlsHandshake started = this.started;
			if (started != null) {
				started.failed(failure);
			}
		}

	}

}
