package io.nettrace.libraries;

import java.net.URI;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.socket.WebSocketMessage;
import org.springframework.web.reactive.socket.client.ReactorNettyWebSocketClient;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;

/**
 * Spring's WebSocket client on Reactor Netty.
 */
@Library(name = "Spring's ReactorNettyWebSocketClient, a bean", of = ReactorNettyWebSocketClient.class,
		support = Support.OUT_OF_THE_BOX, how = "nettrace.libraries.reactor-netty.enabled",
		shows = { Step.LOOKUP, Step.ATTEMPT }, below = "the current observation")
class WebSocketTests extends LibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	Peer startPeer() {
		return WebSocketPeer.start();
	}

	@Override
	String call(LibraryApplication application, String host) {
		URI uri = URI.create("ws://" + host + ":" + peer().port() + "/");
		AtomicReference<String> received = new AtomicReference<>("");
		Mono<Void> session = application.bean(ReactorNettyWebSocketClient.class)
			.execute(uri,
					(connected) -> connected.receive()
						.map(WebSocketMessage::getPayloadAsText)
						.doOnNext(received::set)
						.then());
		Observation.createNotStarted("business", application.bean(ObservationRegistry.class)).observe(() -> {
			session.block();
		});
		return Objects.requireNonNull(received.get());
	}

	@Override
	String expectedTree() {
		return """
				business
				  DNS lookup two.test: 127.0.0.8, 127.0.0.9
				  socket connect ! 127.0.0.8: connection_refused
				  socket connect 127.0.0.9
				""";
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		ReactorNettyWebSocketClient client(Names names) {
			return new ReactorNettyWebSocketClient(HttpClient.create().resolver(names.netty()));
		}

	}

	/**
	 * Sends one message to each client, and closes.
	 */
	private record WebSocketPeer(DisposableServer server, AtomicInteger accepted) implements Peer {

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

}
