package io.nettrace.libraries;

import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/**
 * Sends one message to each client, and closes.
 */
final class WebSocketPeer extends ForwardingPeer {

	private final DisposableServer server;

	private WebSocketPeer(DisposableServer server) {
		super(server.port());
		this.server = server;
	}

	static WebSocketPeer start() {
		WebSocketPeer peer = new WebSocketPeer(HttpServer.create()
			.host("127.0.0.1")
			.port(0)
			.route((routes) -> routes.ws("/", (in, out) -> out.sendString(Mono.just("answer to /"))))
			.bindNow());
		peer.accept();
		return peer;
	}

	@Override
	public void close() {
		super.close();
		this.server.disposeNow();
	}

}
