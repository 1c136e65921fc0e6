package io.nettrace.libraries;

import java.util.List;

import co.elastic.clients.transport.rest5_client.low_level.Node;
import co.elastic.clients.transport.rest5_client.low_level.Request;
import co.elastic.clients.transport.rest5_client.low_level.Response;
import co.elastic.clients.transport.rest5_client.low_level.Rest5Client;
import co.elastic.clients.transport.rest5_client.low_level.Rest5ClientBuilder;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.springframework.boot.elasticsearch.autoconfigure.Rest5ClientBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The client that Boot makes of {@code spring.elasticsearch.*}.
 */
@Library(name = "Elasticsearch's Rest5 client", of = Rest5Client.class, support = Support.OUT_OF_THE_BOX,
		how = "nettrace.libraries.elasticsearch.enabled", shows = { Step.LOOKUP, Step.ATTEMPT },
		below = "the current observation")
class ElasticsearchTests extends LibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	List<String> autoConfigurations() {
		return List.of("org.springframework.boot.elasticsearch.autoconfigure.");
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		Rest5Client client = application.bean(Rest5Client.class);
		client.setNodes(List.of(new Node(new HttpHost("http", host, peer().port()))));
		return Observation.createNotStarted("business", application.bean(ObservationRegistry.class))
			.observeChecked(() -> {
				Response response = client.performRequest(new Request("GET", "/"));
				return EntityUtils.toString(response.getEntity());
			});
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

		@Bean
		Rest5ClientBuilderCustomizer resolver(Names names) {
			return new Rest5ClientBuilderCustomizer() {

				@Override
				public void customize(Rest5ClientBuilder builder) {
				}

				@Override
				public void customize(PoolingAsyncClientConnectionManagerBuilder builder) {
					builder.setDnsResolver(names.httpComponents());
				}

			};
		}

	}

}
