package io.nettrace.libraries;

import java.net.URI;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import org.apache.hc.client5.http.DnsResolver;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullRequest;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.utils.IoUtils;

/**
 * The HTTP client of the AWS SDK that services are built with. It takes a resolver, but
 * no connection manager.
 */
@Library(name = "AWS SDK 2, apache5-client", of = Apache5HttpClient.class, support = Support.RECIPE,
		how = "AWS SDK 2, apache5-client", shows = Step.LOOKUP, below = "the current observation")
class AwsApache5Tests extends LibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		SdkHttpClient client = application.bean(SdkHttpClient.class);
		SdkHttpFullRequest request = SdkHttpFullRequest.builder()
			.method(SdkHttpMethod.GET)
			.uri(URI.create("http://" + host + ":" + peer().port() + "/"))
			.build();
		return Observation.createNotStarted("business", application.bean(ObservationRegistry.class))
			.observeChecked(() -> {
				HttpExecuteResponse response = client
					.prepareRequest(HttpExecuteRequest.builder().request(request).build())
					.call();
				return IoUtils.toUtf8String(response.responseBody().orElseThrow());
			});
	}

	@Override
	String expectedTree() {
		return """
				business
				  DNS lookup two.test: 127.0.0.8, 127.0.0.9
				""";
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		// recipe: aws-apache5
		@Bean
		SdkHttpClient awsHttpClient(ObjectProvider<NetTraceHttpComponents> netTrace, Names names) {
			DnsResolver resolver = names.httpComponents();
			return Apache5HttpClient.builder()
				.dnsResolver(netTrace.stream().map((each) -> each.dnsResolver(resolver)).findFirst().orElse(resolver))
				.build();
		}
		// end

	}

}
