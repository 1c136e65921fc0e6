package io.nettrace.libraries;

import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;

import static org.assertj.core.api.Assertions.assertThatException;

/**
 * The client of AWS SDK 2 that is the JDK's {@code HttpURLConnection}. Its lookups are
 * those of nettrace-jvm-resolver, which is not here.
 */
@Library(name = "AWS SDK 2, url-connection-client", of = UrlConnectionHttpClient.class, support = Support.NOT,
		below = "with nettrace-jvm-resolver, lookups below the current observation")
class AwsUrlConnectionTests extends HttpLibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		return application.business(() -> AwsCalls.call(application.bean(SdkHttpClient.class), url(host)));
	}

	@Override
	boolean triesEachAddress() {
		return false;
	}

	@Override
	boolean asksTheJvm() {
		return true;
	}

	@Override
	String expectedTree() {
		return """
				business
				""";
	}

	@Test
	@Override
	void showsAddressThatRefuses() {
		assertThatException().isThrownBy(() -> call(application(), "two.test"));
		awaitTree("""
				business !
				""");
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		SdkHttpClient awsHttpClient() {
			return UrlConnectionHttpClient.create();
		}

	}

}
