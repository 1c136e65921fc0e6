package io.nettrace.client.jetty;

import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

import javax.net.ssl.SSLEngine;

import io.nettrace.ConnectionInfo;
import io.nettrace.PoolInfo;
import io.nettrace.TlsInfo;
import io.nettrace.instrument.ConnectionRecord;
import io.nettrace.instrument.NetTracing;
import org.eclipse.jetty.client.AbstractConnectionPool;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpDestination;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.io.ssl.SslConnection.SslEndPoint;
import org.jspecify.annotations.Nullable;

/**
 * A transport connection, for as long as it lives. Jetty puts several connections of its
 * own on it, one above the other or one after the other: to a proxy, for TLS, to
 * negotiate the protocol, for HTTP. It holds nothing of a request but the exchanges that
 * are on it.
 */
final class JettyConnection {

	private final NetTracing tracing;

	private final EndPoint transport;

	private final @Nullable DialTrace dial;

	private volatile @Nullable ConnectionRecord record;

	private final Handshakes handshakes;

	private final CloseReasons closeReasons;

	private final Object securing = new Object();

	// The rest is guarded by this

	private @Nullable HttpDestination destination;

	private final List<JettyExchange> exchanges = new ArrayList<>(1);

	private boolean tunnelled;

	private boolean speaksHttp;

	private boolean opened;

	private boolean closing;

	private boolean closed;

	/**
	 * Create a connection.
	 * @param client whose connection it is
	 * @param tracing where it gets its record
	 * @param transport the lowest of its end points
	 * @param dial the dial that has set it up, {@code null} if nothing listened
	 */
	JettyConnection(HttpClient client, NetTracing tracing, EndPoint transport, @Nullable DialTrace dial) {
		this.tracing = tracing;
		this.transport = transport;
		this.dial = dial;
		this.handshakes = new Handshakes(dial);
		this.closeReasons = new CloseReasons(client, transport);
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

	/**
	 * An exchange that nothing listens to has been answered.
	 */
	void count(HttpDestination destination) {
		ConnectionRecord record = record(destination);
		record.count();
		record.idle();
		this.closeReasons.idle();
	}

	/**
	 * The first of Jetty's connections is open: to a SOCKS proxy, if there is one.
	 */
	void connected() {
		HttpDestination destination = (this.dial != null) ? this.dial.destination() : null;
		String socks = (destination != null) ? Proxies.socks(destination) : null;
		if (this.dial != null && destination != null && socks != null) {
			this.dial.asks(Proxies.ask(DialTrace.hooksOf(this.dial), socks, this.transport.getRemoteSocketAddress(),
					destination));
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
			this.handshakes.beginBefore(() -> dial.asks(Proxies.ask(DialTrace.hooksOf(this.dial), "http",
					this.transport.getRemoteSocketAddress(), destination)));
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
	 * A connection for TLS is open.
	 */
	void addHandshake(SSLEngine engine) {
		this.handshakes.add(engine);
	}

	/**
	 * Jetty begins to shake hands.
	 */
	void shakesHands() {
		this.handshakes.begin();
	}

	void handshakeSucceeded(SSLEngine engine) {
		if (this.handshakes.isNext(engine)) {
			synchronized (this.securing) {
				secured(engine);
			}
		}
	}

	/**
	 * Wait while another thread tells that a handshake is over. Jetty may write and read
	 * by then.
	 */
	void awaitSecured() {
		synchronized (this.securing) {
			// told
		}
	}

	private void secured(SSLEngine engine) {
		TlsInfo info = this.handshakes.succeeded(engine);
		if (info == null) {
			return;
		}
		ConnectionRecord record = this.record;
		if (record != null) {
			record.secured(info);
		}
		Runnable next = this.handshakes.end();
		openIfReady();
		if (next != null) {
			next.run();
		}
	}

	void handshakeFailed(SSLEngine engine, Throwable error) {
		this.handshakes.failed(engine, () -> this.closeReasons.ofHandshake(error));
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
			boolean ready = record != null && this.speaksHttp && this.handshakes.haveSucceeded()
					&& (this.tunnelled || !asksProxy());
			if (record == null || !ready || this.opened) {
				return;
			}
			this.opened = true;
		}
		record.opened();
		closeIfUnused(record); // another thread may have found nothing to close
	}

	private boolean asksProxy() {
		return this.dial != null && this.destination != null && Proxies.tunnels(this.destination);
	}

	/**
	 * An exchange is put on the connection.
	 * @param exchange the exchange
	 * @param destination the pool that the connection is of
	 * @return whether the connection is still there
	 */
	boolean add(JettyExchange exchange, HttpDestination destination) {
		record(destination);
		openIfReady();
		synchronized (this) {
			if (this.closing) {
				return false;
			}
			this.exchanges.add(exchange);
		}
		this.closeReasons.used();
		return true;
	}

	/**
	 * The exchange that has been put on the connection is about to be sent.
	 * @param step what happens once no handshake is to come
	 */
	void whenSecured(Runnable step) {
		this.handshakes.beginBefore(step);
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
	 * Return the connection as an exchange has found it, {@code null} if it has just been
	 * closed. Jetty gives a connection to the first exchange in the queue: one that was
	 * set up for another request has been kept for it, though not idle if the exchange
	 * has one set up, too.
	 */
	@Nullable ConnectionInfo acquire(HttpExchange exchange, @Nullable String protocol, boolean handedOver) {
		ConnectionRecord record = record(exchange.getHttpDestination());
		JettyRequest request = JettyRequest.of(exchange.getRequest());
		if (request == null || this.dial == null || this.dial.isOf(request)) {
			return record.acquire(protocol, handedOver);
		}
		record.keep();
		return record.acquire(protocol, handedOver || request.hasDialed());
	}

	/**
	 * An exchange is done with the connection.
	 * @param acquired whether the connection was ever ready for it
	 */
	void release(JettyExchange exchange, boolean acquired) {
		this.closeReasons.idle();
		ConnectionRecord record = this.record;
		if (acquired && record != null) {
			record.release();
		}
		synchronized (this) {
			this.exchanges.remove(exchange);
		}
		closeIfUnused(record);
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
	 * Return what tells why the connection is closed.
	 */
	CloseReasons closeReasons() {
		return this.closeReasons;
	}

	/**
	 * Whether the pool keeps the connection when it is given back.
	 */
	synchronized boolean isKeptByPool() {
		return CloseReasons.isKeptBy(this.destination);
	}

	/**
	 * The transport is closed.
	 */
	void closed() {
		List<JettyExchange> unfinished;
		synchronized (this) {
			this.closing = true;
			unfinished = List.copyOf(this.exchanges);
		}
		this.handshakes.giveUp();
		unfinished.forEach(JettyExchange::connectionClosed);
		this.handshakes.closed(this.closeReasons::ofHandshake);
		if (this.dial != null && this.closeReasons.isClientClosed()) {
			this.dial.proxyAnswered(Failures.cancelled(null));
		}
		synchronized (this) {
			this.closed = true;
		}
		closeIfUnused(this.record);
	}

	/**
	 * An exchange that another thread is about to end is released before.
	 */
	private void closeIfUnused(@Nullable ConnectionRecord record) {
		HttpDestination destination;
		boolean unused;
		synchronized (this) {
			destination = this.destination;
			unused = this.closed && this.exchanges.isEmpty();
		}
		if (unused && record != null) {
			record.close(this.closeReasons.ofConnection(destination));
		}
	}

}
