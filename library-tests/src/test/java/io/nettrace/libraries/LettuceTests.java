package io.nettrace.libraries;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.lettuce.core.resource.Transports;
import io.nettrace.test.DnsAnswer;
import io.netty.bootstrap.Bootstrap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Lettuce with the resources that Boot builds, as Spring Data Redis uses it. Lettuce
 * tries one address of a name.
 */
@EnabledIf(value = "isInstalled", disabledReason = "there is no redis-server")
@Library(name = "Lettuce (Redis)", of = ClientResources.class, support = Support.OUT_OF_THE_BOX,
		how = "nettrace.libraries.lettuce.enabled", shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE },
		below = "the observation that is current when the connection is opened, beside those of Lettuce's commands")
class LettuceTests extends LibraryTest {

	static boolean isInstalled() {
		return Files.isExecutable(ProcessPeer.program("redis-server"));
	}

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	List<String> autoConfigurations() {
		return List.of("org.springframework.boot.data.redis.");
	}

	@Override
	Peer startPeer() {
		try {
			int port = ProcessPeer.freePort();
			return ProcessPeer.start(Files.createTempDirectory("redis"), port,
					List.of(ProcessPeer.program("redis-server").toString(), "--bind", "127.0.0.1", "--port",
							String.valueOf(port), "--save", ""));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		LettuceConnectionFactory redis = application.bean(Clients.class).of(host, peer().port());
		return application.business(() -> {
			try (RedisConnection connection = redis.getConnection()) {
				return connection.ping() + " " + connection.ping();
			}
		});
	}

	@Override
	boolean triesEachAddress() {
		return false;
	}

	@Override
	String expectedResult() {
		return "PONG PONG";
	}

	/**
	 * What Lettuce sends by itself on a new connection has no parent.
	 */
	@Override
	String expectedTree() {
		return """
				business
				  DNS lookup two.test: 127.0.0.8, 127.0.0.9
				  socket connect ! 127.0.0.8: connection_refused
				  socket connect 127.0.0.9
				  ping
				  ping
				hello
				client
				client
				client
				""";
	}

	@Test
	@Override
	void showsAddressThatRefuses() {
		assertThatException().isThrownBy(() -> call(application(), "two.test"));
		awaitTree("""
				business !
				  DNS lookup two.test: 127.0.0.8
				  socket connect ! 127.0.0.8: connection_refused
				""");
	}

	@Test
	void showsNameThatDoesNotExist() {
		assertThatException().isThrownBy(() -> call(application(), "unknown.test"));
		awaitTree("""
				business !
				  DNS lookup ! unknown.test: host_not_found
				""");
	}

	@Test
	void showsHandshake() throws Exception {
		dns().set(SocketPeer.TLS_HOST, DnsAnswer.addresses(Peer.ADDRESS));
		assertThat(call(application(), SocketPeer.TLS_HOST)).isEqualTo(expectedResult());
		awaitTree(expectedTreeOf(SocketPeer.TLS_HOST).replaceFirst("(?m)^( *)socket connect .*\n",
				"$0$1TLS handshake tls.test\n"));
	}

	/**
	 * The customizer of the application's own.
	 */
	@Test
	void callsTheApplicationsCustomizer() throws Exception {
		Customized customized = application().bean(Customized.class);
		int before = customized.bootstraps.get();
		assertThat(call(application(), "one.test")).isEqualTo(expectedResult());
		assertThat(customized.bootstraps).hasValueGreaterThan(before);
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		Clients clients(ClientResources resources) {
			return new Clients(resources);
		}

		@Bean
		Customized customized() {
			return new Customized();
		}

		@Bean
		ClientResourcesBuilderCustomizer resolver(Names names, Customized customized) {
			return (builder) -> builder.addressResolverGroup(names.plainNetty(Transports.datagramChannelClass()))
				.nettyCustomizer(customized);
		}

	}

	/**
	 * Makes a client of each host, as {@code spring.data.redis.host} does of one.
	 */
	static final class Clients implements AutoCloseable {

		private final ClientResources resources;

		private final Map<String, LettuceConnectionFactory> clients = new ConcurrentHashMap<>();

		Clients(ClientResources resources) {
			this.resources = resources;
		}

		LettuceConnectionFactory of(String host, int port) {
			return this.clients.computeIfAbsent(host, (key) -> {
				LettuceConnectionFactory client = new LettuceConnectionFactory(
						new RedisStandaloneConfiguration(host, port), configuration(host.equals(SocketPeer.TLS_HOST)));
				client.afterPropertiesSet();
				client.start();
				return client;
			});
		}

		private LettuceClientConfiguration configuration(boolean tls) {
			LettuceClientConfiguration.LettuceClientConfigurationBuilder builder = LettuceClientConfiguration.builder()
				.clientResources(this.resources);
			if (tls) {
				builder.useSsl();
			}
			return builder.build();
		}

		@Override
		public void close() {
			this.clients.values().forEach(LettuceConnectionFactory::destroy);
		}

	}

	/**
	 * Counts.
	 */
	static final class Customized implements NettyCustomizer {

		private final AtomicInteger bootstraps = new AtomicInteger();

		@Override
		public void afterBootstrapInitialized(Bootstrap bootstrap) {
			this.bootstraps.incrementAndGet();
		}

	}

}
