package io.nettrace.likejdk;

import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Auto-configuration for the JDK's defaults on HttpComponents, for applications that have
 * HttpComponents only because of the starter. Customizers of the application run later,
 * so their settings win. A builder bean of the application is not changed.
 */
@AutoConfiguration
@ConditionalOnClass({ HttpClients.class, HttpComponentsClientHttpRequestFactoryBuilder.class })
@ImportRuntimeHints(JdkDefaultsAutoConfiguration.Hints.class)
@ConditionalOnBooleanProperty(name = "nettrace.clients.http-components.like-jdk", matchIfMissing = true)
public final class JdkDefaultsAutoConfiguration {

	private static final Log logger = LogFactory.getLog(JdkDefaultsAutoConfiguration.class);

	@Bean
	@Order(Ordered.HIGHEST_PRECEDENCE)
	@ConditionalOnProperty(name = "spring.http.clients.imperative.factory", matchIfMissing = true, havingValue = "none")
	ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> netTraceJdkDefaultsCustomizer() {
		AtomicBoolean logged = new AtomicBoolean();
		return (builder) -> {
			if (logged.compareAndSet(false, true)) {
				logger.info(
						"nettrace-starter-httpcomponents replaces the JDK's HTTP client by HttpComponents and makes it behave"
								+ " like the JDK's. What differs is in docs/what-changes.md;"
								+ " nettrace.clients.http-components.like-jdk=false leaves HttpComponents as it is");
			}
			return JdkDefaults.apply(builder);
		};
	}

	static final class Hints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			hints.reflection().registerType(HttpClientBuilder.class, (hint) -> hint.withField(JdkRedirects.FIELD));
		}

	}

}
