package io.nettrace.libraries;

import java.util.List;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.r2dbc.ConnectionFactoryBuilder;
import org.springframework.boot.r2dbc.autoconfigure.ConnectionFactoryOptionsBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.publisher.Mono;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * PostgreSQL's R2DBC driver with connection factories that Boot builds. The driver sets
 * Netty's resolver itself, which asks the machine's DNS servers, so that there are
 * addresses in place of names here.
 */
@EnabledIf(value = "isInstalled", disabledReason = "there is no PostgreSQL server")
@Library(name = "PostgreSQL's R2DBC driver", of = PostgresqlConnectionFactory.class, support = Support.OUT_OF_THE_BOX,
		how = "nettrace.libraries.r2dbc.enabled", shows = { Step.ATTEMPT, Step.HANDSHAKE },
		below = "the observation that is current on the thread that subscribes; nothing, for a further host of several")
class R2dbcTests extends LibraryTest {

	static boolean isInstalled() {
		return PostgresqlTests.isInstalled();
	}

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	List<String> autoConfigurations() {
		return List.of("org.springframework.boot.r2dbc.autoconfigure.");
	}

	@Override
	List<String> properties() {
		return List.of("spring.r2dbc.url=" + url("r2dbc:postgresql://127.0.0.9:PORT/postgres"),
				"spring.r2dbc.username=app");
	}

	@Override
	Peer startPeer() {
		return PostgresqlTests.startServer();
	}

	@Override
	String call(LibraryApplication application, String host) {
		return callUrl(application, switch (host) {
			case "one.test" -> "r2dbc:postgresql://app@127.0.0.9:PORT/postgres?sslMode=require";
			case "two.test" -> "r2dbc:postgresql:failover://app@127.0.0.8:PORT,127.0.0.9:PORT/postgres?sslMode=disable";
			default -> "r2dbc:postgresql://app@127.0.0.8:PORT/postgres";
		});
	}

	private String callUrl(LibraryApplication application, String url) {
		ConnectionFactory factory = application.bean(Factories.class).of(url(url));
		return Observation.createNotStarted("business", application.bean(ObservationRegistry.class))
			.observe(() -> Mono.usingWhen(factory.create(), R2dbcTests::query, Connection::close).block());
	}

	private String url(String url) {
		return url.replace("PORT", String.valueOf(peer().port()));
	}

	private static Mono<String> query(Connection connection) {
		return Mono.from(connection.createStatement("SELECT 'answer'").execute())
			.flatMap((result) -> Mono.from(result.map((row) -> row.get(0, String.class))));
	}

	@Override
	String expectedResult() {
		return "answer";
	}

	/**
	 * The driver goes on to the next host where the first one has failed: on an event
	 * loop.
	 */
	@Override
	String expectedTree() {
		return """
				business
				  socket connect ! 127.0.0.8: connection_refused
				socket connect 127.0.0.9
				""";
	}

	/**
	 * Its lookups cannot be made slow here.
	 */
	@Test
	@Override
	void showsSlowLookup() {
		assertThat(call(application(), "one.test")).isEqualTo(expectedResult());
		awaitTree("""
				business
				  socket connect 127.0.0.9
				  TLS handshake 127.0.0.9
				""");
	}

	@Test
	void showsThatTheServerRefuses() {
		assertThatException().isThrownBy(() -> call(application(), "refused.test"));
		awaitTree("""
				business !
				  socket connect ! 127.0.0.8: connection_refused
				""");
	}

	@Test
	void theServersAnswerMayBeThatThereIsNoHandshake() {
		assertThat(callUrl(application(), "r2dbc:postgresql://app@127.0.0.9:PORT/postgres?sslMode=disable"))
			.isEqualTo(expectedResult());
		awaitTree("""
				business
				  socket connect 127.0.0.9
				""");
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		Factories factories(ObjectProvider<ConnectionFactoryOptionsBuilderCustomizer> customizers) {
			return new Factories(customizers);
		}

	}

	/**
	 * Makes a connection factory of each URL, as {@code spring.r2dbc.url} does of one.
	 */
	record Factories(ObjectProvider<ConnectionFactoryOptionsBuilderCustomizer> customizers) {

		ConnectionFactory of(String url) {
			return ConnectionFactoryBuilder.withUrl(url)
				.configure((options) -> this.customizers.orderedStream().forEach((each) -> each.customize(options)))
				.build();
		}

	}

}
