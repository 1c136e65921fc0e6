package io.nettrace.client.jetty;

import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

import io.nettrace.instrument.NetTracing;
import org.eclipse.jetty.client.AbstractConnectionPool;
import org.eclipse.jetty.client.ConnectionPool.MaxMultiplexable;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpDestination;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.NegotiatingClientConnection;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of one client. As a bean of the client it is told of each of them,
 * and of their handshakes.
 */
final class JettyConnections implements Connection.Listener, SslHandshakeListener {

	private final HttpClient client;

	private final NetTracing tracing;

	private volatile @Nullable TracedConnectListener connects;

	/**
	 * By the lowest of their end points.
	 */
	private final Map<EndPoint, JettyConnection> open = new ConcurrentHashMap<>();

	/**
	 * Those that have streams. What the pool holds of them does not lead to their end
	 * point.
	 */
	private final Map<org.eclipse.jetty.client.Connection, JettyConnection> multiplexed = new ConcurrentHashMap<>();

	JettyConnections(HttpClient client, NetTracing tracing) {
		this.client = client;
		this.tracing = tracing;
	}

	/**
	 * The client starts.
	 * @param connects knows the dials of the connections
	 */
	void connectedBy(TracedConnectListener connects) {
		this.connects = connects;
	}

	@Override
	public void onOpened(Connection opened) {
		EndPoint transport = JettyConnection.transport(opened.getEndPoint());
		JettyConnection connection = this.open.get(transport);
		if (connection == null) {
			connection = new JettyConnection(this.client, this.tracing, transport, dialOf(transport));
			this.open.put(transport, connection);
			connection.connected();
		}
		if (opened instanceof SslConnection tls) {
			connection.addHandshake(tls.getSSLEngine());
		}
		else if (opened instanceof org.eclipse.jetty.client.Connection) {
			connection.speaksHttp(); // HTTP/1.1, which shakes hands when it is used
		}
		else if (Http2.watch(opened, connection)) {
			connection.shakesHands();
			connection.speaksHttp();
		}
		else if (opened instanceof NegotiatingClientConnection) {
			connection.shakesHands();
		}
		if (!transport.isOpen()) { // another thread may have been told before this one
			closed(transport, connection);
		}
	}

	private @Nullable DialTrace dialOf(EndPoint transport) {
		SocketChannel channel = JettyConnection.channel(transport);
		TracedConnectListener connects = this.connects;
		return (channel != null && connects != null) ? connects.dialOf(channel) : null;
	}

	/**
	 * Also called for a connection that gives way to another one on the same transport.
	 */
	@Override
	public void onClosed(Connection closed) {
		EndPoint transport = JettyConnection.transport(closed.getEndPoint());
		if (transport.isOpen()) {
			JettyConnection connection = this.open.get(transport);
			if (connection != null) {
				connection.replaced();
			}
			return;
		}
		JettyConnection connection = this.open.get(transport);
		if (connection != null) {
			closed(transport, connection);
		}
	}

	private void closed(EndPoint transport, JettyConnection connection) {
		this.open.remove(transport);
		this.multiplexed.values().remove(connection);
		connection.closed();
	}

	@Override
	public void handshakeSucceeded(Event event) {
		JettyConnection connection = this.open.get(JettyConnection.transport(event.getEndPoint()));
		if (connection != null) {
			connection.handshakeSucceeded(event.getSSLEngine());
		}
	}

	@Override
	public void handshakeFailed(Event event, Throwable failure) {
		JettyConnection connection = this.open.get(JettyConnection.transport(event.getEndPoint()));
		if (connection != null) {
			connection.handshakeFailed(event.getSSLEngine(), failure);
		}
	}

	/**
	 * Return the transport connection below one of the pool's.
	 * @return the connection, {@code null} if it is not known
	 */
	@Nullable JettyConnection find(org.eclipse.jetty.client.@Nullable Connection pooled) {
		if (pooled instanceof Connection connection) {
			return this.open.get(JettyConnection.transport(connection.getEndPoint()));
		}
		if (pooled == null) {
			return null;
		}
		JettyConnection known = this.multiplexed.get(pooled);
		return (known != null) ? known : findByAddresses(pooled);
	}

	private @Nullable JettyConnection findByAddresses(org.eclipse.jetty.client.Connection pooled) {
		SocketAddress local = pooled.getLocalSocketAddress();
		SocketAddress remote = pooled.getRemoteSocketAddress();
		for (JettyConnection connection : this.open.values()) {
			EndPoint transport = connection.transport();
			if (local != null && local.equals(transport.getLocalSocketAddress())
					&& Objects.equals(remote, transport.getRemoteSocketAddress())) {
				this.multiplexed.put(pooled, connection);
				if (this.open.get(transport) != connection) { // closed meanwhile
					this.multiplexed.remove(pooled);
				}
				return connection;
			}
		}
		return null;
	}

	/**
	 * Whether the pool has a connection for an exchange that has just been queued, or
	 * place for one.
	 */
	boolean hasPlace(HttpExchange exchange) {
		HttpDestination destination = exchange.getHttpDestination();
		if (!(destination.getConnectionPool() instanceof AbstractConnectionPool pool)) {
			return true;
		}
		int places = pool.getMaxConnectionCount() - pool.getConnectionCount() + pool.getPendingConnectionCount()
				+ pool.getIdleConnectionCount();
		if (destination.getQueuedRequestCount() <= places) {
			return true;
		}
		int ahead = ahead(exchange, destination);
		return ahead < places || ahead < places + streams(destination);
	}

	/**
	 * Others may have been queued since.
	 */
	private static int ahead(HttpExchange exchange, HttpDestination destination) {
		int ahead = 0;
		for (HttpExchange queued : destination.getHttpExchanges()) {
			if (queued == exchange) {
				break;
			}
			ahead++;
		}
		return ahead;
	}

	/**
	 * Return how many streams may be opened on the connections that are in use.
	 */
	private int streams(HttpDestination destination) {
		int streams = 0;
		for (Map.Entry<org.eclipse.jetty.client.Connection, JettyConnection> entry : this.multiplexed.entrySet()) {
			JettyConnection connection = entry.getValue();
			if (entry.getKey() instanceof MaxMultiplexable limit && connection.isOf(destination)) {
				int active = connection.active();
				streams += Math.max(0, limit.getMaxMultiplex() - Math.max(1, active));
			}
		}
		return streams;
	}

}
