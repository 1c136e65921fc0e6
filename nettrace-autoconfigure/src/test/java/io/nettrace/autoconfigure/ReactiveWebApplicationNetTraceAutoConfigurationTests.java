package io.nettrace.autoconfigure;

import io.nettrace.NetTrace;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JettyClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

class ReactiveWebApplicationNetTraceAutoConfigurationTests {

	private static final AutoConfigurations AUTO_CONFIGURATIONS = AutoConfigurations.of(
			HttpClientAutoConfiguration.class, ImperativeHttpClientAutoConfiguration.class,
			RestClientAutoConfiguration.class, NetTraceAutoConfiguration.class,
			HttpComponentsNetTraceAutoConfiguration.class, ReactorNettyNetTraceAutoConfiguration.class,
			ReactiveWebApplicationNetTraceAutoConfiguration.class);

	private final ReactiveWebApplicationContextRunner contextRunner = new ReactiveWebApplicationContextRunner()
		.withConfiguration(AUTO_CONFIGURATIONS);

	@Test
	void tracesRestClientOnWhateverIsDetected() {
		RecordingNetTrace hooks = new RecordingNetTrace();
		try (LoopbackServer server = LoopbackServer.start("127.0.0.9")) {
			this.contextRunner.withBean(NetTrace.class, () -> hooks).run((context) -> {
				RestClient client = context.getBean(RestClient.Builder.class).build();
				client.get().uri(server.url("127.0.0.9")).retrieve().toBodilessEntity();
			});
		}
		assertThat(hooks.calls()).containsExactly("connectStart tcp 127.0.0.9", "connectDone tcp 127.0.0.9 ok");
	}

	@Test
	void tracesRestClientOnReactorNetty() {
		RecordingNetTrace hooks = new RecordingNetTrace();
		try (LoopbackServer server = LoopbackServer.start("127.0.0.9")) {
			this.contextRunner.withClassLoader(new FilteredClassLoader("org.apache.hc", "org.eclipse.jetty"))
				.withBean(NetTrace.class, () -> hooks)
				.run((context) -> {
					RestClient client = context.getBean(RestClient.Builder.class).build();
					client.get().uri(server.url("127.0.0.9")).retrieve().toBodilessEntity();
				});
		}
		assertThat(hooks.calls()).containsExactly("connectStart tcp 127.0.0.9", "connectDone tcp 127.0.0.9 ok");
	}

	@Test
	void backsOffFromABuilderOfTheApplication() {
		JettyClientHttpRequestFactoryBuilder own = ClientHttpRequestFactoryBuilder.jetty();
		this.contextRunner.withBean(ClientHttpRequestFactoryBuilder.class, () -> own)
			.run((context) -> assertThat(context).getBean(ClientHttpRequestFactoryBuilder.class).isSameAs(own));
	}

	@Test
	void leavesOtherApplicationsToBoot() {
		new ApplicationContextRunner().withConfiguration(AUTO_CONFIGURATIONS)
			.run((context) -> assertThat(context).doesNotHaveBean(ReactiveWebApplicationNetTraceAutoConfiguration.class)
				.hasSingleBean(ClientHttpRequestFactoryBuilder.class));
	}

}
