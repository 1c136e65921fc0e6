package io.nettrace.autoconfigure;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a recording has that begins when the application has long been sending requests.
 */
class FlightRecorderTests {

	private static final List<String> STEPS = List.of("nettrace.Wait", "nettrace.DnsLookup", "nettrace.Connect",
			"nettrace.TlsHandshake");

	@TempDir
	private Path temp;

	private List<RecordedEvent> events(List<String> names, Runnable requests) throws IOException {
		Path file = this.temp.resolve("requests.jfr");
		try (Recording recording = new Recording()) {
			names.forEach(recording::enable);
			recording.start();
			requests.run();
			recording.stop();
			recording.dump(file);
		}
		return RecordingFile.readAllEvents(file);
	}

	private static List<String> names(List<RecordedEvent> events) {
		return events.stream().map((event) -> event.getEventType().getName()).toList();
	}

	@Test
	void stepsAreRecordedWithoutBeingAskedForAtTheStart() throws IOException {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				TracedApplication application = TracedApplication.start(List.of())) {
			RestClient client = application.bean(RestClient.Builder.class).build();
			client.get().uri(server.url("127.0.0.1")).retrieve().toBodilessEntity();
			List<RecordedEvent> events = events(STEPS,
					() -> client.get().uri(server.url("localhost")).retrieve().toBodilessEntity());
			assertThat(names(events)).containsOnlyOnce("nettrace.DnsLookup").contains("nettrace.Connect");
			assertThat(events).allSatisfy((event) -> assertThat(event.getString("host")).isEqualTo("localhost"));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "RestClient", "WebClient" })
	void requestHasAllItsPhases(String api) throws IOException {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				TracedApplication application = TracedApplication.start(List.of(),
						"spring.http.clients.reactive.connector=reactor")) {
			Runnable request = request(api, application, server.url("127.0.0.1"));
			request.run();
			assertThat(events(List.of("nettrace.Request"), request)).singleElement().satisfies((event) -> {
				assertThat(event.getInt("port")).isEqualTo(server.port());
				assertThat(event.getLong("wait")).isPositive();
				assertThat(event.getLong("receive")).isPositive();
			});
		}
	}

	private static Runnable request(String api, TracedApplication application, String url) {
		if (api.equals("RestClient")) {
			RestClient client = application.bean(RestClient.Builder.class).build();
			return () -> client.get().uri(url).retrieve().body(String.class);
		}
		WebClient client = application.bean(WebClient.Builder.class).build();
		return () -> client.get().uri(url).retrieve().bodyToMono(String.class).block();
	}

}
