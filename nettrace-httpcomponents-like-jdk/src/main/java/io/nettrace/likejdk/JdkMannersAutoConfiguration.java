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
 * Auto-configuration for the manners of the JDK's client, where the application has
 * HttpComponents only because of the starter. Customizers of the application come later,
 * so that what they set wins; a builder bean of its own is not touched.
 */
@AutoConfiguration
@ConditionalOnClass({ HttpClients.class, HttpComponentsClientHttpRequestFactoryBuilder.class })
@ImportRuntimeHints(JdkMannersAutoConfiguration.Hints.class)
@ConditionalOnBooleanProperty(name = "nettrace.clients.http-components.like-jdk", matchIfMissing = true)
public final class JdkMannersAutoConfiguration {

	private static final Log logger = LogFactory.getLog(JdkMannersAutoConfiguration.class);

	@Bean
	@Order(Ordered.HIGHEST_PRECEDENCE)
	@ConditionalOnProperty(name = "spring.http.clients.imperative.factory", matchIfMissing = true, havingValue = "none")
	ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> netTraceJdkMannersCustomizer() {
		AtomicBoolean said = new AtomicBoolean();
		return (builder) -> {
			if (said.compareAndSet(false, true)) {
				logger.info(
						"nettrace-starter-httpcomponents puts HttpComponents in the place of the JDK's client, with the"
								+ " manners of the latter. What differs is in docs/what-changes.md;"
								+ " nettrace.clients.http-components.like-jdk=false leaves HttpComponents as it is");
			}
			return JdkManners.apply(builder);
		};
	}

	static final class Hints implements RuntimeHintsRegistrar {

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			hints.reflection().registerType(HttpClientBuilder.class, (hint) -> hint.withField(JdkRedirects.FIELD));
		}

	}

}
