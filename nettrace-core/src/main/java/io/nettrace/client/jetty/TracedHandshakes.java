package io.nettrace.client.jetty;

import java.io.EOFException;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;

import javax.net.ssl.SSLEngine;

import io.nettrace.NetTrace;
import io.nettrace.instrument.TlsHandshake;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.jspecify.annotations.Nullable;

/**
 * Fires the hooks of the TLS handshakes of one client, behind a TLS proxy two for one
 * connection. As a bean of the client it is told of each of its connections. Jetty tells
 * nothing of a handshake that hangs but the close of its connection.
 */
final class TracedHandshakes implements Connection.Listener, SslHandshakeListener {

	private final HttpClient client;

	private final TracedConnectListener connects;

	private final Map<SSLEngine, TlsHandshake> underWay = new ConcurrentHashMap<>();

	TracedHandshakes(HttpClient client, TracedConnectListener connects) {
		this.client = client;
		this.connects = connects;
	}

	/**
	 * Jetty makes the connection when the transport is connected, and a proxy's tunnel
	 * stands, and shakes hands once there is something to write.
	 */
	@Override
	public void onOpened(Connection connection) {
		if (connection instanceof SslConnection tls) {
			SocketChannel channel = channel(tls.getEndPoint());
			NetTrace hooks = (channel != null) ? this.connects.dialOf(channel) : NetTrace.NONE;
			if (hooks != NetTrace.NONE) {
				SSLEngine engine = tls.getSSLEngine();
				this.underWay.put(engine, TlsHandshake.start(hooks, engine));
			}
		}
	}

	private static @Nullable SocketChannel channel(EndPoint endPoint) {
		EndPoint transport = endPoint;
		while (transport instanceof SslConnection.SslEndPoint tls) {
			transport = tls.getSslConnection().getEndPoint();
		}
		return (transport instanceof SocketChannelEndPoint socket) ? socket.getChannel() : null;
	}

	@Override
	public void handshakeSucceeded(Event event) {
		TlsHandshake handshake = this.underWay.remove(event.getSSLEngine());
		if (handshake != null) {
			SSLEngine engine = event.getSSLEngine();
			handshake.succeeded(engine.getSession(), engine.getApplicationProtocol());
		}
	}

	@Override
	public void handshakeFailed(Event event, Throwable failure) {
		TlsHandshake handshake = this.underWay.remove(event.getSSLEngine());
		if (handshake != null) {
			handshake.failed(failure);
		}
	}

	@Override
	public void onClosed(Connection connection) {
		if (connection instanceof SslConnection tls) {
			TlsHandshake handshake = this.underWay.remove(tls.getSSLEngine());
			if (handshake != null) {
				handshake.failed(reason(tls));
			}
		}
	}

	private Throwable reason(SslConnection connection) {
		if (!this.client.isRunning()) {
			return new CancellationException("operation was canceled");
		}
		long idleTimeout = connection.getEndPoint().getIdleTimeout();
		boolean timedOut = idleTimeout > 0
				&& System.currentTimeMillis() - connection.getCreatedTimeStamp() >= idleTimeout;
		return timedOut ? new TimeoutException("Idle timeout expired: " + idleTimeout + " ms")
				: new EOFException("the connection was closed");
	}

}
