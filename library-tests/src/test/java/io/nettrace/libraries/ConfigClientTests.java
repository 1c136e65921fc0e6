package io.nettrace.libraries;

import java.util.List;

import io.nettrace.test.DnsServer;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.cloud.config.client.ConfigClientProperties;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The config client asks its server while the environment is made, before there are
 * beans.
 */
@Library(name = "Spring Cloud's Config client", of = ConfigClientProperties.class, support = Support.NOT,
		below = "it asks its server before there is an application context")
class ConfigClientTests {

	@Test
	void asksBeforeThereIsAnythingToShowIt() {
		try (DnsServer dns = DnsServer.start();
				HttpPeer server = HttpPeer.start((request) -> HttpPeer.Response.json("""
						{"name": "application", "profiles": ["default"],
						  "propertySources": [{"name": "orders", "source": {"greeting": "from the server"}}]}
						"""));
				LibraryApplication application = LibraryApplication.start(Application.class, WebApplicationType.NONE,
						new Names(dns), List.of("org.springframework.cloud.config."),
						List.of("spring.cloud.config.enabled=true",
								"spring.config.import=configserver:http://one.test:" + server.port()))) {
			assertThat(application.bean(Environment.class).getProperty("greeting")).isEqualTo("from the server");
			assertThat(server.requests()).isNotEmpty();
			assertThat(application.tree()).isEmpty();
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

	}

}
