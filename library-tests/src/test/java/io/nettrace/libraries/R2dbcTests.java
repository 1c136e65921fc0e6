package io.nettrace.libraries;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.r2dbc.pool.ConnectionPool;
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
import reactor.core.publisher.Hooks;
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

	private static final int MANY = 16;

	private static final String BELOW_ITS_REQUEST = """
			business
			  socket connect 127.0.0.9
			  TLS handshake 127.0.0.9
			""";

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
		awaitTree(BELOW_ITS_REQUEST);
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

	/**
	 * A pool opens connections on a thread of its own.
	 */
	@Test
	void aConnectionOfAPoolIsBelowNothing() {
		ConnectionPool pool = pool(0);
		try {
			assertThat(callPool(pool)).isEqualTo(expectedResult());
			awaitTree("""
					business
					socket connect 127.0.0.9
					TLS handshake 127.0.0.9
					""");
			application().reset();
			assertThat(callPool(pool)).isEqualTo(expectedResult());
			awaitTree("""
					business
					""");
		}
		finally {
			pool.dispose();
		}
	}

	/**
	 * As the application may have it done when it starts.
	 */
	@Test
	void connectionsThatAPoolIsWarmedUpWithAreBelowNothing() {
		ConnectionPool pool = pool(1);
		try {
			assertThat(pool.warmup().block()).isEqualTo(1);
			assertThat(callPool(pool)).isEqualTo(expectedResult());
			awaitTree("""
					socket connect 127.0.0.9
					TLS handshake 127.0.0.9
					business
					""");
		}
		finally {
			pool.dispose();
		}
	}

	/**
	 * Reactor takes to the pool's thread what each had in its context.
	 */
	@Test
	void withContextPropagationEachOfManyAtOnceIsBelowItsOwnRequest() throws Exception {
		ExecutorService callers = Executors.newFixedThreadPool(MANY);
		CyclicBarrier all = new CyclicBarrier(MANY);
		ConnectionPool pool = pool(0);
		Hooks.enableAutomaticContextPropagation();
		try {
			List<Future<String>> results = new ArrayList<>();
			for (int i = 0; i < MANY; i++) {
				results.add(callers.submit(() -> application().business(() -> {
					all.await(20, TimeUnit.SECONDS);
					Connection connection = Objects.requireNonNull(pool.create().contextCapture().block());
					all.await(20, TimeUnit.SECONDS);
					return query(connection).flatMap((text) -> Mono.from(connection.close()).thenReturn(text)).block();
				})));
			}
			for (Future<String> result : results) {
				assertThat(result.get(20, TimeUnit.SECONDS)).isEqualTo(expectedResult());
			}
			awaitTree(BELOW_ITS_REQUEST.repeat(MANY));
		}
		finally {
			pool.dispose();
			Hooks.disableAutomaticContextPropagation();
			callers.shutdownNow();
		}
	}

	private ConnectionPool pool(int initialSize) {
		return (ConnectionPool) application().bean(Factories.class)
			.of(url("r2dbc:pool:postgresql://app@127.0.0.9:PORT/postgres?sslMode=require&maxSize=" + MANY
					+ "&initialSize=" + initialSize));
	}

	private String callPool(ConnectionPool pool) {
		return Observation.createNotStarted("business", application().bean(ObservationRegistry.class))
			.observe(() -> Mono.usingWhen(pool.create(), R2dbcTests::query, Connection::close).block());
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
