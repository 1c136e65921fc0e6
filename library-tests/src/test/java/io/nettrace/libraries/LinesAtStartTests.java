package io.nettrace.libraries;

import java.util.List;
import java.util.stream.Stream;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.nettrace.autoconfigure.GrpcNetTraceAutoConfiguration;
import io.nettrace.autoconfigure.MongoNetTraceAutoConfiguration;
import io.nettrace.autoconfigure.NetTraceAutoConfiguration;
import io.nettrace.autoconfigure.OAuth2ClientsNetTraceAutoConfiguration;
import io.nettrace.autoconfigure.R2dbcNetTraceAutoConfiguration;
import io.nettrace.client.grpc.NetTraceGrpc;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.spi.ConnectionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.mongodb.autoconfigure.MongoAutoConfiguration;
import org.springframework.boot.r2dbc.autoconfigure.R2dbcAutoConfiguration;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.JwkSetUriJwtDecoderBuilderCustomizer;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerAutoConfiguration;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.reactive.ReactiveOAuth2ResourceServerAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.jwt.JwtDecoder;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the log says of clients that are no HTTP clients.
 */
@ExtendWith(OutputCaptureExtension.class)
class LinesAtStartTests {

	private static final String KEYS = "spring.security.oauth2.resourceserver.jwt.jwk-set-uri=http://one.test/keys";

	private static final String RESOURCE_SERVER = OnlyAutoConfigurations.PROPERTY
			+ "=org.springframework.boot.security.oauth2.server.resource.";

	private static final String OF_SECURITY = "Spring Security makes a client of its own for them, without an"
			+ " observation; nettrace.libraries.oauth2.enabled=true sends them with one of Boot's";

	@Test
	void whatBootBuildsIsShown(CapturedOutput output) {
		assertThat(start(output, OfBoot.class, "spring.mongodb.uri=mongodb://127.0.0.9:9",
				"spring.r2dbc.url=r2dbc:postgresql://127.0.0.9:9/db", "spring.r2dbc.username=app",
				OnlyAutoConfigurations.PROPERTY + "=org.springframework.boot.mongodb.,org.springframework.boot.r2dbc."))
			.containsExactly(
					"nettrace shows the ConnectionFactory 'connectionFactory': connect; the MongoClient 'mongo': dns");
	}

	@Test
	void whatIsMadeByHandIsNamed(CapturedOutput output) {
		assertThat(start(output, ByHand.class)).containsExactly(
				"nettrace shows no client; not shown: the MongoClient 'own', the gRPC channel 'orders'",
				"nettrace does not show the gRPC channel 'orders': its builder has nothing of NetTraceGrpc",
				"nettrace does not show the MongoClient 'own': its settings have no resolver of NetTraceMongo",
				"nettrace cannot tell what is shown of the ConnectionFactory 'database': only connection factories"
						+ " that Boot builds tell their options");
	}

	@Test
	void channelsThatMayBeTracedAreNotSaidNotToBe(CapturedOutput output) {
		assertThat(start(output, Traced.class)).containsExactly(
				"nettrace cannot tell what is shown of the gRPC channel 'orders': a channel does not tell whether its"
						+ " builder had the resolver and the channel factory of NetTraceGrpc");
	}

	@Test
	void nothingIsSaidOfWhatIsSwitchedOff(CapturedOutput output) {
		assertThat(start(output, ByHand.class, "nettrace.libraries.grpc.enabled=false",
				"nettrace.libraries.mongodb.enabled=false", "nettrace.libraries.r2dbc.enabled=false"))
			.containsExactly("nettrace found no HTTP client to trace");
	}

	@Test
	void whatSpringSecurityRequestsIsNamed(CapturedOutput output) {
		assertThat(start(output, OfSecurity.class, KEYS)).containsExactly(
				"nettrace shows no client; not shown: Spring Security's requests for tokens",
				"nettrace does not show Spring Security's requests for tokens: " + OF_SECURITY);
	}

	@Test
	void requestsForKeysAreNamedOfTheDecoderThatBootMakes(CapturedOutput output) {
		assertThat(start(output, KeysOfBoot.class, KEYS, RESOURCE_SERVER))
			.contains("nettrace does not show Spring Security's requests for the keys of tokens: " + OF_SECURITY);
	}

	@Test
	void reactiveRequestsForKeysAreNamed(CapturedOutput output) {
		assertThat(start(output, ReactiveKeysOfBoot.class, KEYS, RESOURCE_SERVER))
			.contains("nettrace does not show Spring Security's requests for the keys of tokens: " + OF_SECURITY);
	}

	@Test
	void nothingIsSaidOfRequestsThatTheApplicationHasDecidedAbout(CapturedOutput output) {
		assertThat(start(output, OwnRequests.class, KEYS)).containsExactly("nettrace found no HTTP client to trace");
	}

	@Test
	void nothingIsSaidOfRequestsThatAreNotToBeShown(CapturedOutput output) {
		assertThat(start(output, OfSecurity.class, KEYS, "nettrace.libraries.oauth2.enabled=false"))
			.containsExactly("nettrace found no HTTP client to trace");
	}

	private static List<String> start(CapturedOutput output, Class<?> configuration, String... properties) {
		new SpringApplicationBuilder(configuration).web(WebApplicationType.NONE)
			.properties("spring.cloud.config.enabled=false")
			.run(Stream.of(properties).map((property) -> "--" + property).toArray(String[]::new))
			.close();
		return output.getOut()
			.lines()
			.filter((line) -> line.contains(" : nettrace "))
			.map((line) -> line.substring(line.indexOf(" : nettrace ") + 3))
			.toList();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ MongoAutoConfiguration.class, R2dbcAutoConfiguration.class,
			NetTraceAutoConfiguration.class, GrpcNetTraceAutoConfiguration.class, MongoNetTraceAutoConfiguration.class,
			R2dbcNetTraceAutoConfiguration.class })
	static class OfBoot {

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ NetTraceAutoConfiguration.class, GrpcNetTraceAutoConfiguration.class,
			MongoNetTraceAutoConfiguration.class, R2dbcNetTraceAutoConfiguration.class })
	static class ByHand {

		@Bean(destroyMethod = "shutdownNow")
		ManagedChannel orders() {
			return NettyChannelBuilder.forTarget("one.test:9").build();
		}

		@Bean
		MongoClient own() {
			return MongoClients.create("mongodb://127.0.0.9:9");
		}

		@Bean
		ConnectionFactory database() {
			return new PostgresqlConnectionFactory(
					PostgresqlConnectionConfiguration.builder().host("127.0.0.9").username("app").build());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ NetTraceAutoConfiguration.class, GrpcNetTraceAutoConfiguration.class })
	static class Traced {

		@Bean(destroyMethod = "shutdownNow")
		ManagedChannel orders(NetTraceGrpc netTrace) {
			netTrace.channelFactory(NioSocketChannel::new);
			return NettyChannelBuilder.forTarget("one.test:9").build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ NetTraceAutoConfiguration.class, OAuth2ClientsNetTraceAutoConfiguration.class })
	static class OfSecurity {

		@Bean
		ClientRegistrationRepository registrations() {
			return (id) -> {
				throw new IllegalStateException();
			};
		}

		@Bean
		JwtDecoder decoder() {
			return (token) -> {
				throw new IllegalStateException();
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(OfSecurity.class)
	static class OwnRequests {

		@Bean
		OAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest> tokens() {
			return (request) -> {
				throw new IllegalStateException();
			};
		}

		@Bean
		JwkSetUriJwtDecoderBuilderCustomizer keys() {
			return (decoder) -> {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ OAuth2ResourceServerAutoConfiguration.class, NetTraceAutoConfiguration.class,
			OAuth2ClientsNetTraceAutoConfiguration.class })
	static class KeysOfBoot {

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ ReactiveOAuth2ResourceServerAutoConfiguration.class, NetTraceAutoConfiguration.class,
			OAuth2ClientsNetTraceAutoConfiguration.class })
	static class ReactiveKeysOfBoot {

	}

}
