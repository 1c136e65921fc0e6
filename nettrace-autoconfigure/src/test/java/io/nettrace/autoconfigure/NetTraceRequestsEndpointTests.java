package io.nettrace.autoconfigure;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.Principal;
import java.util.List;

import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

import io.nettrace.observation.recent.RecentRequest;
import io.nettrace.observation.recent.RecentRequests;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link NetTraceRequestsEndpoint} and {@link NetTraceHarEndpoint}.
 */
@Tag("one-jdk")
class NetTraceRequestsEndpointTests {

	private static final String EXPOSED = "management.endpoints.web.exposure.include=nettracerequests,nettracehar";

	private static final String SHOWN = "management.endpoint.nettrace.show-values=always";

	private static void get(RestClient.Builder builder, LoopbackServer server) {
		builder.build()
			.get()
			.uri("http://localhost:" + server.port() + "/orders/{id}?token={token}", 42, "geheim")
			.header("Authorization", "Bearer geheim")
			.retrieve()
			.toBodilessEntity();
	}

	private static HttpResponse<String> actuator(ConfigurableApplicationContext context, String endpoint)
			throws IOException, InterruptedException {
		String port = context.getEnvironment().getRequiredProperty("local.server.port");
		URI uri = URI.create("http://localhost:" + port + "/app/actuator/" + endpoint);
		return HttpClient.newHttpClient()
			.send(HttpRequest.newBuilder(uri).header("Accept", "text/html,application/json,*/*;q=0.8").build(),
					HttpResponse.BodyHandlers.ofString());
	}

	@ParameterizedTest
	@EnumSource(value = WebApplicationType.class, names = { "SERVLET", "REACTIVE" })
	void requestsAreThereOverHttp(WebApplicationType type) throws Exception {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class).web(type)
					.run("--server.port=0", "--server.servlet.context-path=/app", "--spring.webflux.base-path=/app",
							"--" + EXPOSED, "--" + SHOWN, "--spring.main.banner-mode=off",
							"--spring.http.clients.imperative.factory=http-components",
							"--spring.jackson.property-naming-strategy=SNAKE_CASE",
							"--management.tracing.sampling.probability=1.0",
							"--management.otlp.metrics.export.enabled=false")) {
			get(context.getBean(RestClient.Builder.class), server);
			HttpResponse<String> response = actuator(context, "nettracerequests");
			assertThat(response.statusCode()).isEqualTo(200);
			assertThat(response.body()).doesNotContain("geheim", "token", "Authorization", "null");
			JsonNode request = JsonMapper.shared().readTree(response.body()).at("/requests/0");
			assertThat(request.get("id").asString()).isEqualTo("1");
			assertThat(request.get("time").asString()).matches("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z");
			assertThat(request.get("uri").asString()).isEqualTo("/orders/{id}");
			assertThat(request.get("duration").isFloatingPointNumber()).isTrue();
			assertThat(request.get("traceId").asString()).hasSize(32);
			assertThat(request.get("steps").findValuesAsString("phase")).containsExactly("queue", "dns", "connect",
					"send", "wait", "receive");
			assertThat(request.at("/connection/peerAddress").asString()).isEqualTo("127.0.0.1");
			assertThat(request.has("error")).isFalse();

			HttpResponse<String> har = actuator(context, "nettracehar");
			assertThat(har.statusCode()).isEqualTo(200);
			assertThat(har.headers().firstValue("Content-Type")).hasValue("application/json");
			assertThat(har.body()).doesNotContain("geheim", "token", "Authorization");
			assertThat(HarFile.read(har.body()).entries()).singleElement()
				.extracting((entry) -> entry.at("/request/url").asString())
				.isEqualTo("http://localhost:" + server.port() + "/orders/%7Bid%7D");
		}
	}

	@Test
	void requestsAreThereOverJmx() throws JMException {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				TracedApplication application = TracedApplication.start(List.of(), "spring.jmx.enabled=true",
						"management.endpoints.jmx.domain=nettrace.test",
						"management.endpoints.jmx.exposure.include=nettracerequests,nettracehar", SHOWN)) {
			get(application.bean(RestClient.Builder.class), server);
			MBeanServer beans = application.bean(MBeanServer.class);
			Object requests = beans.invoke(new ObjectName("nettrace.test:type=Endpoint,name=Nettracerequests"),
					"requests", new Object[0], new String[0]);
			assertThat(requests).asString().contains("verdict", "127.0.0.1:" + server.port()).doesNotContain("geheim");
			Object har = beans.invoke(new ObjectName("nettrace.test:type=Endpoint,name=Nettracehar"), "har",
					new Object[0], new String[0]);
			assertThat(HarFile.read(JsonMapper.shared().writeValueAsString(har)).entries()).hasSize(1);
		}
	}

	@Test
	void eitherEndpointIsEnough() {
		for (String endpoint : List.of("nettracerequests", "nettracehar")) {
			try (TracedApplication application = TracedApplication.start(List.of(),
					"management.endpoints.web.exposure.include=" + endpoint)) {
				assertThat(application.beans(RecentRequests.class)).hasSize(1);
				assertThat(application.beans(NetTraceRequestsEndpoint.class))
					.hasSize(endpoint.equals("nettracerequests") ? 1 : 0);
				assertThat(application.beans(NetTraceHarEndpoint.class))
					.hasSize(endpoint.equals("nettracehar") ? 1 : 0);
			}
		}
	}

	@Test
	void nothingIsRecordedUnlessExposed() {
		for (String property : List.of("management.endpoints.web.exposure.include=nettrace,health",
				"nettrace.observations.exchanges=false", "nettrace.enabled=false",
				"management.endpoint.nettracerequests.access=NONE")) {
			try (TracedApplication application = TracedApplication.start(List.of(), property,
					property.contains("exposure") ? "a=b"
							: "management.endpoints.web.exposure.include=nettracerequests")) {
				assertThat(application.beans(RecentRequests.class)).as(property).isEmpty();
				assertThat(application.beans(ShownRequests.class)).as(property).isEmpty();
			}
		}
	}

	@Test
	void addressesAreHiddenByDefault() {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				TracedApplication application = TracedApplication.start(List.of(), EXPOSED)) {
			get(application.bean(RestClient.Builder.class), server);
			application.bean(RestClient.Builder.class)
				.build()
				.get()
				.uri(server.url("127.0.0.1"))
				.retrieve()
				.toBodilessEntity();
			List<RecentRequest> requests = application.bean(NetTraceRequestsEndpointWebExtension.class)
				.requests(user("admin"))
				.requests();
			assertThat(requests).extracting(RecentRequest::host).containsExactly("_IP", "localhost");
			assertThat(requests.toString()).contains("******").doesNotContain("127.0.0");
			assertThat(application.bean(NetTraceRequestsEndpoint.class).requests().requests()).isEqualTo(requests);
			assertThat(application.bean(NetTraceHarEndpoint.class).har().toString()).doesNotContain("127.0.0");
			String har = JsonMapper.shared()
				.writeValueAsString(application.bean(NetTraceHarEndpointWebExtension.class).har(user("admin")));
			assertThat(har).doesNotContain("127.0.0");
			assertThat(HarFile.read(har).entries()).hasSize(2).noneMatch((entry) -> entry.has("serverIPAddress"));
		}
	}

	@Test
	void addressesAreShownToTheRole() {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				TracedApplication application = TracedApplication.start(List.of(), EXPOSED,
						"management.endpoint.nettrace.show-values=when-authorized",
						"management.endpoint.nettrace.roles=network")) {
			get(application.bean(RestClient.Builder.class), server);
			NetTraceRequestsEndpointWebExtension requests = application
				.bean(NetTraceRequestsEndpointWebExtension.class);
			assertThat(requests.requests(user("network")).toString()).contains("127.0.0.1");
			assertThat(requests.requests(user("other")).toString()).doesNotContain("127.0.0.1");
			assertThat(requests.requests(SecurityContext.NONE).toString()).doesNotContain("127.0.0.1");
			NetTraceHarEndpointWebExtension har = application.bean(NetTraceHarEndpointWebExtension.class);
			assertThat(har.har(user("network")).toString()).contains("127.0.0.1");
			assertThat(har.har(user("other")).toString()).doesNotContain("127.0.0.1");
		}
	}

	@Test
	void sanitizingFunctionsOfTheApplicationApply() {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				TracedApplication application = TracedApplication.start(Sanitizing.class, EXPOSED, SHOWN)) {
			get(application.bean(RestClient.Builder.class), server);
			RecentRequest request = application.bean(NetTraceRequestsEndpoint.class).requests().requests().get(0);
			assertThat(request.steps().get(1).addresses()).containsOnly("a.b.c.d");
			assertThat(request.steps().get(2).addresses()).containsExactly("127.0.0.1:" + server.port());
			assertThat(request.connection()).extracting("peerAddress").isEqualTo("127.0.0.1");
		}
	}

	private static SecurityContext user(String role) {
		return new SecurityContext() {

			@Override
			public Principal getPrincipal() {
				return () -> "someone";
			}

			@Override
			public boolean isUserInRole(String other) {
				return role.equals(other);
			}

		};
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class Sanitizing {

		@Bean
		SanitizingFunction sanitizingFunction() {
			return (data) -> data.getKey().equals("dns.answers") ? data.withValue("a.b.c.d") : data;
		}

	}

}
