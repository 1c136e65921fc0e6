package io.nettrace.autoconfigure;

import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Mockito;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.socket.client.ReactorNettyWebSocketClient;
import org.springframework.web.reactive.socket.client.WebSocketClient;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Beans of Reactor Netty's client are traced, however they are made, and what the log
 * says of them is true.
 */
@Tag("one-jdk")
@ExtendWith(OutputCaptureExtension.class)
class ReactorNettyBeansTests {

	private static final List<String> TRACED = List.of("connectStart tcp 127.0.0.9", "connectDone tcp 127.0.0.9 ok");

	private final RecordingNetTrace hooks = new RecordingNetTrace();

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	@AfterEach
	void stopServer() {
		this.server.close();
	}

	@ParameterizedTest
	@ValueSource(classes = { Singleton.class, Prototype.class, MadeByAFactoryBean.class, EarlyForAPostProcessor.class,
			Derived.class })
	void tracesClients(Class<?> configuration, CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(configuration)) {
			get(context.getBean(HttpClient.class));
		}
		assertThat(this.hooks.calls()).isEqualTo(TRACED);
		assertThat(output).contains("the Reactor Netty HttpClient 'client': dns, connect");
	}

	@Test
	void tracesTheClientOfAConnectorOnce() {
		try (ConfigurableApplicationContext context = start(WithConnector.class)) {
			context.getBean(WebClient.class)
				.get()
				.uri(this.server.url("127.0.0.9"))
				.retrieve()
				.toBodilessEntity()
				.block();
		}
		assertThat(this.hooks.calls()).isEqualTo(TRACED);
	}

	@Test
	void tracesAWebSocketClientThatMadeItsOwn(CapturedOutput output) {
		URI uri = URI.create(this.server.url("127.0.0.9").replace("http:", "ws:"));
		try (ConfigurableApplicationContext context = start(WebSocket.class)) {
			WebSocketClient client = context.getBean(WebSocketClient.class);
			assertThatException().isThrownBy(() -> client.execute(uri, (session) -> session.close()).block())
				.withMessageContaining("Invalid handshake response");
		}
		assertThat(this.hooks.calls()).isEqualTo(TRACED);
		assertThat(said(output)).anyMatch((line) -> line.contains("the WebSocket client 'client' on Reactor Netty"));
	}

	@Test
	void leavesAProxyAlone() {
		try (ConfigurableApplicationContext context = start(Proxied.class)) {
			assertThat(context.getBean("client")).isSameAs(context.getBean(Proxied.class).proxy);
		}
	}

	@Test
	void leavesAMockAloneAndSaysSo(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(Mocked.class)) {
			HttpClient client = context.getBean(HttpClient.class);
			Mockito.verifyNoInteractions(client);
		}
		assertThat(said(output)).anyMatch((line) -> line.contains("the Reactor Netty HttpClient 'client'")
				&& line.contains("it is of a class that nettrace does not know"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "nettrace.enabled=false", "nettrace.clients.reactor-netty.enabled=false",
			"nettrace.libraries.reactor-netty.enabled=false" })
	void leavesClientsAloneIfItIsSwitchedOff(String property) {
		try (ConfigurableApplicationContext context = start(Singleton.class, property)) {
			get(context.getBean(HttpClient.class));
		}
		assertThat(this.hooks.calls()).isEmpty();
	}

	private ConfigurableApplicationContext start(Class<?> configuration, String... properties) {
		return new SpringApplicationBuilder(configuration, Application.class).web(WebApplicationType.NONE)
			.initializers((context) -> context.getBeanFactory().registerSingleton("hooks", this.hooks))
			.run(Stream.of(properties).map((property) -> "--" + property).toArray(String[]::new));
	}

	private void get(HttpClient client) {
		assertThat(Objects.requireNonNull(client.get().uri(this.server.url("127.0.0.9")).response().block())
			.status()
			.code()).isEqualTo(204);
	}

	private static List<String> said(CapturedOutput output) {
		return output.getOut().lines().filter((line) -> line.contains(" : nettrace ")).toList();
	}

	private static HttpClient newClient() {
		return HttpClient.create(ConnectionProvider.newConnection());
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ NetTraceAutoConfiguration.class, ReactorNettyNetTraceAutoConfiguration.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class Singleton {

		@Bean
		HttpClient client() {
			return newClient();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Prototype {

		@Bean
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		HttpClient client() {
			return newClient();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class MadeByAFactoryBean {

		@Bean
		FactoryBean<HttpClient> client() {
			return new FactoryBean<>() {

				@Override
				public HttpClient getObject() {
					return newClient();
				}

				@Override
				public Class<?> getObjectType() {
					return HttpClient.class;
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyForAPostProcessor {

		@Bean
		static HttpClient client() {
			return newClient();
		}

		@Bean
		static BeanPostProcessor early(HttpClient client) {
			return new BeanPostProcessor() {
			};
		}

	}

	/**
	 * Of a client that is traced already.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Derived {

		@Bean(defaultCandidate = false)
		HttpClient base() {
			return newClient();
		}

		@Bean
		HttpClient client() {
			return base().keepAlive(false);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithConnector {

		@Bean
		HttpClient client() {
			return newClient();
		}

		@Bean
		WebClient webClient(HttpClient client) {
			return WebClient.builder().clientConnector(new ReactorClientHttpConnector(client)).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WebSocket {

		@Bean
		WebSocketClient client() {
			return new ReactorNettyWebSocketClient();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Proxied {

		private final Object proxy = new ProxyFactory(newClient()).getProxy();

		@Bean
		Object client() {
			return this.proxy;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Mocked {

		@Bean
		HttpClient client() {
			return Mockito.mock(HttpClient.class);
		}

	}

}
