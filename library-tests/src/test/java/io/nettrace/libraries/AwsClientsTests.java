package io.nettrace.libraries;

import java.util.List;

import io.nettrace.test.DnsServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the line at startup says of clients of AWS SDK 2: what was checked, and no more.
 */
@ExtendWith(OutputCaptureExtension.class)
class AwsClientsTests {

	private static final String NOT_CHECKED = "nettrace cannot tell what is shown of ";

	private static final String RECIPES = "; nettrace's docs/libraries.md has recipes";

	@Test
	void namesClients(CapturedOutput output) {
		start("nettrace.enabled=true");
		assertThat(said(output)).containsExactly(
				"nettrace shows RestClient on HttpComponents: dns, connect; WebClient on Reactor Netty: dns, connect;"
						+ " not shown: the UrlConnectionHttpClient 'url'",
				"nettrace does not show the UrlConnectionHttpClient 'url': HttpURLConnection has no hooks;"
						+ " nettrace-jvm-resolver shows dns on Java 18 or later, and changes nothing",
				NOT_CHECKED + "the NettyNioAsyncHttpClient 'netty': it does not say what it was built with" + RECIPES,
				NOT_CHECKED + "the DefaultS3Client 's3': it does not say which HTTP client it has" + RECIPES);
	}

	@Test
	void saysNothingIfItIsSwitchedOff(CapturedOutput output) {
		start("nettrace.enabled=false");
		assertThat(said(output)).isEmpty();
	}

	private static void start(String property) {
		try (DnsServer dns = DnsServer.start();
				LibraryApplication application = LibraryApplication.start(Clients.class, WebApplicationType.NONE,
						new Names(dns), List.of(), List.of(property))) {
			assertThat(application.bean(S3Client.class).serviceName()).isEqualTo("s3");
		}
	}

	private static List<String> said(CapturedOutput output) {
		return output.getOut()
			.lines()
			.filter((line) -> line.contains(" : nettrace "))
			.map((line) -> line.substring(line.indexOf(" : nettrace ") + 3))
			.toList();
	}

	@Configuration(proxyBeanMethods = false)
	static class Clients {

		@Bean
		SdkHttpClient url() {
			return UrlConnectionHttpClient.create();
		}

		@Bean
		SdkAsyncHttpClient netty() {
			return NettyNioAsyncHttpClient.create();
		}

		@Bean
		S3Client s3(SdkHttpClient url) {
			return S3Client.builder()
				.region(Region.US_EAST_1)
				.credentialsProvider(AnonymousCredentialsProvider.create())
				.httpClient(url)
				.build();
		}

	}

}
