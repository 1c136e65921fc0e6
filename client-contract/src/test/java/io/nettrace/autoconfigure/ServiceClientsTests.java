package io.nettrace.autoconfigure;

import java.nio.file.Path;
import java.util.List;

import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.restclient.autoconfigure.RestClientSsl;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.webclient.autoconfigure.WebClientSsl;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.registry.HttpServiceGroup.ClientType;
import org.springframework.web.service.registry.ImportHttpServices;

/**
 * Other ways to get a client that Boot builds: groups of HTTP services, and
 * {@code RestClientSsl} and {@code WebClientSsl}.
 */
@Tag("one-jdk")
class ServiceClientsTests {

	private final DnsServer dns = DnsServer.start().set("good.test", DnsAnswer.addresses("127.0.0.9"));

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	@BeforeEach
	void useNames() {
		LoopbackNames.use(this.dns);
	}

	@AfterEach
	void stop() {
		this.server.close();
		this.dns.close();
	}

	@Test
	void groupsOfHttpServicesAreTraced() {
		String url = this.server.url("good.test");
		try (TracedApplication application = start(List.of(LoopbackNames.class, Groups.class),
				"spring.http.serviceclient.blocking.base-url=" + url,
				"spring.http.serviceclient.reactive.base-url=" + url)) {
			application.bean(BlockingService.class).get();
			application.awaitTree(connected());
			application.bean(ReactiveService.class).get();
			application.awaitTree(connected());
		}
	}

	@Test
	void clientsOfSslBundlesAreTraced(@TempDir Path temp) throws Exception {
		try (TracedApplication application = start(List.of(LoopbackNames.class),
				Keystores.properties(temp, "good.test"));
				LoopbackServer tls = LoopbackServer.startTls("127.0.0.9",
						application.bean(SslBundles.class).getBundle("server").createSslContext())) {
			String url = "https://good.test:" + tls.port() + "/";
			application.bean(RestClient.Builder.class)
				.apply(application.bean(RestClientSsl.class).fromBundle("trusting"))
				.build()
				.get()
				.uri(url)
				.retrieve()
				.toBodilessEntity();
			application.awaitTree(secured());
			application.bean(WebClient.Builder.class)
				.apply(application.bean(WebClientSsl.class).fromBundle("trusting"))
				.build()
				.get()
				.uri(url)
				.retrieve()
				.toBodilessEntity()
				.block();
			application.awaitTree(secured());
		}
	}

	private static TracedApplication start(List<Class<?>> configurations, String... properties) {
		return TracedApplication.start(configurations, properties);
	}

	private static String connected() {
		return ("  http get\n" + ExpectedSpans.answered("good.test")
				+ ExpectedSpans.connected(1, "127.0.0.9", "good.test"))
			.replaceAll("(?m)^  ", "");
	}

	private static String secured() {
		return connected() + ExpectedSpans.shakenHands("good.test", "Authority").substring(2);
	}

	interface BlockingService {

		@GetExchange("/")
		void get();

	}

	interface ReactiveService {

		@GetExchange("/")
		void get();

	}

	@Configuration(proxyBeanMethods = false)
	@ImportHttpServices(group = "blocking", types = BlockingService.class)
	@ImportHttpServices(group = "reactive", types = ReactiveService.class, clientType = ClientType.WEB_CLIENT)
	static class Groups {

	}

}
