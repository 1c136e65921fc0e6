package io.nettrace.client.httpcomponents;

import io.nettrace.NetTrace;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.nio.AsyncConnectionEndpoint;
import org.apache.hc.core5.concurrent.CallbackContribution;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.net.NamedEndpoint;
import org.apache.hc.core5.reactor.ConnectionInitiator;
import org.apache.hc.core5.reactor.IOSession;
import org.jspecify.annotations.Nullable;

/**
 * One dial of a connection manager: from what its attempts connect to the connection that
 * is ready for a request, or for the proxy.
 */
final class AsyncDial implements FutureCallback<AsyncConnectionEndpoint> {

	private final AsyncConnections connections;

	private final NetTrace trace;

	private final @Nullable HttpRoute route;

	private final @Nullable FutureCallback<AsyncConnectionEndpoint> callback;

	private volatile @Nullable IOSession session;

	/**
	 * Create a dial.
	 * @param connections the connections of the manager
	 * @param trace the trace of the dial
	 * @param route what the connection is for, or {@code null} if nothing watches the
	 * request
	 * @param callback what the library waits with
	 */
	AsyncDial(AsyncConnections connections, NetTrace trace, @Nullable HttpRoute route,
			@Nullable FutureCallback<AsyncConnectionEndpoint> callback) {
		this.connections = connections;
		this.trace = trace;
		this.route = route;
		this.callback = callback;
	}

	/**
	 * Return what the library is to connect with.
	 * @param attempts makes the attempts
	 */
	ConnectionInitiator initiator(ConnectionInitiator attempts) {
		return (endpoint, remote, local, timeout, attachment, callback) -> attempts.connect(endpoint, remote, local,
				timeout, attachment, new CallbackContribution<IOSession>(callback) {

					@Override
					public void completed(IOSession session) {
						if (callback != null) {
							connected(session, endpoint, callback);
						}
					}

				});
	}

	private void connected(IOSession session, NamedEndpoint endpoint, FutureCallback<IOSession> callback) {
		IOSession used = this.connections.connected(session, (this.route != null) ? this.route : routeTo(endpoint),
				this.trace);
		this.session = used;
		try {
			callback.completed(used);
		}
		finally {
			if (used instanceof TracedSession traced) {
				traced.setUp();
			}
		}
	}

	/**
	 * Right unless there is a proxy.
	 */
	private static HttpRoute routeTo(NamedEndpoint endpoint) {
		HttpHost host = (endpoint instanceof HttpHost target) ? target
				: new HttpHost(endpoint.getHostName(), endpoint.getPort());
		return new HttpRoute(host, null, "https".equalsIgnoreCase(host.getSchemeName()));
	}

	@Override
	public void completed(AsyncConnectionEndpoint endpoint) {
		if (this.session instanceof TracedSession connected && (this.route == null || !this.route.isTunnelled())) {
			connected.opened();
		}
		if (this.callback != null) {
			this.callback.completed(endpoint);
		}
	}

	@Override
	public void failed(Exception ex) {
		if (this.callback != null) {
			this.callback.failed(ex);
		}
	}

	@Override
	public void cancelled() {
		if (this.callback != null) {
			this.callback.cancelled();
		}
	}

}
