package io.nettrace.jvm;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Jedis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Clients that are no HTTP clients, and ask the JVM's resolver on the thread that calls
 * them.
 */
class OtherProtocolsTests {

	private final String good = ScriptedResolverProvider.newName("good.test");

	private final String unknown = ScriptedResolverProvider.newName("unknown.test");

	private final JvmApplication application = JvmApplication.start(List.of());

	@AfterEach
	void close() {
		this.application.close();
	}

	@Test
	void jedisLooksUpBelowTheCallersObservation() throws IOException {
		this.application.spans(0);
		try (ServerSocket redis = redis()) {
			business(() -> {
				try (Jedis jedis = new Jedis(this.good, redis.getLocalPort())) {
					assertThat(jedis.ping()).isEqualTo("PONG");
				}
			});
		}
		assertThat(this.application.spans(2)).containsExactly("business below nothing",
				"DNS lookup below business jdk " + this.good + " 127.0.0.9");
	}

	/**
	 * Says {@code PONG} to whatever it is asked.
	 */
	private static ServerSocket redis() throws IOException {
		ServerSocket server = new ServerSocket(0, 0, InetAddress.getByName("127.0.0.9"));
		Thread thread = new Thread(() -> {
			try (Socket socket = server.accept();
					BufferedReader in = new BufferedReader(
							new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
				for (String line = in.readLine(); line != null; line = in.readLine()) {
					if (line.startsWith("*")) { // a command begins
						socket.getOutputStream().write("+PONG\r\n".getBytes(StandardCharsets.US_ASCII));
					}
				}
			}
			catch (IOException ended) {
				// by the client, which may still have something to read
			}
		}, "redis");
		thread.setDaemon(true);
		thread.start();
		return server;
	}

	/**
	 * Its own threads, which connect, find the answer in the JVM's cache.
	 */
	@Test
	void kafkaLooksUpItsBootstrapServersBelowTheCallersObservation() {
		this.application.spans(0);
		business(() -> newProducer(this.good).close(Duration.ZERO));
		assertThat(this.application.spans(2)).containsExactly("business below nothing",
				"DNS lookup below business jdk " + this.good + " 127.0.0.9");
		assertThatExceptionOfType(KafkaException.class).isThrownBy(() -> business(() -> newProducer(this.unknown)));
		assertThat(this.application.spans(2)).containsExactly("business ! below nothing",
				"DNS lookup ! below business jdk " + this.unknown + " host_not_found");
	}

	/**
	 * Nothing listens there.
	 */
	private static KafkaProducer<byte[], byte[]> newProducer(String host) {
		return new KafkaProducer<>(Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, host + ":1"),
				new ByteArraySerializer(), new ByteArraySerializer());
	}

	private void business(Runnable task) {
		Observation.createNotStarted("business", this.application.bean(ObservationRegistry.class)).observe(task);
	}

}
