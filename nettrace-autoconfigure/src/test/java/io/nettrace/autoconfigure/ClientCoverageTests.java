package io.nettrace.autoconfigure;

import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.core.PriorityOrdered;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every start is traced, and what the log says of it is true.
 */
@ExtendWith(OutputCaptureExtension.class)
class ClientCoverageTests {

	private static final String REST_CLIENT = "RestClient on HttpComponents: dns, connect";

	private static final String BOTH = "nettrace shows " + REST_CLIENT + "; WebClient on Reactor Netty: dns, connect";

	private static final String NO_REST_CLIENT = "nettrace shows WebClient on Reactor Netty: dns, connect";

	private final RecordingNetTrace hooks = new RecordingNetTrace();

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	@AfterEach
	void stopServer() {
		this.server.close();
	}

	@Test
	void saysOnceAtStartWhatIsShown(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(List.of())) {
			assertTraced(context);
			assertTraced(context);
		}
		assertThat(said(output)).containsExactly(BOTH);
	}

	@Test
	void lazyClientsAreNamedAsTheyAreMade(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(List.of(), "spring.main.lazy-initialization=true")) {
			assertThat(said(output)).isEmpty();
			assertTraced(context);
			assertThat(said(output)).containsExactly("nettrace shows " + REST_CLIENT);
			context.getBean(ClientHttpConnectorBuilder.class);
		}
		assertThat(said(output)).containsExactly("nettrace shows " + REST_CLIENT, NO_REST_CLIENT);
	}

	@ParameterizedTest
	@ValueSource(classes = { EarlyForAPostProcessor.class, EarlyForAPostProcessorWithPriority.class, Detected.class,
			Prototype.class, MadeByAFactoryBean.class, MadeByAFactoryBeanOfTheInterface.class })
	void tracesBuilders(Class<?> configuration, CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(List.of(configuration))) {
			assertTraced(context);
		}
		assertThat(said(output)).containsExactly(BOTH);
	}

	@Test
	void namesABuilderThatWasMadeBeforeAllPostProcessors(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(List.of(EarlyForAFactoryPostProcessor.class))) {
			assertNotTraced(context);
		}
		assertThat(said(output)).containsExactly(
				NO_REST_CLIENT + "; not shown: RestClient with the builder 'ownBuilder'",
				"nettrace does not show RestClient with the builder 'ownBuilder':"
						+ " it was created before beans could be instrumented"
						+ " (org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder)");
	}

	@Test
	void namesABuilderOfAnUnknownType(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(List.of(OwnType.class))) {
			assertNotTraced(context);
		}
		assertThat(said(output)).containsExactly(
				NO_REST_CLIENT + "; not shown: RestClient with the builder 'ownBuilder'",
				"nettrace does not show RestClient with the builder 'ownBuilder':"
						+ " nettrace does not support its type, or is switched off for it ("
						+ OwnType.Builder.class.getName() + ")");
	}

	@Test
	void namesABuilderOfALibraryThatIsSwitchedOff(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(List.of(),
				"nettrace.clients.http-components.enabled=false")) {
			assertNotTraced(context);
		}
		assertThat(said(output)).containsExactly(
				NO_REST_CLIENT + "; not shown: RestClient with the builder 'clientHttpRequestFactoryBuilder'",
				"nettrace does not show RestClient with the builder 'clientHttpRequestFactoryBuilder':"
						+ " nettrace does not support its type, or is switched off for it"
						+ " (org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder)");
	}

	@Test
	void namesAConnectorOfTheApplication(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(List.of(OwnConnector.class))) {
			assertTraced(context);
		}
		assertThat(said(output)).containsExactly("nettrace shows " + REST_CLIENT
				+ "; the ClientHttpConnector 'ownConnector' on Reactor Netty: dns, connect");
	}

	@Test
	void everyApplicationOfAJvmIsTraced(CapturedOutput output) {
		for (int i = 0; i < 3; i++) {
			try (ConfigurableApplicationContext context = start(List.of())) {
				assertTraced(context);
			}
		}
		assertThat(said(output)).containsExactly(BOTH, BOTH, BOTH);
	}

	@Test
	void childContextUsesTheParentsBuilder(CapturedOutput output) {
		try (ConfigurableApplicationContext parent = start(List.of());
				ConfigurableApplicationContext child = application(List.of()).parent(parent).run();
				ConfigurableApplicationContext plain = new SpringApplicationBuilder(Plain.class)
					.web(WebApplicationType.NONE)
					.parent(parent)
					.run()) {
			assertTraced(child);
			assertTraced(plain);
		}
		assertThat(said(output)).containsExactly(BOTH);
	}

	@Test
	void childContextHasABuilderOfItsOwn(CapturedOutput output) {
		try (ConfigurableApplicationContext parent = start(List.of());
				ConfigurableApplicationContext child = application(List.of(Detected.class)).parent(parent).run()) {
			assertTraced(child);
		}
		assertThat(said(output)).containsExactly(BOTH, "nettrace shows " + REST_CLIENT);
	}

	private ConfigurableApplicationContext start(List<Class<?>> configurations, String... properties) {
		return application(configurations)
			.run(Stream.of(properties).map((property) -> "--" + property).toArray(String[]::new));
	}

	private SpringApplicationBuilder application(List<Class<?>> configurations) {
		Class<?>[] sources = Stream.concat(configurations.stream(), Stream.of(Application.class))
			.toArray(Class<?>[]::new);
		return new SpringApplicationBuilder(sources).web(WebApplicationType.NONE)
			.initializers((context) -> context.getBeanFactory().registerSingleton("hooks", this.hooks));
	}

	private void assertTraced(ApplicationContext context) {
		List<String> before = this.hooks.calls();
		get(context);
		assertThat(this.hooks.calls().stream().skip(before.size())).containsExactly("connectStart tcp 127.0.0.9",
				"connectDone tcp 127.0.0.9 ok");
	}

	private void assertNotTraced(ApplicationContext context) {
		get(context);
		assertThat(this.hooks.calls()).isEmpty();
	}

	private void get(ApplicationContext context) {
		RestClient client = context.getBean(RestClient.Builder.class).build();
		client.get().uri(this.server.url("127.0.0.9")).retrieve().toBodilessEntity();
	}

	private static List<String> said(CapturedOutput output) {
		return output.getOut()
			.lines()
			.filter((line) -> line.contains(" : nettrace "))
			.map((line) -> line.substring(line.indexOf(" : nettrace ") + 3))
			.toList();
	}

	@Configuration(proxyBeanMethods = false)
	static class Plain {

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ HttpClientAutoConfiguration.class, ImperativeHttpClientAutoConfiguration.class,
			ReactiveHttpClientAutoConfiguration.class, RestClientAutoConfiguration.class,
			WebClientAutoConfiguration.class, NetTraceAutoConfiguration.class,
			HttpComponentsNetTraceAutoConfiguration.class, ReactorNettyNetTraceAutoConfiguration.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyForAPostProcessor {

		@Bean
		static BeanPostProcessor early(ClientHttpRequestFactoryBuilder<?> builder) {
			return new BeanPostProcessor() {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyForAPostProcessorWithPriority {

		@Bean
		static ClientHttpRequestFactoryBuilder<?> ownBuilder() {
			return ClientHttpRequestFactoryBuilder.detect();
		}

		@Bean
		static PriorityPostProcessor early(ClientHttpRequestFactoryBuilder<?> builder) {
			return new PriorityPostProcessor();
		}

	}

	static class PriorityPostProcessor implements BeanPostProcessor, PriorityOrdered {

		@Override
		public int getOrder() {
			return HIGHEST_PRECEDENCE;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyForAFactoryPostProcessor {

		@Bean
		static ClientHttpRequestFactoryBuilder<?> ownBuilder() {
			return ClientHttpRequestFactoryBuilder.detect();
		}

		@Bean
		static PriorityFactoryPostProcessor early(ClientHttpRequestFactoryBuilder<?> builder) {
			return new PriorityFactoryPostProcessor();
		}

	}

	static class PriorityFactoryPostProcessor implements BeanFactoryPostProcessor, PriorityOrdered {

		@Override
		public int getOrder() {
			return HIGHEST_PRECEDENCE;
		}

		@Override
		public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Detected {

		@Bean
		ClientHttpRequestFactoryBuilder<?> ownBuilder() {
			return ClientHttpRequestFactoryBuilder.detect();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Prototype {

		@Bean
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		ClientHttpRequestFactoryBuilder<?> ownBuilder() {
			return ClientHttpRequestFactoryBuilder.detect();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class MadeByAFactoryBean {

		@Bean
		FactoryBean<HttpComponentsClientHttpRequestFactoryBuilder> ownBuilder() {
			return new FactoryBean<>() {

				@Override
				public HttpComponentsClientHttpRequestFactoryBuilder getObject() {
					return ClientHttpRequestFactoryBuilder.httpComponents();
				}

				@Override
				public Class<?> getObjectType() {
					return HttpComponentsClientHttpRequestFactoryBuilder.class;
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class MadeByAFactoryBeanOfTheInterface {

		@Bean
		FactoryBean<ClientHttpRequestFactoryBuilder<?>> ownBuilder() {
			return new FactoryBean<>() {

				@Override
				public ClientHttpRequestFactoryBuilder<?> getObject() {
					return ClientHttpRequestFactoryBuilder.detect();
				}

				@Override
				public Class<?> getObjectType() {
					return ClientHttpRequestFactoryBuilder.class;
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnType {

		@Bean
		ClientHttpRequestFactoryBuilder<?> ownBuilder() {
			return new Builder();
		}

		static class Builder implements ClientHttpRequestFactoryBuilder<ClientHttpRequestFactory> {

			@Override
			public ClientHttpRequestFactory build(@Nullable HttpClientSettings settings) {
				return new SimpleClientHttpRequestFactory();
			}

		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnConnector {

		@Bean
		ClientHttpConnector ownConnector(ClientHttpConnectorBuilder<?> builder) {
			return builder.build();
		}

	}

}
