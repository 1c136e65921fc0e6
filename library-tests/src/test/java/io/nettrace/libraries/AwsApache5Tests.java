package io.nettrace.libraries;

import io.nettrace.client.httpcomponents.NetTraceHttpComponents;
import org.apache.hc.client5.http.DnsResolver;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;

/**
 * The HTTP client of the AWS SDK that services are built with. It takes a resolver, but
 * no connection manager.
 */
@Library(name = "AWS SDK 2, apache5-client", of = Apache5HttpClient.class, support = Support.RECIPE,
		how = "AWS SDK 2, apache5-client", shows = Step.LOOKUP, below = "the current observation")
class AwsApache5Tests extends HttpLibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		return application.business(() -> AwsCalls.call(application.bean(SdkHttpClient.class), url(host)));
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
