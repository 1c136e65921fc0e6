package io.nettrace.autoconfigure;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import co.elastic.clients.transport.rest5_client.low_level.Request;
import co.elastic.clients.transport.rest5_client.low_level.Rest5Client;
import co.elastic.clients.transport.rest5_client.low_level.Rest5ClientBuilder;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.elasticsearch.autoconfigure.ElasticsearchRestClientAutoConfiguration;
import org.springframework.boot.elasticsearch.autoconfigure.Rest5ClientBuilderCustomizer;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Elasticsearch's client is traced if Boot builds it, with what the application's
 * customizers set, and what the log says of it is true.
 */
@ExtendWith(OutputCaptureExtension.class)
class ElasticsearchClientTests {

	private static final List<String> TRACED = List.of("connectStart tcp 127.0.0.9", "connectDone tcp 127.0.0.9 ok");

	private final RecordingNetTrace hooks = new RecordingNetTrace();

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	@AfterEach
	void stopServer() {
		this.server.close();
	}

	@Test
	void tracesBootsClient(CapturedOutput output) throws IOException {
		try (ConfigurableApplicationContext context = start(Plain.class)) {
			get(context);
		}
		assertThat(this.hooks.calls()).isEqualTo(TRACED);
		assertThat(said(output))
			.contains("nettrace shows Elasticsearch's Rest5Client 'elasticsearchRestClient': dns, connect");
	}

	@Test
	void callsTheCustomizersOfTheApplication() throws IOException {
		try (ConfigurableApplicationContext context = start(Customized.class)) {
			get(context);
			assertThat(context.getBean(Customized.class).heard).containsExactly("connections", "client", "request");
		}
		assertThat(this.hooks.calls()).isEqualTo(TRACED);
	}

	@Test
	void namesOneThatIsMadeWithoutBoot(CapturedOutput output) throws IOException {
		try (ConfigurableApplicationContext context = start(ByHand.class, "server=" + this.server.url("127.0.0.9"))) {
			get(context);
		}
		assertThat(this.hooks.calls()).isEmpty();
		assertThat(said(output)).containsExactly(
				"nettrace shows no client; not shown: Elasticsearch's Rest5Client 'own'",
				"nettrace does not show Elasticsearch's Rest5Client 'own': its client was built without nettrace;"
						+ " to see it, build it with an injected Rest5ClientBuilder");
	}

	@Test
	void leavesTheClientAloneIfItIsSwitchedOff(CapturedOutput output) throws IOException {
		try (ConfigurableApplicationContext context = start(Plain.class,
				"nettrace.libraries.elasticsearch.enabled=false")) {
			get(context);
		}
		assertThat(this.hooks.calls()).isEmpty();
		assertThat(said(output)).noneMatch((line) -> line.contains("shows Elasticsearch"));
	}

	private ConfigurableApplicationContext start(Class<?> configuration, String... properties) {
		Stream<String> all = Stream.concat(Stream.of("spring.elasticsearch.uris=" + this.server.url("127.0.0.9")),
				Stream.of(properties));
		return new SpringApplicationBuilder(configuration, Application.class).web(WebApplicationType.NONE)
			.initializers((context) -> context.getBeanFactory().registerSingleton("hooks", this.hooks))
			.run(all.map((property) -> "--" + property).toArray(String[]::new));
	}

	private static void get(ConfigurableApplicationContext context) throws IOException {
		assertThat(context.getBean(Rest5Client.class).performRequest(new Request("GET", "/")).getStatusCode())
			.isBetween(200, 299);
	}

	private static List<String> said(CapturedOutput output) {
		return output.getOut()
			.lines()
			.filter((line) -> line.contains(" : nettrace "))
			.map((line) -> line.substring(line.indexOf(" : nettrace ") + 3))
			.toList();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ ElasticsearchRestClientAutoConfiguration.class, NetTraceAutoConfiguration.class,
			HttpComponentsNetTraceAutoConfiguration.class, ElasticsearchNetTraceAutoConfiguration.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class Plain {

	}

	@Configuration(proxyBeanMethods = false)
	static class ByHand {

		@Bean
		Rest5Client own(Environment environment) {
			return Rest5Client.builder(URI.create(environment.getRequiredProperty("server"))).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Customized {

		private final List<String> heard = new CopyOnWriteArrayList<>();

		@Bean
		Rest5ClientBuilderCustomizer own() {
			return new Rest5ClientBuilderCustomizer() {

				@Override
				public void customize(Rest5ClientBuilder builder) {
				}

				@Override
				public void customize(PoolingAsyncClientConnectionManagerBuilder builder) {
					Customized.this.heard.add("connections");
				}

				@Override
				public void customize(HttpAsyncClientBuilder builder) {
					Customized.this.heard.add("client");
					builder
						.addRequestInterceptorLast((request, entity, context) -> Customized.this.heard.add("request"));
				}

			};
		}

	}

}
