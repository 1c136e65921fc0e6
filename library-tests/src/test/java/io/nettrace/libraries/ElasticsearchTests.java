package io.nettrace.libraries;

import java.net.URI;
import java.util.List;

import co.elastic.clients.transport.rest5_client.low_level.Node;
import co.elastic.clients.transport.rest5_client.low_level.Request;
import co.elastic.clients.transport.rest5_client.low_level.Response;
import co.elastic.clients.transport.rest5_client.low_level.Rest5Client;
import co.elastic.clients.transport.rest5_client.low_level.Rest5ClientBuilder;
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
		how = "nettrace.libraries.elasticsearch.enabled", shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE },
		below = "the current observation")
class ElasticsearchTests extends HttpLibraryTest {

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
		client.setNodes(List.of(new Node(HttpHost.create(URI.create(url(host))))));
		return application.business(() -> {
			Response response = client.performRequest(new Request("GET", "/"));
			return EntityUtils.toString(response.getEntity());
		});
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
