package io.nettrace.libraries;

import java.util.List;

import com.netflix.appinfo.InstanceInfo;
import com.netflix.discovery.shared.resolver.DefaultEndpoint;
import com.netflix.discovery.shared.transport.EurekaHttpClient;
import com.netflix.discovery.shared.transport.TransportClientFactory;
import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.util.Timeout;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.netflix.eureka.EurekaClientConfigBean;
import org.springframework.cloud.netflix.eureka.TimeoutProperties;
import org.springframework.cloud.netflix.eureka.http.EurekaClientHttpRequestFactorySupplier;
import org.springframework.cloud.netflix.eureka.http.RestClientTransportClientFactories;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;

/**
 * The Eureka client's requests of the registry, which it makes with Boot's builder of
 * RestClient, on an HttpComponents client that it builds itself.
 */
@Library(name = "Spring Cloud's Eureka client", of = RestClientTransportClientFactories.class, support = Support.RECIPE,
		how = "Eureka client", shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE }, below = "the request's span")
class EurekaClientTests extends HttpLibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	List<String> autoConfigurations() {
		return List.of("org.springframework.cloud.netflix.eureka.config.DiscoveryClientOptionalArgsConfiguration");
	}

	@Override
	Peer startPeer() {
		return HttpPeer.start((request) -> HttpPeer.Response.json("""
				{"applications": {"versions__delta": "1", "apps__hashcode": "",
				  "application": [{"name": "ANSWER", "instance": []}]}}
				"""));
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		EurekaHttpClient client = application.bean(TransportClientFactory.class)
			.newClient(new DefaultEndpoint(url(host) + "eureka/"));
		return application
			.business(() -> client.getApplications().getEntity().getRegisteredApplications().get(0).getName());
	}

	@Override
	String expectedResult() {
		return "ANSWER";
	}

	@Override
	String expectedTree() {
		return expectedTreeBelow("http get");
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		// recipe: eureka-client
		@Bean
		EurekaClientHttpRequestFactorySupplier eurekaRequests(ObjectProvider<NetTraceHttpComponents> netTrace,
				TimeoutProperties timeouts, Names names) {
			return (tls, verifier) -> {
				NetTraceHttpComponents tracing = netTrace.getIfAvailable();
				PoolingHttpClientConnectionManagerBuilder connections = (tracing != null)
						? tracing.connectionManagerBuilder() : PoolingHttpClientConnectionManagerBuilder.create();
				connections.setDnsResolver(names.httpComponents())
					.setDefaultSocketConfig(SocketConfig.custom()
						.setSoTimeout(Timeout.ofMilliseconds(timeouts.getSocketTimeout()))
						.build())
					.setDefaultConnectionConfig(ConnectionConfig.custom()
						.setConnectTimeout(Timeout.ofMilliseconds(timeouts.getConnectTimeout()))
						.build());
				if (tls != null) {
					connections.setTlsSocketStrategy(new DefaultClientTlsStrategy(tls, verifier));
				}
				HttpClientBuilder client = HttpClientBuilder.create()
					.setConnectionManager(connections.build())
					.setDefaultRequestConfig(RequestConfig.custom()
						.setConnectionRequestTimeout(Timeout.ofMilliseconds(timeouts.getConnectRequestTimeout()))
						.build());
				if (tracing != null) {
					tracing.instrument(client);
				}
				return new HttpComponentsClientHttpRequestFactory(client.build());
			};
		}
		// end

		/**
		 * As the Eureka client makes it.
		 */
		@Bean
		TransportClientFactory transport(RestClientTransportClientFactories factories) {
			return factories.newTransportClientFactory(new EurekaClientConfigBean(), List.of(),
					InstanceInfo.Builder.newBuilder().setAppName("me").build());
		}

	}

}
