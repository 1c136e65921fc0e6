package io.nettrace.equality;

import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

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
			.initializers((context) -> beans.accept((GenericApplicationContext) context));
		return new Application(builder.run(arguments.toArray(String[]::new)));
	}

	/**
	 * Registers a setting as customizers of Boot's builders.
	 */
	@SuppressWarnings({ "unchecked", "rawtypes" })
	static Consumer<GenericApplicationContext> customized(Setting setting) {
		return (context) -> {
			context.registerBean("settingOfFactories", ClientHttpRequestFactoryBuilderCustomizer.class,
					() -> (builder) -> (ClientHttpRequestFactoryBuilder) setting.apply(builder));
			context.registerBean("settingOfConnectors", ClientHttpConnectorBuilderCustomizer.class,
					() -> (builder) -> (ClientHttpConnectorBuilder) setting.apply(builder));
		};
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	/**
	 * A client from Boot's builder, unchanged.
	 */
	Caller caller(Client client, Transcript transcript) {
		return client.isReactive() ? Caller.of(bean(WebClient.Builder.class), transcript)
				: Caller.of(bean(RestClient.Builder.class), transcript);
	}

	/**
	 * A client from the injected builder, with one of the application's settings.
	 */
	Caller caller(Client client, Transcript transcript, UnaryOperator<HttpClientSettings> settings, Setting setting) {
		HttpClientSettings applied = settings.apply(bean(HttpClientSettings.class));
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
