package io.nettrace.jvm;

import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieManager;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import javax.net.ssl.SSLParameters;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JdkClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContextException;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The JDK's clients: their lookups are shown, their connects cannot be.
 */
class JvmResolverTests {

	private final HttpServer server = server();

	private final String good = ScriptedResolverProvider.newName("good.test");

	private final String other = ScriptedResolverProvider.newName("good.test");

	private final String unknown = ScriptedResolverProvider.newName("unknown.test");

	private final List<JvmApplication> applications = new ArrayList<>();

	private static HttpServer server() {
		try {
			return HttpServer.create(new InetSocketAddress("127.0.0.9", 0), 0);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@BeforeEach
	void startServer() {
		this.server.setExecutor(Executors.newCachedThreadPool((task) -> {
			Thread thread = new Thread(task);
			thread.setDaemon(true);
			return thread;
		}));
		this.server.createContext("/", (exchange) -> {
			String query = exchange.getRequestURI().getQuery();
			if (query != null) {
				exchange.getResponseHeaders().set("Location", query);
			}
			exchange.sendResponseHeaders((query != null) ? 302 : 204, -1);
			exchange.close();
		});
		this.server.start();
	}

	@AfterEach
	void stop() {
		this.applications.forEach(JvmApplication::close);
		this.server.stop(0);
	}

	/**
	 * What RestClient or WebClient run on.
	 */
	enum Client {

		REST_CLIENT_ON_JDK, REST_CLIENT_ON_SIMPLE, WEB_CLIENT_ON_JDK;

		String property() {
			return switch (this) {
				case REST_CLIENT_ON_JDK -> "spring.http.clients.imperative.factory=jdk";
				case REST_CLIENT_ON_SIMPLE -> "spring.http.clients.imperative.factory=simple";
				case WEB_CLIENT_ON_JDK -> "spring.http.clients.reactive.connector=jdk";
			};
		}

		void get(JvmApplication application, String url) {
			if (this == WEB_CLIENT_ON_JDK) {
				application.bean(WebClient.Builder.class).build().get().uri(url).retrieve().toBodilessEntity().block();
			}
			else {
				application.bean(RestClient.Builder.class).build().get().uri(url).retrieve().toBodilessEntity();
			}
		}

	}

	private JvmApplication start(Client client, Class<?>... configurations) {
		return start(client, List.of(configurations));
	}

	private JvmApplication start(Client client, List<Class<?>> configurations, String... properties) {
		List<String> all = new ArrayList<>(List.of(properties));
		all.add(client.property());
		JvmApplication application = JvmApplication.start(configurations, all.toArray(String[]::new));
		this.applications.add(application);
		application.spans(0);
		return application;
	}

	private String url(String host) {
		return "http://" + host + ":" + this.server.getAddress().getPort() + "/";
	}

	@ParameterizedTest
	@EnumSource
	void showsALookupAndNoConnect(Client client) {
		JvmApplication application = start(client);
		client.get(application, url(this.good));
		assertThat(application.spans(2)).containsExactly("http get below nothing",
				"DNS lookup below http get jdk " + this.good + " 127.0.0.9");
	}

	@ParameterizedTest
	@EnumSource
	void showsAnUnknownHost(Client client) {
		JvmApplication application = start(client);
		assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> client.get(application, url(this.unknown)));
		assertThat(application.spans(2)).containsExactly("http get ! below nothing",
				"DNS lookup ! below http get jdk " + this.unknown + " host_not_found");
	}

	@ParameterizedTest
	@EnumSource
	void showsNothingForAnAddress(Client client) {
		JvmApplication application = start(client);
		client.get(application, url("127.0.0.9"));
		assertThat(application.spans(1)).containsExactly("http get below nothing");
	}

	/**
	 * Most often it follows on its selector's thread. Where the response is there at once
	 * it follows on the request's own.
	 */
	@ParameterizedTest
	@EnumSource(names = "REST_CLIENT_ON_SIMPLE", mode = EnumSource.Mode.EXCLUDE)
	void showsARedirectThatHttpClientFollowsOnTheRequestsThreadOnly(Client client) {
		JvmApplication application = start(client);
		client.get(application, url(this.good) + "?" + url(this.other));
		List<String> first = List.of("http get below nothing",
				"DNS lookup below http get jdk " + this.good + " 127.0.0.9");
		List<String> both = new ArrayList<>(first);
		both.add("DNS lookup below http get jdk " + this.other + " 127.0.0.9");
		assertThat(application.spans(2)).isIn(first, both);
	}

	@Test
	void showsARedirectThatHttpUrlConnectionFollows() {
		JvmApplication application = start(Client.REST_CLIENT_ON_SIMPLE);
		Client.REST_CLIENT_ON_SIMPLE.get(application, url(this.good) + "?" + url(this.other));
		assertThat(application.spans(2)).containsExactly("http get below nothing",
				"DNS lookup below http get jdk " + this.good + " 127.0.0.9",
				"DNS lookup below http get jdk " + this.other + " 127.0.0.9");
	}

	/**
	 * Below what is current, because it has no observation of its own.
	 */
	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void showsALookupOfTheAwsSdksClient(CapturedOutput output) throws IOException {
		JvmApplication application = start(Client.REST_CLIENT_ON_SIMPLE, AwsClient.class);
		HttpExecuteRequest request = HttpExecuteRequest.builder()
			.request(SdkHttpRequest.builder().method(SdkHttpMethod.GET).uri(URI.create(url(this.good))).build())
			.build();
		HttpExecuteResponse response = Observation
			.createNotStarted("business", application.bean(ObservationRegistry.class))
			.observeChecked(() -> application.bean(SdkHttpClient.class).prepareRequest(request).call());
		assertThat(response.httpResponse().statusCode()).isEqualTo(204);
		assertThat(application.spans(2)).containsExactly("business below nothing",
				"DNS lookup below business jdk " + this.good + " 127.0.0.9");
		assertThat(output).contains("the UrlConnectionHttpClient 'aws': dns without cache hits");
	}

	@Test
	void showsNothingWithoutAParent() throws UnknownHostException {
		AtomicInteger lookups = new AtomicInteger();
		JvmApplication application = start(Client.REST_CLIENT_ON_JDK, CountingTrace.class);
		application.bean(CountingTrace.class).lookups = lookups;
		InetAddress.getByName(this.good);
		assertThat(application.spans(0)).isEmpty();
		assertThat(lookups).hasValue(0);
		Client.REST_CLIENT_ON_JDK.get(application, url(this.other));
		assertThat(lookups).hasValue(1);
	}

	@Test
	void callsATraceThatIsBoundAroundTheCall() throws UnknownHostException {
		start(Client.REST_CLIENT_ON_JDK);
		List<String> events = Collections.synchronizedList(new ArrayList<>());
		NetTraceContext.Scope scope = NetTraceContext.current().withTrace(new NetTrace() {

			@Override
			public void dnsStart(String host) {
				events.add("dnsStart " + host);
			}

			@Override
			public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
				events.add("dnsDone " + addresses + " " + coalesced + " " + error);
			}

			@Override
			public void connectStart(String network, SocketAddress address) {
				events.add("connectStart");
			}

		}).open();
		try {
			InetAddress.getAllByName(this.good);
		}
		finally {
			scope.close();
		}
		assertThat(events).containsExactly("dnsStart " + this.good, "dnsDone [" + this.good + "/127.0.0.9] false null");
	}

	@Test
	void isSilentUnderALookupThatIsTracedAlready() {
		JvmApplication application = start(Client.WEB_CLIENT_ON_JDK, List.of(),
				"spring.http.clients.imperative.factory=http-components");
		RestClient client = application.bean(RestClient.Builder.class).build();
		client.get().uri(url(this.good)).retrieve().toBodilessEntity();
		assertThat(application.spans(2)).filteredOn((span) -> span.startsWith("DNS lookup"))
			.containsExactly("DNS lookup below http get httpcomponents " + this.good + " 127.0.0.9");
	}

	@ParameterizedTest
	@EnumSource
	@EnabledForJreRange(min = JRE.JAVA_21)
	void showsTheSameOnVirtualThreads(Client client) {
		JvmApplication application = start(client, List.of(), "spring.threads.virtual.enabled=true");
		client.get(application, url(this.good));
		assertThat(application.spans(2)).containsExactly("http get below nothing",
				"DNS lookup below http get jdk " + this.good + " 127.0.0.9");
	}

	@Test
	void leavesAnExecutorOfTheApplicationInPlace() {
		JvmApplication application = start(Client.REST_CLIENT_ON_JDK, OwnExecutor.class);
		Client.REST_CLIENT_ON_JDK.get(application, url(this.good));
		assertThat(application.bean(OwnExecutor.class).tasks).hasPositiveValue();
		assertThat(application.spans(1)).containsExactly("http get below nothing");
	}

	@Test
	void lookupsGoBackToTheFirstApplicationWhenTheSecondEnds() {
		JvmApplication first = start(Client.REST_CLIENT_ON_SIMPLE);
		start(Client.REST_CLIENT_ON_SIMPLE).close();
		showsALookup(first);
	}

	@Test
	void lookupsStayWithTheSecondApplicationWhenTheFirstEnds() {
		JvmApplication first = start(Client.REST_CLIENT_ON_SIMPLE);
		JvmApplication second = start(Client.REST_CLIENT_ON_SIMPLE);
		first.close();
		showsALookup(second);
	}

	/**
	 * Once it is ready as far as its beans go.
	 */
	@Test
	void lookupsGoBackToTheFirstApplicationWhenTheSecondFailsToStart() {
		JvmApplication first = start(Client.REST_CLIENT_ON_SIMPLE);
		assertThatExceptionOfType(ApplicationContextException.class)
			.isThrownBy(() -> start(Client.REST_CLIENT_ON_SIMPLE, FailingStart.class));
		showsALookup(first);
	}

	private void showsALookup(JvmApplication application) {
		Client.REST_CLIENT_ON_SIMPLE.get(application, url(this.good));
		assertThat(application.spans(2)).containsExactly("http get below nothing",
				"DNS lookup below http get jdk " + this.good + " 127.0.0.9");
	}

	/**
	 * What the application sets on the builder that it has injected, after nettrace saw
	 * it.
	 */
	@Test
	void keepsWhatIsSetOnTheInjectedBuilder() {
		Executor executor = (task) -> new Thread(task).start();
		CookieManager cookies = new CookieManager();
		ProxySelector proxies = ProxySelector.of(null);
		Authenticator authenticator = new Authenticator() {

		};
		JdkClientHttpRequestFactoryBuilder builder = (JdkClientHttpRequestFactoryBuilder) start(
				Client.REST_CLIENT_ON_JDK)
			.bean(ClientHttpRequestFactoryBuilder.class);
		AtomicReference<HttpClient.Builder> late = new AtomicReference<>();
		builder.withProxySelector(proxies)
			.withExecutor(executor)
			.withHttpClientCustomizer((client) -> late.set(client.cookieHandler(cookies)
				.authenticator(authenticator)
				.version(HttpClient.Version.HTTP_1_1)
				.sslParameters(new SSLParameters(new String[] { "TLS_AES_128_GCM_SHA256" }))))
			.build();
		HttpClient client = Objects.requireNonNull(late.get()).build();
		assertThat(client.executor()).containsSame(executor);
		assertThat(client.cookieHandler()).containsSame(cookies);
		assertThat(client.proxy()).containsSame(proxies);
		assertThat(client.authenticator()).containsSame(authenticator);
		assertThat(client.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
		assertThat(client.sslParameters().getCipherSuites()).containsExactly("TLS_AES_128_GCM_SHA256");
	}

	@Test
	void showsNothingWhenSwitchedOff() {
		JvmApplication application = start(Client.REST_CLIENT_ON_SIMPLE, List.of(),
				"nettrace.jvm-resolver.enabled=false");
		Client.REST_CLIENT_ON_SIMPLE.get(application, url(this.good));
		assertThat(application.spans(1)).containsExactly("http get below nothing");
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void saysAtStartWhatIsShown(CapturedOutput output) {
		start(Client.REST_CLIENT_ON_SIMPLE);
		assertThat(output).contains("RestClient on HttpURLConnection: dns without cache hits");
	}

	@Configuration(proxyBeanMethods = false)
	static class AwsClient {

		@Bean
		SdkHttpClient aws() {
			return UrlConnectionHttpClient.create();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CountingTrace {

		AtomicInteger lookups = new AtomicInteger();

		@Bean
		NetTrace countingTrace() {
			return new NetTrace() {

				@Override
				public void dnsStart(String host) {
					CountingTrace.this.lookups.incrementAndGet();
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FailingStart {

		@Bean
		SmartLifecycle failingStart() {
			return new SmartLifecycle() {

				@Override
				public void start() {
					throw new IllegalStateException("not today");
				}

				@Override
				public void stop() {
				}

				@Override
				public boolean isRunning() {
					return false;
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnExecutor {

		final AtomicInteger tasks = new AtomicInteger();

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<JdkClientHttpRequestFactoryBuilder> ownExecutor() {
			return (builder) -> builder.withExecutor((task) -> {
				this.tasks.incrementAndGet();
				new Thread(task).start();
			});
		}

	}

}
