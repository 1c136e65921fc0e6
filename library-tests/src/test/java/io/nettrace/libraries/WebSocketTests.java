package io.nettrace.libraries;

import java.net.URI;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.socket.WebSocketMessage;
import org.springframework.web.reactive.socket.client.ReactorNettyWebSocketClient;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/**
 * Spring's WebSocket client on Reactor Netty.
 */
@Library(name = "Spring's ReactorNettyWebSocketClient, a bean", of = ReactorNettyWebSocketClient.class,
		support = Support.OUT_OF_THE_BOX, how = "nettrace.libraries.reactor-netty.enabled",
		shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE }, below = "the current observation")
class WebSocketTests extends HttpLibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	Peer startPeer() {
		return WebSocketPeer.start();
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		URI uri = URI.create(url(host).replaceFirst("^http", "ws"));
		AtomicReference<String> received = new AtomicReference<>("");
		Mono<Void> session = application.bean(ReactorNettyWebSocketClient.class)
			.execute(uri,
					(connected) -> connected.receive()
						.map(WebSocketMessage::getPayloadAsText)
						.doOnNext(received::set)
						.then());
		application.business(session::block);
		return Objects.requireNonNull(received.get());
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		ReactorNettyWebSocketClient client(Names names) {
			return new ReactorNettyWebSocketClient(HttpClient.create().resolver(names.netty()));
		}

	}

}
