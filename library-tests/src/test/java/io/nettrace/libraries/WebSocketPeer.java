package io.nettrace.libraries;

import java.util.concurrent.atomic.AtomicInteger;

import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/**
 * Sends one message to each client, and closes.
 */
record WebSocketPeer(DisposableServer server, AtomicInteger accepted) implements Peer {

	static WebSocketPeer start() {
		AtomicInteger accepted = new AtomicInteger();
		return new WebSocketPeer(HttpServer.create()
			.host(ADDRESS)
			.port(0)
			.doOnConnection((connection) -> accepted.incrementAndGet())
			.route((routes) -> routes.ws("/", (in, out) -> out.sendString(Mono.just("answer to /"))))
			.bindNow(), accepted);
	}

	@Override
	public int port() {
		return this.server.port();
	}

	@Override
	public int connections() {
		return this.accepted.get();
	}

	@Override
	public void close() {
		this.server.disposeNow();
	}

}
