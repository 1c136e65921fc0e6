package com.example.versions;

import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Sends a request with each client and exits with 1 if one does not show its lookup and
 * its connect below the request.
 */
@SpringBootApplication
public class VersionsApplication {

	private final List<SpanData> spans = new CopyOnWriteArrayList<>();

	public static void main(String[] args) throws Exception {
		HttpServer server = HttpServer.create(new InetSocketAddress("localhost", 0), 0);
		server.createContext("/", (exchange) -> {
			exchange.sendResponseHeaders(204, -1);
			exchange.close();
		});
		server.start();
		String url = "http://localhost:" + server.getAddress().getPort() + "/";
		System.out.println("Spring Boot " + SpringBootVersion.getVersion() + ", HttpClient "
				+ Class.forName("org.apache.hc.client5.http.impl.classic.HttpClientBuilder")
					.getPackage()
					.getImplementationVersion());
		boolean shown = shows("RestClient on HttpComponents", "auto", url, VersionsApplication::blocking)
				& shows("WebClient on HttpComponents", "http-components", url, VersionsApplication::reactive)
				& shows("WebClient on Reactor Netty", "reactor", url, VersionsApplication::reactive);
		server.stop(0);
		System.exit(shown ? 0 : 1);
	}

	private static void blocking(ConfigurableApplicationContext context, String url) {
		context.getBean(RestClient.Builder.class).build().get().uri(url).retrieve().toBodilessEntity();
	}

	private static void reactive(ConfigurableApplicationContext context, String url) {
		context.getBean(WebClient.Builder.class).build().get().uri(url).retrieve().toBodilessEntity().block();
	}

	private static boolean shows(String client, String connector, String url,
			BiConsumer<ConfigurableApplicationContext, String> request) {
		SpringApplication application = new SpringApplication(VersionsApplication.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		ConfigurableApplicationContext context = application.run("--spring.main.banner-mode=off",
				"--logging.level.root=warn", "--management.tracing.sampling.probability=1.0",
				"--management.otlp.metrics.export.enabled=false",
				(connector.equals("auto") ? "--unused=" : "--spring.http.clients.reactive.connector=") + connector);
		List<SpanData> spans = context.getBean(VersionsApplication.class).spans;
		request.accept(context, url);
		context.close(); // exports what has ended
		String below = below(spans, "http get");
		System.out.println("  " + client + ": " + below);
		boolean recorded = spans.stream()
			.anyMatch((span) -> span.getName().equals("http get")
					&& span.getAttributes().get(AttributeKey.stringKey("nettrace.verdict")) != null);
		// the event loop of a first request may take a while
		return recorded && below.replace("wait for connection, ", "").startsWith("DNS lookup, socket connect");
	}

	private static String below(List<SpanData> spans, String parent) {
		List<String> parents = spans.stream()
			.filter((span) -> span.getName().equals(parent))
			.map(SpanData::getSpanId)
			.toList();
		return String.join(", ", spans.stream()
			.filter((span) -> parents.contains(span.getParentSpanId()))
			.sorted((one, other) -> Long.compare(one.getStartEpochNanos(), other.getStartEpochNanos()))
			.map(SpanData::getName)
			.toList());
	}

	@Bean
	SpanExporter spanExporter() {
		return new SpanExporter() {

			@Override
			public CompletableResultCode export(Collection<SpanData> ended) {
				VersionsApplication.this.spans.addAll(ended);
				return CompletableResultCode.ofSuccess();
			}

			@Override
			public CompletableResultCode flush() {
				return CompletableResultCode.ofSuccess();
			}

			@Override
			public CompletableResultCode shutdown() {
				return CompletableResultCode.ofSuccess();
			}

		};
	}

}
