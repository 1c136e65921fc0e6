package io.nettrace.libraries;

import java.util.List;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
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
		how = "Apache Camel's http component", shows = { Step.LOOKUP, Step.ATTEMPT }, below = "the current observation")
class CamelHttpTests extends LibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	List<String> autoConfigurations() {
		return List.of("org.apache.camel.");
	}

	@Override
	String call(LibraryApplication application, String host) {
		ProducerTemplate camel = application.bean(ProducerTemplate.class);
		return Observation.createNotStarted("business", application.bean(ObservationRegistry.class))
			.observe(() -> String.valueOf(camel.requestBodyAndHeader("http://" + host + ":" + peer().port() + "/", "",
					Exchange.HTTP_METHOD, "GET", String.class)));
	}

	@Override
	String expectedTree() {
		return """
				business
				  DNS lookup two.test: 127.0.0.8, 127.0.0.9
				  socket connect ! 127.0.0.8: connection_refused
				  socket connect 127.0.0.9
				""";
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
