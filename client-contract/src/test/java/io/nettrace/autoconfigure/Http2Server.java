package io.nettrace.autoconfigure;

import java.util.ArrayList;
import java.util.List;

import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/**
 * Speaks HTTP/1.1 and HTTP/2 in clear text, and answers no request until the test says
 * so.
 */
final class Http2Server implements AutoCloseable {

	private final Server server = new Server();

	private final HoldingHandler handler = new HoldingHandler();

	private final ServerConnector connector;

	private Http2Server(String host) {
		HttpConfiguration configuration = new HttpConfiguration();
		this.connector = new ServerConnector(this.server, new HttpConnectionFactory(configuration),
				new HTTP2CServerConnectionFactory(configuration));
		this.connector.setHost(host);
		this.server.addConnector(this.connector);
		this.server.setHandler(this.handler);
	}

	static Http2Server start(String host) throws Exception {
		Http2Server server = new Http2Server(host);
		server.server.start();
		return server;
	}

	String url(String host) {
		return "http://" + host + ":" + this.connector.getLocalPort() + "/";
	}

	void awaitRequests(int count) throws InterruptedException {
		this.handler.awaitRequests(count);
	}

	/**
	 * Answer the requests that have come and those that will.
	 */
	void release() {
		this.handler.release();
	}

	/**
	 * Send a {@code GOAWAY} on each connection, then close it.
	 * @param errorCode as in RFC 9113, section 7
	 */
	void sendAway(int errorCode) {
		this.connector.getConnectedEndPoints()
			.stream()
			.map((endPoint) -> (HTTP2Connection) endPoint.getConnection())
			.forEach((connection) -> connection.getSession()
				.close(errorCode, "away", Callback.from(connection.getEndPoint()::close)));
	}

	@Override
	public void close() {
		release();
		try {
			this.server.stop();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static final class HoldingHandler extends Handler.Abstract.NonBlocking {

		private final List<Callback> held = new ArrayList<>();

		private boolean released;

		@Override
		public synchronized boolean handle(Request request, Response response, Callback callback) {
			this.held.add(callback);
			if (this.released) {
				callback.succeeded();
			}
			notifyAll();
			return true;
		}

		synchronized void awaitRequests(int count) throws InterruptedException {
			while (this.held.size() < count) {
				wait();
			}
		}

		synchronized void release() {
			if (!this.released) {
				this.released = true;
				this.held.forEach(Callback::succeeded);
			}
		}

	}

}
