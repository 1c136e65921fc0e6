package io.nettrace.client.okhttp;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

import io.nettrace.PoolInfo;
import io.nettrace.instrument.NetTracing;
import okhttp3.Connection;
import okhttp3.Route;
import org.jspecify.annotations.Nullable;

/**
 * The connections that traced calls have used, of whatever pool. OkHttp does not tell
 * when a pool closes one that is idle: it is noticed with the next event of any call.
 */
final class OkHttpConnections {

	private final NetTracing tracing;

	private final Map<Connection, OkHttpConnection> known = Collections.synchronizedMap(new WeakHashMap<>());

	private final Set<OkHttpConnection> idle = ConcurrentHashMap.newKeySet();

	OkHttpConnections(NetTracing tracing) {
		this.tracing = tracing;
	}

	/**
	 * A call has got a connection.
	 * @param connection the connection
	 * @param opened whether it was opened for the call, unless it is known
	 */
	OkHttpConnection acquired(Connection connection, boolean opened) {
		OkHttpConnection acquired = this.known.computeIfAbsent(connection, (key) -> begin(connection, opened));
		this.idle.remove(acquired);
		return acquired;
	}

	private OkHttpConnection begin(Connection connection, boolean opened) {
		Socket socket = connection.socket();
		OkHttpConnection begun = new OkHttpConnection(socket, this.tracing.connection(pool(connection.route()),
				socket.getLocalSocketAddress(), socket.getRemoteSocketAddress()));
		if (!opened) {
			begun.record().keep(); // by an untraced call, or before this one was traced
		}
		return begun;
	}

	private static PoolInfo pool(Route route) {
		boolean forwards = route.proxy().type() == Proxy.Type.HTTP && route.address().sslSocketFactory() == null;
		if (forwards && route.proxy().address() instanceof InetSocketAddress proxy) {
			return new PoolInfo(NetTraceOkHttp.CLIENT, proxy.getHostString(), proxy.getPort(), -1);
		}
		return new PoolInfo(NetTraceOkHttp.CLIENT, route.address().url().host(), route.address().url().port(), -1);
	}

	/**
	 * Return what is known of a connection.
	 * @return the connection, {@code null} if no traced call has used it
	 */
	@Nullable OkHttpConnection find(Connection connection) {
		return this.known.get(connection);
	}

	/**
	 * A call is done with a connection.
	 */
	void released(OkHttpConnection connection) {
		if (!connection.closeIfClosed() && connection.isIdle()) {
			this.idle.add(connection);
		}
	}

	/**
	 * Look which idle connections their pools have closed.
	 */
	void notice() {
		if (!this.idle.isEmpty()) {
			this.idle.removeIf(OkHttpConnection::closeIfClosed);
		}
	}

}
