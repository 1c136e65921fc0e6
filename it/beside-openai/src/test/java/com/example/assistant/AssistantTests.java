package com.example.assistant;

import java.net.InetSocketAddress;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.test.OtlpReceiver;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The exporter and the application share one OkHttp and one okio, whatever their versions.
 */
class AssistantTests {

	@Test
	void theExporterRunsOnTheOkioThatMavenPicked() {
		try (OtlpReceiver receiver = OtlpReceiver.start()) {
			try (ConfigurableApplicationContext context = start(receiver)) {
				Observation.createNotStarted("asked", context.getBean(ObservationRegistry.class)).observe(() -> {
				});
			}
			assertThat(receiver.awaitSpan((span) -> span.name().equals("asked"))).isNotNull();
		}
	}

	@Test
	void theApplicationsOkHttpRunsOnIt() throws Exception {
		HttpServer server = HttpServer.create(new InetSocketAddress("localhost", 0), 0);
		server.createContext("/", (exchange) -> {
			exchange.sendResponseHeaders(204, -1);
			exchange.close();
		});
		server.start();
		Request request = new Request.Builder().url("http://localhost:" + server.getAddress().getPort() + "/").build();
		try (Response response = new OkHttpClient().newCall(request).execute()) {
			assertThat(response.code()).isEqualTo(204);
		}
		finally {
			server.stop(0);
		}
	}

	private static ConfigurableApplicationContext start(OtlpReceiver receiver) {
		return new SpringApplicationBuilder(Assistant.class).web(WebApplicationType.NONE)
			.run("--spring.ai.openai.api-key=none", "--management.tracing.sampling.probability=1.0",
					"--management.opentelemetry.tracing.export.otlp.endpoint=" + receiver.tracesUrl(),
					"--management.otlp.metrics.export.enabled=false");
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Assistant {

	}

}
