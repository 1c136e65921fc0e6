package io.nettrace.libraries;

import java.util.List;

import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.spi.ComponentCustomizer;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Camel's component {@code http}, whose connection manager is one that the application
 * sets.
 */
@Library(name = "Apache Camel's http component", of = HttpComponent.class, support = Support.RECIPE,
		how = "Apache Camel's http component", shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE },
		below = "the current observation")
class CamelHttpTests extends HttpLibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	List<String> autoConfigurations() {
		return List.of("org.apache.camel.");
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		ProducerTemplate camel = application.bean(ProducerTemplate.class);
		return application
			.business(() -> camel.requestBodyAndHeader(url(host), "", Exchange.HTTP_METHOD, "GET", String.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		// recipe: camel-http
		@Bean
		ComponentCustomizer tracedHttp(ObjectProvider<NetTraceHttpComponents> netTrace, Names names) {
			return ComponentCustomizer.forType(HttpComponent.class, (http) -> {
				NetTraceHttpComponents tracing = netTrace.getIfAvailable();
				PoolingHttpClientConnectionManagerBuilder connections = (tracing != null)
						? tracing.connectionManagerBuilder() : PoolingHttpClientConnectionManagerBuilder.create();
				http.setClientConnectionManager(connections.setDnsResolver(names.httpComponents())
					.setMaxConnTotal(http.getMaxTotalConnections())
					.setMaxConnPerRoute(http.getConnectionsPerRoute())
					.build());
				HttpClientConfigurer own = http.getHttpClientConfigurer();
				http.setHttpClientConfigurer((client) -> {
					if (own != null) {
						own.configureHttpClient(client);
					}
					if (tracing != null) {
						tracing.instrument(client);
					}
				});
			});
		}
		// end

	}

}
