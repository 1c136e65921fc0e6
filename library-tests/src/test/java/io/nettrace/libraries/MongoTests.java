package io.nettrace.libraries;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.mongodb.MongoClientSettings;
import com.mongodb.ServerAddress;
import com.mongodb.client.MongoClient;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.bson.Document;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.mongodb.autoconfigure.MongoClientFactory;
import org.springframework.boot.mongodb.autoconfigure.MongoClientSettingsBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * MongoDB's synchronous driver with the clients that Boot builds.
 */
@Library(name = "MongoDB's driver", of = MongoClient.class, support = Support.OUT_OF_THE_BOX,
		how = "nettrace.libraries.mongodb.enabled", shows = Step.LOOKUP,
		below = "the observation that is current when the connection is opened; nothing, if a thread of the driver's opens it")
class MongoTests extends LibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	List<String> autoConfigurations() {
		return List.of("org.springframework.boot.mongodb.autoconfigure.");
	}

	/**
	 * Without the lookups of the threads that watch the servers. Boot's own client looks
	 * up nothing.
	 */
	@Override
	List<String> properties() {
		return List.of("nettrace.observations.require-parent=true",
				"spring.mongodb.uri=mongodb://" + Peer.ADDRESS + ":" + peer().port());
	}

	@Override
	Peer startPeer() {
		return MongoPeer.start();
	}

	@Override
	String call(LibraryApplication application, String host) {
		MongoClient client = application.bean(Clients.class).of(host, peer().port());
		return Observation.createNotStarted("business", application.bean(ObservationRegistry.class))
			.observe(() -> client.getDatabase("test").runCommand(new Document("ping", 1)).toJson());
	}

	@Override
	String expectedResult() {
		return "{\"ok\": 1.0}";
	}

	@Override
	String expectedTree() {
		return """
				business
				  DNS lookup two.test: 127.0.0.8, 127.0.0.9
				""";
	}

	/**
	 * What is wanted of each client here.
	 */
	static void customize(MongoClientSettings.Builder builder, String host, int port) {
		builder.applyToClusterSettings((cluster) -> cluster.hosts(List.of(new ServerAddress(host, port)))
			.serverSelectionTimeout(2, TimeUnit.SECONDS));
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
	 * Makes a client of each host, as {@code spring.mongodb.host} does of one.
	 */
	static final class Clients implements AutoCloseable {

		private final List<MongoClientSettingsBuilderCustomizer> customizers;

		private final Map<String, MongoClient> clients = new ConcurrentHashMap<>();

		Clients(List<MongoClientSettingsBuilderCustomizer> customizers) {
			this.customizers = customizers;
		}

		MongoClient of(String host, int port) {
			return this.clients.computeIfAbsent(host,
					(key) -> new MongoClientFactory(Stream
						.concat(this.customizers.stream(), Stream.of((builder) -> customize(builder, host, port)))
						.toList()).createMongoClient(MongoClientSettings.builder().build()));
		}

		@Override
		public void close() {
			this.clients.values().forEach(MongoClient::close);
		}

	}

}
