package io.nettrace.page;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.nettrace.observation.recent.RecentRequest;
import io.nettrace.observation.recent.RecentRequests;
import org.awaitility.Awaitility;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslBundleRegistrar;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslStoreBundle;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * An application that has the page, and sends requests.
 */
final class SampleApplication implements AutoCloseable {

	private static final Map<String, SampleApplication> running = new ConcurrentHashMap<>();

	/**
	 * Tomcat and Netty are both on the class path.
	 */
	private static final List<String> BOTH = List
		.of("org.springframework.boot.tomcat.autoconfigure.actuate.web.server.TomcatReactiveManagementContextAutoConfiguration");

	private static final List<String> WITHOUT_SECURITY = Stream
		.concat(BOTH.stream(), Stream
			.of("UserDetailsServiceAutoConfiguration", "ReactiveUserDetailsServiceAutoConfiguration",
					"actuate.web.reactive.ReactiveManagementWebSecurityAutoConfiguration",
					"actuate.web.servlet.ManagementWebSecurityAutoConfiguration",
					"web.reactive.ReactiveWebSecurityAutoConfiguration", "web.servlet.SecurityFilterAutoConfiguration",
					"web.servlet.ServletWebSecurityAutoConfiguration")
			.map("org.springframework.boot.security.autoconfigure."::concat))
		.toList();

	private final ConfigurableApplicationContext context;

	private final Consumer<String> client;

	private SampleApplication(ConfigurableApplicationContext context, Kind kind) {
		this.context = context;
		this.client = (kind.type == WebApplicationType.REACTIVE)
				? reactiveClient(context.getBean(WebClient.Builder.class).build())
				: client(context.getBean(RestClient.Builder.class).build());
	}

	private static Consumer<String> client(RestClient client) {
		return (url) -> client.get().uri(url).retrieve().body(byte[].class);
	}

	private static Consumer<String> reactiveClient(WebClient client) {
		return (url) -> client.get().uri(url).retrieve().bodyToMono(byte[].class).block();
	}

	/**
	 * Return a running application that is asked to have the page, started if none is
	 * like that.
	 */
	static SampleApplication get(Kind kind, String... properties) {
		return running.computeIfAbsent(kind + " " + List.of(properties), (key) -> start(kind,
				Stream.concat(Stream.of("nettrace.page.enabled=true"), Stream.of(properties)).toArray(String[]::new)));
	}

	/**
	 * Start an application that nothing else uses.
	 */
	static SampleApplication start(Kind kind, String... properties) {
		return new SampleApplication(new SpringApplicationBuilder(Application.class).web(kind.type)
			.properties("server.port=0", "server.address=127.0.0.1", "management.tracing.sampling.probability=1",
					"spring.http.clients.ssl.bundle=target", "spring.security.user.name=ada",
					"spring.security.user.password=secret",
					"spring.autoconfigure.exclude=" + String.join(",", kind.secured ? BOTH : WITHOUT_SECURITY))
			.properties(properties)
			.run(), kind);
	}

	/**
	 * Return the paths of the requests that the application's own observations were of.
	 */
	Set<String> observedPaths() {
		return this.context.getBean(ObservedPaths.class).paths;
	}

	boolean hasPage() {
		return this.context.containsBean("netTracePageRoute");
	}

	@Override
	public void close() {
		this.context.close();
	}

	/**
	 * Return the address of something in the application.
	 */
	String url(String path) {
		return "http://127.0.0.1:" + this.context.getEnvironment().getProperty("local.server.port") + path;
	}

	String managementUrl(String path) {
		return "http://127.0.0.1:" + this.context.getEnvironment().getProperty("local.management.port") + path;
	}

	/**
	 * Send a request, whatever becomes of it, and wait until it is on the page.
	 * @return what the page has of it
	 */
	RecentRequest send(String url) {
		RecentRequests requests = this.context.getBean(RecentRequests.class);
		long last = last(requests);
		try {
			this.client.accept(url);
		}
		catch (RuntimeException ex) {
			// shown on the page
		}
		Awaitility.await().until(() -> last(requests) > last);
		return requests.requests().get(0);
	}

	private static long last(RecentRequests requests) {
		return requests.requests().stream().mapToLong((request) -> Long.parseLong(request.id())).findFirst().orElse(0);
	}

	/**
	 * Applications differ in their web stack, and in whether Spring Security protects
	 * them, as it does by default.
	 */
	enum Kind {

		SERVLET(WebApplicationType.SERVLET, false), SERVLET_SECURED(WebApplicationType.SERVLET, true),
		REACTIVE(WebApplicationType.REACTIVE, false), REACTIVE_SECURED(WebApplicationType.REACTIVE, true);

		private final WebApplicationType type;

		private final boolean secured;

		Kind(WebApplicationType type, boolean secured) {
			this.type = type;
			this.secured = secured;
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		ObservedPaths observedPaths() {
			return new ObservedPaths();
		}

		@Bean
		SslBundleRegistrar target() {
			return (registry) -> registry.registerBundle("target",
					SslBundle.of(SslStoreBundle.of(null, null, Target.AUTHORITY.trusted())));
		}

	}

	/**
	 * Remembers the paths of requests to the application.
	 */
	static final class ObservedPaths implements ObservationHandler<Observation.Context> {

		private final Set<String> paths = ConcurrentHashMap.newKeySet();

		@Override
		public void onStart(Observation.Context context) {
			if (context instanceof org.springframework.http.server.observation.ServerRequestObservationContext request
					&& request.getCarrier() != null) {
				this.paths.add(request.getCarrier().getRequestURI());
			}
			if (context instanceof org.springframework.http.server.reactive.observation.ServerRequestObservationContext request
					&& request.getCarrier() != null) {
				this.paths.add(request.getCarrier().getPath().value());
			}
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

	}

}
