package io.nettrace.autoconfigure;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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
import org.springframework.context.annotation.Lazy;
import org.springframework.context.annotation.Scope;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Beans of OkHttp's are traced, however they are made, and what the log says of them is
 * true.
 */
@ExtendWith(OutputCaptureExtension.class)
class OkHttpBeansTests {

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
	void tracesClients(Class<?> configuration, CapturedOutput output) throws IOException {
		try (ConfigurableApplicationContext context = start(configuration)) {
			get(context.getBean(OkHttpClient.class));
		}
		assertThat(this.hooks.calls()).isEqualTo(TRACED);
		assertThat(output).contains("the OkHttpClient 'client': dns, connect");
	}

	@Test
	void tracesTheClientsOfABuilder(CapturedOutput output) throws IOException {
		try (ConfigurableApplicationContext context = start(Builder.class)) {
			get(context.getBean(OkHttpClient.Builder.class).build());
		}
		assertThat(this.hooks.calls()).isEqualTo(TRACED);
		assertThat(said(output))
			.containsExactly("nettrace shows clients of the OkHttpClient.Builder 'builder': dns, connect");
	}

	@Test
	void tracesAClientWhoseBuilderHasGotAnotherListener() throws IOException {
		try (ConfigurableApplicationContext context = start(BuilderAndClient.class)) {
			get(context.getBean(OkHttpClient.class));
			assertThat(context.getBean(BuilderAndClient.class).heard).containsExactly("callStart");
		}
		assertThat(this.hooks.calls()).isEqualTo(TRACED);
	}

	@Test
	void tracesTheTargetOfAProxyOnce(CapturedOutput output) throws IOException {
		try (ConfigurableApplicationContext context = start(Proxied.class)) {
			OkHttpClient proxy = context.getBean("proxy", OkHttpClient.class);
			assertThat(proxy.getClass()).isNotEqualTo(OkHttpClient.class);
			get(proxy);
		}
		assertThat(this.hooks.calls()).isEqualTo(TRACED);
		assertThat(said(output)).containsExactly("nettrace shows the OkHttpClient 'target': dns, connect");
	}

	@Test
	void leavesAClientOfAnotherClassAloneAndSaysSo(CapturedOutput output) throws IOException {
		try (ConfigurableApplicationContext context = start(OwnClass.class)) {
			OkHttpClient client = context.getBean(OkHttpClient.class);
			assertThat(client).isInstanceOf(OwnClass.Client.class);
			get(client);
		}
		assertThat(this.hooks.calls()).isEmpty();
		assertThat(said(output))
			.contains("nettrace does not show the OkHttpClient 'client': it is of a class of its own ("
					+ OwnClass.Client.class.getName() + "), of which nettrace can derive no client");
	}

	@Test
	void namesALazyClientWhenItIsMade(CapturedOutput output) throws IOException {
		try (ConfigurableApplicationContext context = start(LazyClient.class)) {
			assertThat(said(output)).containsExactly("nettrace found no HTTP client to trace");
			get(context.getBean(OkHttpClient.class));
		}
		assertThat(said(output)).containsExactly("nettrace found no HTTP client to trace",
				"nettrace shows the OkHttpClient 'client': dns, connect");
	}

	@Test
	void leavesClientsAloneIfItIsSwitchedOff() throws IOException {
		try (ConfigurableApplicationContext context = start(Singleton.class,
				"nettrace.libraries.okhttp.enabled=false")) {
			get(context.getBean(OkHttpClient.class));
		}
		assertThat(this.hooks.calls()).isEmpty();
	}

	private ConfigurableApplicationContext start(Class<?> configuration, String... properties) {
		return new SpringApplicationBuilder(configuration, Application.class).web(WebApplicationType.NONE)
			.initializers((context) -> context.getBeanFactory().registerSingleton("hooks", this.hooks))
			.run(Stream.of(properties).map((property) -> "--" + property).toArray(String[]::new));
	}

	private void get(OkHttpClient client) throws IOException {
		Request request = new Request.Builder().url(this.server.url("127.0.0.9")).build();
		try (Response response = client.newCall(request).execute()) {
			assertThat(response.isSuccessful()).isTrue();
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
	@ImportAutoConfiguration({ NetTraceAutoConfiguration.class, OkHttpNetTraceAutoConfiguration.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class Singleton {

		@Bean
		OkHttpClient client() {
			return new OkHttpClient();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LazyClient {

		@Bean
		@Lazy
		OkHttpClient client() {
			return new OkHttpClient();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Prototype {

		@Bean
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		OkHttpClient client() {
			return new OkHttpClient();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class MadeByAFactoryBean {

		@Bean
		FactoryBean<OkHttpClient> client() {
			return new FactoryBean<>() {

				@Override
				public OkHttpClient getObject() {
					return new OkHttpClient();
				}

				@Override
				public Class<?> getObjectType() {
					return OkHttpClient.class;
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class EarlyForAPostProcessor {

		@Bean
		static OkHttpClient client() {
			return new OkHttpClient();
		}

		@Bean
		static BeanPostProcessor early(OkHttpClient client) {
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
		OkHttpClient base() {
			return new OkHttpClient();
		}

		@Bean
		OkHttpClient client() {
			return base().newBuilder().build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Builder {

		@Bean
		OkHttpClient.Builder builder() {
			return new OkHttpClient.Builder();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BuilderAndClient {

		private final List<String> heard = new ArrayList<>();

		@Bean
		OkHttpClient.Builder builder() {
			return new OkHttpClient.Builder();
		}

		@Bean
		OkHttpClient client(OkHttpClient.Builder builder) {
			return builder.eventListener(new EventListener() {

				@Override
				public void callStart(Call call) {
					BuilderAndClient.this.heard.add("callStart");
				}

			}).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Proxied {

		@Bean
		OkHttpClient target() {
			return new OkHttpClient();
		}

		@Bean
		OkHttpClient proxy(OkHttpClient target) {
			ProxyFactory factory = new ProxyFactory(target);
			factory.setProxyTargetClass(true);
			return (OkHttpClient) factory.getProxy();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnClass {

		@Bean
		OkHttpClient client() {
			return new Client();
		}

		static class Client extends OkHttpClient {

		}

	}

}
