package io.nettrace.autoconfigure;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.eclipse.jetty.client.HttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.JettyClientHttpRequestFactory;
import org.springframework.http.client.ReactorClientHttpRequestFactory;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.http.client.reactive.HttpComponentsClientHttpConnector;
import org.springframework.http.client.reactive.JettyClientHttpConnector;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Beans that were made without Boot's builders keep what they send with, are traced where
 * they can be, and are named at start with what is true of them.
 */
@ExtendWith(OutputCaptureExtension.class)
class SpringClientsTests {

	private static final List<String> TRACED = List.of("connectStart tcp 127.0.0.9", "connectDone tcp 127.0.0.9 ok");

	private static final String NO_HOOKS = "there are no hooks, which shows nothing (nettrace-starter-httpcomponents"
			+ " shows everything, with another client; nettrace-jvm-resolver shows dns on Java 18 or later,"
			+ " and changes nothing) on ";

	private final RecordingNetTrace hooks = new RecordingNetTrace();

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	@AfterEach
	void stopServer() {
		this.server.close();
	}

	@ParameterizedTest
	@ValueSource(classes = { TemplateOnReactorNetty.class, PrototypeOnReactorNetty.class, ClientOnReactorNetty.class,
			TemplateWithInterceptor.class, TemplateOfAnotherClass.class })
	void tracesReactorNetty(Class<?> configuration, CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(configuration)) {
			get(context);
		}
		assertThat(this.hooks.calls()).isEqualTo(TRACED);
		assertThat(output.getOut()).contains(" 'client' on Reactor Netty: dns, connect").doesNotContain("WARN");
	}

	@ParameterizedTest
	@ValueSource(classes = { CreatedWebClient.class, WebClientOnItsConnector.class })
	void tracesWebClients(Class<?> configuration, CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(configuration)) {
			get(context);
		}
		assertThat(this.hooks.calls()).isEqualTo(TRACED);
		assertThat(output.getOut()).contains("the WebClient 'client' on ").doesNotContain("WARN");
	}

	@Test
	void tracesJettyUnlessItRuns(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(OnJetty.class)) {
			context.getBean("client", RestTemplate.class).getForObject(this.server.url("127.0.0.9"), String.class);
			assertThat(this.hooks.calls()).isEqualTo(TRACED);
			context.getBean("running", RestTemplate.class).getForObject(this.server.url("127.0.0.9"), String.class);
			assertThat(this.hooks.calls()).isEqualTo(TRACED);
		}
		assertThat(said(output)).containsExactly(
				"nettrace shows the RestTemplate 'client' on Jetty: dns, connect; not shown: the RestTemplate 'running'",
				"nettrace does not show the RestTemplate 'running': its client had been started without nettrace, on"
						+ " Jetty; to see it, build it with an injected RestTemplateBuilder");
		assertThat(output.getOut()).doesNotContain("WARN");
	}

	@Test
	void keepsTheRequestFactory() {
		try (ConfigurableApplicationContext context = start(TemplateOnReactorNetty.class)) {
			assertThat(context.getBean(RestTemplate.class).getRequestFactory())
				.isSameAs(context.getBean(TemplateOnReactorNetty.class).factory);
		}
	}

	@Test
	void namesOneOnHttpComponentsUnlessItsClientIsInstrumented(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(OnHttpComponents.class)) {
			context.getBean("finished", RestTemplate.class).getForObject(this.server.url("127.0.0.9"), String.class);
			assertThat(this.hooks.calls()).isEmpty();
			context.getBean("instrumented", RestTemplate.class)
				.getForObject(this.server.url("127.0.0.9"), String.class);
			assertThat(this.hooks.calls()).isEqualTo(TRACED);
		}
		assertThat(said(output)).containsExactly(
				"nettrace shows the RestTemplate 'instrumented' on HttpComponents: dns, connect; not shown:"
						+ " the RestTemplate 'finished'",
				"nettrace does not show the RestTemplate 'finished': its client was built without nettrace,"
						+ " on HttpComponents; to see it, build it with an injected RestTemplateBuilder");
		assertThat(output.getOut()).doesNotContain("WARN");
	}

	@Test
	void namesReactiveOnesOnHttpComponents(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(ReactiveOnHttpComponents.class)) {
			get(context);
		}
		assertThat(this.hooks.calls()).isEmpty();
		assertThat(said(output)).containsExactly("nettrace shows no client; not shown: the WebClient 'client'",
				"nettrace does not show the WebClient 'client': its client was built without nettrace,"
						+ " on HttpComponents; to see it, build it with an injected WebClient.Builder");
	}

	@Test
	void namesThoseOnTheJdkWithOneReason(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(OnTheJdk.class)) {
			context.getBean("first", RestTemplate.class).getForObject(this.server.url("127.0.0.9"), String.class);
		}
		assertThat(this.hooks.calls()).isEmpty();
		assertThat(said(output)).containsExactly(
				"nettrace shows no client; not shown: the RestClient 'third', the RestTemplate 'first',"
						+ " the RestTemplate 'second'",
				"nettrace does not show the RestTemplate 'first', the RestTemplate 'second': " + NO_HOOKS
						+ "HttpURLConnection; to see it, build it with an injected RestTemplateBuilder",
				"nettrace does not show the RestClient 'third': " + NO_HOOKS
						+ "the JDK's HttpClient; to see it, build it with an injected RestClient.Builder");
		assertThat(output.getOut()).doesNotContain("WARN");
	}

	@Test
	void claimsNothingOfABuilderThatMayStillGetItsFactory(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(Builders.class)) {
			context.getBean(RestClient.Builder.class);
		}
		assertThat(said(output)).containsExactly(
				"nettrace cannot tell what is shown of clients of the RestClient.Builder 'blocking': it was made without"
						+ " Boot. To see them, let the bean RestClientBuilderConfigurer configure it",
				"nettrace cannot tell what is shown of clients of the WebClient.Builder 'reactive': it was made without"
						+ " Boot. To see them, let the beans of WebClientCustomizer customize it");
	}

	@Test
	void tracesOneThatABeanPostProcessorNeeds(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(EarlyForAPostProcessor.class)) {
			get(context);
		}
		assertThat(this.hooks.calls()).isEqualTo(TRACED);
		assertThat(said(output))
			.containsExactly("nettrace shows the RestTemplate 'client' on Reactor Netty: dns, connect");
	}

	@Test
	void looksAgainWhenAllBeansAreMade(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(ChangedLater.class)) {
			get(context);
		}
		assertThat(this.hooks.calls()).isEmpty();
		assertThat(said(output)).element(0).isEqualTo("nettrace shows no client; not shown: the RestTemplate 'client'");
	}

	@Test
	void namesALazyOneWhenItIsMade(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(LazyClient.class)) {
			assertThat(said(output)).containsExactly("nettrace found no HTTP client to trace");
			get(context);
		}
		assertThat(said(output)).element(1)
			.isEqualTo("nettrace shows the RestTemplate 'client' on Reactor Netty: dns, connect");
	}

	@Test
	void namesOneWhoseFactoryIsOfTheApplication(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(OwnFactory.class)) {
			get(context);
		}
		assertThat(said(output)).containsExactly("nettrace shows no client; not shown: the RestTemplate 'client'",
				"nettrace does not show the RestTemplate 'client': nettrace does not support what it sends with,"
						+ " or is switched off for it (" + OwnFactory.Factory.class.getName() + ")");
	}

	@Test
	void leavesThemAloneIfItIsSwitchedOffAndSaysSo(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(TemplateOnReactorNetty.class,
				"nettrace.libraries.by-hand.enabled=false")) {
			get(context);
		}
		assertThat(this.hooks.calls()).isEmpty();
		assertThat(said(output)).element(0).isEqualTo("nettrace shows no client; not shown: the RestTemplate 'client'");
	}

	@Test
	void namesThoseOfBootsBuilders(CapturedOutput output) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(OfBootsBuilder.class,
				BootsClients.class, Application.class)
			.web(WebApplicationType.NONE)
			.initializers((initialized) -> initialized.getBeanFactory().registerSingleton("hooks", this.hooks))
			.run()) {
			get(context);
		}
		assertThat(this.hooks.calls()).isEqualTo(TRACED);
		assertThat(said(output)).containsExactly("nettrace shows RestClient on HttpComponents: dns, connect;"
				+ " the RestClient 'client' on HttpComponents: dns, connect");
	}

	private ConfigurableApplicationContext start(Class<?> configuration, String... properties) {
		return new SpringApplicationBuilder(configuration, Application.class).web(WebApplicationType.NONE)
			.initializers((context) -> context.getBeanFactory().registerSingleton("hooks", this.hooks))
			.run(Stream.of(properties).map((property) -> "--" + property).toArray(String[]::new));
	}

	private void get(ApplicationContext context) {
		String url = this.server.url("127.0.0.9");
		Object client = context.getBean("client");
		if (client instanceof RestTemplate template) {
			template.getForObject(url, String.class);
		}
		else if (client instanceof RestClient restClient) {
			restClient.get().uri(url).retrieve().toBodilessEntity();
		}
		else {
			Objects.requireNonNull(((WebClient) client).get().uri(url).retrieve().toBodilessEntity().block());
		}
	}

	private static List<String> said(CapturedOutput output) {
		return output.getOut()
			.lines()
			.filter((line) -> line.contains(" : nettrace "))
			.map((line) -> line.substring(line.indexOf(" : nettrace ") + 3))
			.toList();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ NetTraceAutoConfiguration.class, HttpComponentsNetTraceAutoConfiguration.class,
			JettyNetTraceAutoConfiguration.class, ReactorNettyNetTraceAutoConfiguration.class,
			JdkNetTraceAutoConfiguration.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class TemplateOnReactorNetty {

		private final ClientHttpRequestFactory factory = new ReactorClientHttpRequestFactory();

		@Bean
		RestTemplate client() {
			return new RestTemplate(this.factory);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PrototypeOnReactorNetty {

		@Bean
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		RestTemplate client() {
			return new RestTemplate(new ReactorClientHttpRequestFactory());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ClientOnReactorNetty {

		@Bean
		RestClient client() {
			return RestClient.builder().requestFactory(new ReactorClientHttpRequestFactory()).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TemplateWithInterceptor {

		@Bean
		RestTemplate client() {
			RestTemplate template = new RestTemplate(new ReactorClientHttpRequestFactory());
			template.getInterceptors().add((request, body, execution) -> execution.execute(request, body));
			return template;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TemplateOfAnotherClass {

		@Bean
		RestTemplate client() {
			return new OwnTemplate(new ReactorClientHttpRequestFactory());
		}

		static class OwnTemplate extends RestTemplate {

			private final String requestFactory = "not this one";

			OwnTemplate(ClientHttpRequestFactory factory) {
				super(factory);
			}

			@Override
			public String toString() {
				return this.requestFactory;
			}

		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyForAPostProcessor {

		@Bean
		static RestTemplate client() {
			return new RestTemplate(new ReactorClientHttpRequestFactory());
		}

		@Bean
		static BeanPostProcessor early(RestTemplate client) {
			return new BeanPostProcessor() {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyClient {

		@Bean
		@Lazy
		RestTemplate client() {
			return new RestTemplate(new ReactorClientHttpRequestFactory());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CreatedWebClient {

		@Bean
		WebClient client() {
			return WebClient.create();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WebClientOnItsConnector {

		@Bean
		WebClient client() {
			return WebClient.builder().clientConnector(new JettyClientHttpConnector()).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OnJetty {

		@Bean(destroyMethod = "stop")
		HttpClient runningClient() throws Exception {
			HttpClient client = new HttpClient();
			client.start();
			return client;
		}

		@Bean
		RestTemplate client() {
			return new RestTemplate(new JettyClientHttpRequestFactory());
		}

		@Bean
		RestTemplate running(HttpClient runningClient) {
			return new RestTemplate(new JettyClientHttpRequestFactory(runningClient));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OnHttpComponents {

		@Bean
		RestTemplate finished() {
			return new RestTemplate(new HttpComponentsClientHttpRequestFactory());
		}

		@Bean
		RestTemplate instrumented(NetTraceHttpComponents netTrace) {
			return new RestTemplate(
					new HttpComponentsClientHttpRequestFactory(netTrace.instrument(HttpClients.custom()).build()));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ReactiveOnHttpComponents {

		@Bean
		WebClient client() {
			return WebClient.builder().clientConnector(new HttpComponentsClientHttpConnector()).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OnTheJdk {

		@Bean
		RestTemplate first() {
			return new RestTemplate();
		}

		@Bean
		RestTemplate second() {
			return new RestTemplate(new SimpleClientHttpRequestFactory());
		}

		@Bean
		RestClient third() {
			return RestClient.create(new RestTemplate(new JdkClientHttpRequestFactory()));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Builders {

		@Bean
		RestClient.Builder blocking() {
			return RestClient.builder();
		}

		@Bean
		WebClient.Builder reactive() {
			return WebClient.builder();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ChangedLater {

		@Bean
		RestTemplate client() {
			return new RestTemplate(new ReactorClientHttpRequestFactory());
		}

		@Bean
		SmartInitializingSingleton changes(RestTemplate client) {
			return () -> client.setRequestFactory(new SimpleClientHttpRequestFactory());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnFactory {

		@Bean
		RestTemplate client() {
			return new RestTemplate(new Factory());
		}

		static class Factory implements ClientHttpRequestFactory {

			private final ClientHttpRequestFactory delegate = new SimpleClientHttpRequestFactory();

			@Override
			public ClientHttpRequest createRequest(URI uri, HttpMethod method) throws IOException {
				return this.delegate.createRequest(uri, method);
			}

		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OfBootsBuilder {

		@Bean
		RestClient client(RestClient.Builder builder) {
			return builder.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ HttpClientAutoConfiguration.class, ImperativeHttpClientAutoConfiguration.class,
			RestClientAutoConfiguration.class })
	static class BootsClients {

	}

}
