package io.nettrace.libraries;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.nettrace.test.RefusingAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What Spring Cloud Gateway sends on.
 */
@Library(name = "Spring Cloud Gateway, WebFlux", of = GlobalFilter.class, support = Support.OUT_OF_THE_BOX,
		how = "nettrace.libraries.gateway.enabled", shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE },
		below = "the gateway's client span")
class GatewayTests extends GatewayTest {

	private final WebSocketPeer sockets = WebSocketPeer.start();

	private final RefusingAddress refusing = RefusingAddress.open("127.0.0.8", this.sockets.port());

	@AfterAll
	void closeSockets() {
		this.refusing.close();
		this.sockets.close();
	}

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	WebApplicationType webApplicationType() {
		return WebApplicationType.REACTIVE;
	}

	@Override
	List<String> autoConfigurations() {
		return List.of("org.springframework.cloud.gateway.config.", "org.springframework.boot.webflux.",
				"org.springframework.boot.netty.", "org.springframework.boot.web.");
	}

	@Override
	String prefix() {
		return "spring.cloud.gateway.server.webflux";
	}

	@Override
	List<String> properties() {
		List<String> properties = super.properties();
		addRoute(properties, "socket", "ws://two.test:" + this.sockets.port());
		return properties;
	}

	@Override
	String expectedTree() {
		return """
				http get
				  HTTP GET
				    DNS lookup two.test: 127.0.0.8, 127.0.0.9
				    socket connect ! 127.0.0.8: connection_refused
				    socket connect 127.0.0.9
				""";
	}

	/**
	 * The gateway's client span of a WebSocket never ends.
	 */
	@Test
	void showsAWebSocketsConnection() {
		CompletableFuture<String> received = new CompletableFuture<>();
		WebSocket socket = HttpClient.newHttpClient()
			.newWebSocketBuilder()
			.buildAsync(URI.create("ws://127.0.0.1:" + application().port() + "/socket/"), new WebSocket.Listener() {

				@Override
				public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
					received.complete(data.toString());
					return null;
				}

			})
			.join();
		assertThat(received.join()).isEqualTo("answer to /");
		socket.abort();
		awaitTree("""
				http get
				  DNS lookup two.test: 127.0.0.8, 127.0.0.9
				  socket connect ! 127.0.0.8: connection_refused
				  socket connect 127.0.0.9
				""");
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		HttpClientCustomizer names(Names names) {
			return (client) -> client.resolver(names.netty());
		}

	}

}
