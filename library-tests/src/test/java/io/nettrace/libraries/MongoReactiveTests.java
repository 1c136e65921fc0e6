package io.nettrace.libraries;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.mongodb.MongoClientSettings;
import com.mongodb.reactivestreams.client.MongoClient;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.bson.Document;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.mongodb.autoconfigure.MongoClientSettingsBuilderCustomizer;
import org.springframework.boot.mongodb.autoconfigure.ReactiveMongoClientFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.publisher.Mono;

/**
 * MongoDB's reactive driver with the clients that Boot builds, on Netty.
 */
@Library(name = "MongoDB's reactive driver", of = MongoClient.class, support = Support.OUT_OF_THE_BOX,
		how = "nettrace.libraries.mongodb.enabled", shows = Step.LOOKUP,
		below = "nothing: the driver looks up on threads of its own")
class MongoReactiveTests extends LibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	List<String> autoConfigurations() {
		return List.of("org.springframework.boot.mongodb.autoconfigure.");
	}

	@Override
	List<String> properties() {
		return List.of("spring.mongodb.uri=mongodb://" + Peer.ADDRESS + ":" + peer().port());
	}

	@Override
	Peer startPeer() {
		return MongoPeer.start();
	}

	@Override
	String call(LibraryApplication application, String host) {
		MongoClient client = application.bean(Clients.class).of(host, peer().port());
		return Observation.createNotStarted("business", application.bean(ObservationRegistry.class))
			.observe(() -> Mono.from(client.getDatabase("test").runCommand(new Document("ping", 1)))
				.map(Document::toJson)
				.block());
	}

	@Override
	String expectedResult() {
		return "{\"ok\": 1.0}";
	}

	/**
	 * Sorted, for they do not wait for each other: one thread watches the server.
	 */
	@Override
	String tree() {
		return Arrays.stream(super.tree().split("\n")).sorted().collect(Collectors.joining("\n", "", "\n"));
	}

	@Override
	String expectedTree() {
		return """
				DNS lookup two.test: 127.0.0.8, 127.0.0.9
				DNS lookup two.test: 127.0.0.8, 127.0.0.9
				business
				""";
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		MongoClientSettingsBuilderCustomizer resolver(Names names) {
			return (builder) -> builder.inetAddressResolver(names::resolve);
		}

		@Bean
		Clients clients(ObjectProvider<MongoClientSettingsBuilderCustomizer> customizers) {
			return new Clients(customizers.orderedStream().toList());
		}

	}

	/**
	 * Makes a client of each host.
	 */
	static final class Clients implements AutoCloseable {

		private final List<MongoClientSettingsBuilderCustomizer> customizers;

		private final Map<String, MongoClient> clients = new ConcurrentHashMap<>();

		Clients(List<MongoClientSettingsBuilderCustomizer> customizers) {
			this.customizers = customizers;
		}

		MongoClient of(String host, int port) {
			return this.clients.computeIfAbsent(host,
					(key) -> new ReactiveMongoClientFactory(Stream
						.concat(this.customizers.stream(),
								Stream.of((builder) -> MongoTests.customize(builder, host, port)))
						.toList()).createMongoClient(MongoClientSettings.builder().build()));
		}

		@Override
		public void close() {
			this.clients.values().forEach(MongoClient::close);
		}

	}

}
