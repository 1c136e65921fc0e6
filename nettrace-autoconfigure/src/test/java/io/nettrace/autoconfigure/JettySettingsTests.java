package io.nettrace.autoconfigure;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpClientTransport;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.InetAddressFilter;
import org.springframework.boot.http.client.JettyClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.JettyClientHttpConnectorBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.JettyClientHttpRequestFactory;
import org.springframework.http.client.reactive.JettyClientHttpConnector;
import org.springframework.util.ReflectionUtils;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What an application sets on the Jetty builder that it has injected, after nettrace saw
 * it.
 */
class JettySettingsTests {

	private final LoopbackServer server = LoopbackServer.start("127.0.0.9");

	private final QueuedThreadPool threads = new QueuedThreadPool(20);

	private final ArrayByteBufferPool buffers = new ArrayByteBufferPool();

	private final ScheduledExecutorScheduler scheduler = new ScheduledExecutorScheduler("own", true);

	private final HttpCookieStore cookies = new HttpCookieStore.Default();

	private final SocketAddressResolver resolver = (host, port, context, promise) -> promise
		.succeeded(List.of(new InetSocketAddress("127.0.0.9", port)));

	@AfterEach
	void stop() {
		this.server.close();
	}

	/**
	 * The builders of RestClient and of WebClient.
	 */
	enum Builders {

		IMPERATIVE {

			@Override
			HttpClient build(TracedApplication application, JettySettingsTests settings) {
				JettyClientHttpRequestFactoryBuilder builder = (JettyClientHttpRequestFactoryBuilder) application
					.bean(ClientHttpRequestFactoryBuilder.class);
				return client(JettyClientHttpRequestFactory.class,
						builder.withSocketAddressResolver(settings.resolver)
							.withHttpClientTransportFactory(settings::transport)
							.withHttpClientTransportCustomizer(settings::customize)
							.withClientConnectorCustomizerCustomizer(settings::customize)
							.withHttpClientCustomizer(settings::customize)
							.build());
			}

		},

		REACTIVE {

			@Override
			HttpClient build(TracedApplication application, JettySettingsTests settings) {
				JettyClientHttpConnectorBuilder builder = (JettyClientHttpConnectorBuilder) application
					.bean(ClientHttpConnectorBuilder.class);
				return client(JettyClientHttpConnector.class,
						builder.withSocketAddressResolver(settings.resolver)
							.withHttpClientTransportFactory(settings::transport)
							.withHttpClientTransportCustomizer(settings::customize)
							.withClientConnectorCustomizerCustomizer(settings::customize)
							.withHttpClientCustomizer(settings::customize)
							.build());
			}

		};

		abstract HttpClient build(TracedApplication application, JettySettingsTests settings);

	}

	private static HttpClient client(Class<?> owner, Object factory) {
		Field field = Objects.requireNonNull(ReflectionUtils.findField(owner, null, HttpClient.class));
		ReflectionUtils.makeAccessible(field);
		return (HttpClient) Objects.requireNonNull(ReflectionUtils.getField(field, factory));
	}

	private HttpClientTransport transport(ClientConnector connector) {
		return new OwnTransport(connector);
	}

	private static final class OwnTransport extends HttpClientTransportOverHTTP {

		OwnTransport(ClientConnector connector) {
			super(connector);
		}

	}

	private void customize(HttpClientTransport transport) {
		((HttpClientTransportOverHTTP) transport).setHeaderCacheSize(77);
	}

	private void customize(ClientConnector connector) {
		connector.setSelectors(2);
		connector.setReuseAddress(false);
		connector.setTCPNoDelay(false);
		connector.setReceiveBufferSize(70_000);
		connector.setBindAddress(new InetSocketAddress("127.0.0.1", 0));
	}

	private void customize(HttpClient client) {
		client.setName("own");
		client.setExecutor(this.threads);
		client.setByteBufferPool(this.buffers);
		client.setScheduler(this.scheduler);
		client.setHttpCookieStore(this.cookies);
		client.setUserAgentField(new HttpField(HttpHeader.USER_AGENT, "own"));
		client.setMaxConnectionsPerDestination(3);
		client.setMaxRequestsQueuedPerDestination(7);
		client.setRequestBufferSize(5000);
		client.setResponseBufferSize(6000);
		client.setMaxRedirects(2);
		client.setFollowRedirects(false);
		client.setStrictEventOrdering(true);
		client.setConnectTimeout(1234);
		client.setIdleTimeout(2345);
		client.setAddressResolutionTimeout(3456);
		client.setDestinationIdleTimeout(4567);
	}

	@ParameterizedTest
	@EnumSource
	void hold(Builders builders) throws Exception {
		Map<String, Object> without = settings(builders, "nettrace.enabled=false");
		Map<String, Object> with = settings(builders, "nettrace.enabled=true");
		assertThat(without).hasSizeGreaterThan(50)
			.containsEntry("HttpClient.getMaxConnectionsPerDestination", 3)
			.containsEntry("ClientConnector.getSelectors", 2)
			.containsEntry("HttpClient.getHttpClientTransport", OwnTransport.class);
		assertThat(with).isEqualTo(without);
	}

	@Test
	void addressFilterStaysInFrontOfAnAlternateResolver() {
		try (TracedApplication application = TracedApplication.start(Hooks.class,
				"spring.http.clients.imperative.factory=jetty")) {
			HttpClientSettings settings = HttpClientSettings.defaults()
				.withInetAddressFilter(InetAddressFilter.not("127.0.0.8"));
			RestClient client = RestClient.builder()
				.requestFactory(application.bean(ClientHttpRequestFactoryBuilder.class).build(settings))
				.build();
			assertThatThrownBy(() -> get(client, "127.0.0.8")).hasStackTraceContaining("FilteredHostException");
			get(client, "127.0.0.9");
		}
	}

	private void get(RestClient client, String alternateAnswer) {
		NetTraceContext context = NetTraceContext.current()
			.withResolver((network, host) -> List.of(InetAddress.getByName(alternateAnswer)));
		Calls.withContext(context,
				() -> client.get().uri(this.server.url("nowhere.test")).retrieve().toBodilessEntity());
	}

	private Map<String, Object> settings(Builders builders, String property) throws Exception {
		Map<String, Object> settings = new TreeMap<>();
		try (TracedApplication application = TracedApplication.start(Hooks.class, property,
				"spring.http.clients.imperative.factory=jetty", "spring.http.clients.reactive.connector=jetty")) {
			HttpClient client = builders.build(application, this);
			client.start();
			assertThat(client.GET(this.server.url("good.test")).getStatus()).isEqualTo(204);
			settings("HttpClient", client, settings);
			settings("ClientConnector", client.getClientConnector(), settings);
			assertThat(client.getExecutor()).isSameAs(this.threads);
			assertThat(client.getScheduler()).isSameAs(this.scheduler);
			assertThat(client.getByteBufferPool()).isSameAs(this.buffers);
			assertThat(client.getHttpCookieStore()).isSameAs(this.cookies);
			client.stop();
			assertThat(application.beans(Hooks.class).get(0).lookups).hasValue(property.endsWith("true") ? 1 : 0);
		}
		return settings;
	}

	/**
	 * What a bean answers: values, and the classes of what has no value.
	 */
	private static void settings(String name, Object bean, Map<String, Object> settings) {
		for (Method method : bean.getClass().getMethods()) {
			if (isGetter(method)) {
				Object value = ReflectionUtils.invokeMethod(method, bean);
				settings.put(name + "." + method.getName(), describe(value));
			}
		}
		settings.keySet()
			.removeAll(List.of("HttpClient.getSocketAddressResolver", "HttpClient.getBeans",
					"HttpClient.getEventListeners", "ClientConnector.getEventListeners",
					"HttpClient.getContainedBeans"));
	}

	private static boolean isGetter(Method method) {
		return method.getParameterCount() == 0 && !Modifier.isStatic(method.getModifiers())
				&& (method.getName().startsWith("get") || method.getName().startsWith("is"));
	}

	private static Object describe(@Nullable Object value) {
		if (value == null) {
			return "null";
		}
		boolean plain = value instanceof Number || value instanceof Boolean || value instanceof String
				|| value instanceof Enum || value instanceof Duration || value instanceof InetSocketAddress
				|| value instanceof HttpField;
		return plain ? value : value.getClass();
	}

	@Configuration(proxyBeanMethods = false)
	static class Hooks {

		private final AtomicInteger lookups = new AtomicInteger();

		@Bean
		NetTrace counting() {
			return new NetTrace() {

				@Override
				public void dnsStart(String host) {
					Hooks.this.lookups.incrementAndGet();
				}

			};
		}

	}

}
