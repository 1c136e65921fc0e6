package io.nettrace.equality;

import java.io.Closeable;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import okhttp3.OkHttpClient;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import io.nettrace.equality.Settings.Setting;

/**
 * A Spring Boot application with the clients of one library.
 */
final class Application implements Closeable {

	private final ConfigurableApplicationContext context;

	private Application(ConfigurableApplicationContext context) {
		this.context = context;
	}

	/**
	 * Start.
	 * @param library what its clients run on
	 * @param keys where the keystores are
	 * @param beans registers further beans
	 * @param properties further properties
	 */
	static Application start(Library library, String keys, Consumer<GenericApplicationContext> beans,
			String... properties) {
		List<String> arguments = new ArrayList<>();
		Stream.of(library.properties()).forEach((property) -> arguments.add("--" + property));
		Stream.of(properties).forEach((property) -> arguments.add("--" + property));
		for (String bundle : List.of("good", "other", "expired")) {
			String store = "--spring.ssl.bundle.jks." + bundle + ".truststore.";
			arguments.add(store + "location=file:" + keys + "/" + bundle + ".p12");
			arguments.add(store + "password=" + Certificates.PASSWORD);
		}
		SpringApplicationBuilder builder = new SpringApplicationBuilder(Configuration.class)
			.web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.registerShutdownHook(false)
			.logStartupInfo(false)
			.properties(
					Map.of("management.tracing.sampling.probability", "1.0", "management.otlp.metrics.export.enabled",
							"false", "logging.level.root", "WARN", "spring.reactor.netty.shutdown-quiet-period", "0s"))
			.initializers((context) -> {
				if (library == Library.OK_HTTP) {
					registerOkHttp((GenericApplicationContext) context);
				}
				beans.accept((GenericApplicationContext) context);
			});
		return new Application(builder.run(arguments.toArray(String[]::new)));
	}

	/**
	 * A client, which is not made of the builder, and the builder.
	 */
	private static void registerOkHttp(GenericApplicationContext context) {
		context.registerBean("okHttpClient", OkHttpClient.class, () -> okHttp(context).build());
		context.registerBean("okHttpBuilder", OkHttpClient.Builder.class, () -> okHttp(context),
				(definition) -> definition.setScope(BeanDefinition.SCOPE_PROTOTYPE));
	}

	private static OkHttpClient.Builder okHttp(GenericApplicationContext context) {
		OkHttpClient.Builder builder = Settings.apply(context.getBean(HttpClientSettings.class),
				new OkHttpClient.Builder());
		Object set = builder;
		for (Setting setting : context.getBeanProvider(Setting.class)) {
			set = setting.apply(set);
		}
		return (OkHttpClient.Builder) set;
	}

	/**
	 * Registers a setting as customizers of Boot's builders, and as one of OkHttp's.
	 */
	@SuppressWarnings({ "unchecked", "rawtypes" })
	static Consumer<GenericApplicationContext> customized(Setting setting) {
		return (context) -> {
			if (context.containsBeanDefinition("okHttpClient")) {
				context.registerBean("settingOfOkHttp", Setting.class, () -> setting);
				return; // Boot's clients are on another library
			}
			context.registerBean("settingOfFactories", ClientHttpRequestFactoryBuilderCustomizer.class,
					() -> (builder) -> (ClientHttpRequestFactoryBuilder) setting.apply(builder));
			context.registerBean("settingOfConnectors", ClientHttpConnectorBuilderCustomizer.class,
					() -> (builder) -> (ClientHttpConnectorBuilder) setting.apply(builder));
		};
	}

	<T> T bean(String name, Class<T> type) {
		return this.context.getBean(name, type);
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	/**
	 * Instruments a client of OkHttp's by hand, or a builder, if nettrace is there to do
	 * it.
	 */
	<T> T instrumented(Class<T> type, T client) {
		if (!this.context.containsBean("netTraceOkHttp")) {
			return client;
		}
		Object netTrace = this.context.getBean("netTraceOkHttp");
		try {
			return type.cast(netTrace.getClass().getMethod("instrument", type).invoke(netTrace, client));
		}
		catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * A client from Boot's builder, unchanged; the bean of OkHttp's.
	 */
	Caller caller(Client client, Transcript transcript) {
		if (client.library() == Library.OK_HTTP) {
			return Caller.of(bean(OkHttpClient.class), transcript);
		}
		return client.isReactive() ? Caller.of(bean(WebClient.Builder.class), transcript)
				: Caller.of(bean(RestClient.Builder.class), transcript);
	}

	/**
	 * A client from the injected builder, with one of the application's settings.
	 */
	Caller caller(Client client, Transcript transcript, UnaryOperator<HttpClientSettings> settings, Setting setting) {
		HttpClientSettings applied = settings.apply(bean(HttpClientSettings.class));
		if (client.library() == Library.OK_HTTP) {
			OkHttpClient.Builder builder = (OkHttpClient.Builder) setting
				.apply(Settings.apply(applied, bean(OkHttpClient.Builder.class)));
			return Caller.of(builder.build(), transcript);
		}
		if (client.isReactive()) {
			ClientHttpConnectorBuilder<?> builder = (ClientHttpConnectorBuilder<?>) setting
				.apply(bean(ClientHttpConnectorBuilder.class));
			return Caller.of(bean(WebClient.Builder.class).clientConnector(builder.build(applied)), transcript);
		}
		ClientHttpRequestFactoryBuilder<?> builder = (ClientHttpRequestFactoryBuilder<?>) setting
			.apply(bean(ClientHttpRequestFactoryBuilder.class));
		return Caller.of(bean(RestClient.Builder.class).requestFactory(builder.build(applied)), transcript);
	}

	@Override
	public void close() {
		this.context.close();
	}

	/**
	 * The application of every scenario.
	 */
	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Configuration {

	}

}
