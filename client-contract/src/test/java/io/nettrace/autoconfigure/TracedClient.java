package io.nettrace.autoconfigure;

import java.io.Closeable;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import io.micrometer.observation.ObservationRegistry;
import io.nettrace.test.DnsClient;
import okhttp3.OkHttpClient;
import org.apache.hc.core5.http.HttpHost;
import org.eclipse.jetty.client.HttpClient;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.InetAddressFilter;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.JettyClientHttpConnector;
import org.springframework.test.util.ReflectionTestUtils;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.BaseSubscriber;

/**
 * The libraries below RestClient and WebClient, and what they cannot show.
 */
enum TracedClient {

	REST_CLIENT_ON_HTTP_COMPONENTS("HttpComponents", "httpcomponents", "http-components", Limit.STREAMS,
			Limit.CANCELLED_LOOKUPS, Limit.CANCELLED_CONNECTS, Limit.CANCELLED_HANDSHAKES, Limit.UNSEEN_CLOSE,
			Limit.SOCKS_STEP),

	WEB_CLIENT_ON_HTTP_COMPONENTS("HttpComponents async", "httpcomponents-async", "http-components", Limit.STREAMS,
			Limit.CANCELLED_LOOKUPS, Limit.CANCELLED_CONNECTS, Limit.CANCELLED_HANDSHAKES, Limit.SOCKS_STEP,
			Limit.RESENDS, Limit.CANCELLED_WAITS, Limit.WAIT_TIMEOUTS, Limit.CLOSE_REASONS),

	REST_CLIENT_ON_REACTOR_NETTY("Reactor Netty", "reactor-netty", "reactor", Limit.FILTERED_ANSWERS,
			Limit.PROXY_LOOKUPS, Limit.EARLY_HINTS, Limit.CONTINUE, Limit.RESENDS, Limit.UNUSED_CONNECTIONS),

	WEB_CLIENT_ON_REACTOR_NETTY("Reactor Netty", "reactor-netty", "reactor", Limit.FILTERED_ANSWERS,
			Limit.PROXY_LOOKUPS, Limit.EARLY_HINTS, Limit.CONTINUE, Limit.RESENDS, Limit.UNUSED_CONNECTIONS),

	REST_CLIENT_ON_JETTY("Jetty", "jetty", "jetty", Limit.CANCELLED_LOOKUPS, Limit.CANCELLED_CONNECTS,
			Limit.CANCELLED_HANDSHAKES, Limit.CANCELLED_WAITS, Limit.RESENDS, Limit.RESETS, Limit.UNREAD_BODIES,
			Limit.WAIT_TIMEOUTS),

	WEB_CLIENT_ON_JETTY("Jetty", "jetty", "jetty", Limit.CANCELLED_LOOKUPS, Limit.CANCELLED_CONNECTS, Limit.RESENDS,
			Limit.RESETS, Limit.WAIT_TIMEOUTS),

	OK_HTTP("OkHttp", "okhttp", "okhttp", Limit.CANCELLED_LOOKUPS, Limit.UNTOUCHED_RESOLVER, Limit.ADDRESS_FILTER,
			Limit.WAIT_TIMEOUTS, Limit.UNSEEN_CLOSE, Limit.CLOSE_REASONS, Limit.TUNNELS, Limit.SOCKS_STEP,
			Limit.UNTOLD_HINTS, Limit.RACES),

	REST_CLIENT_ON_JDK("JDK HttpClient", "jdk", "jdk", Limit.PHASES, Limit.CONNECTS, Limit.NEXT_ADDRESS,
			Limit.LOOKUP_TIMEOUT, Limit.POOL_BOUND, Limit.REDIRECTED_LOOKUPS, Limit.CANCELLED_LOOKUPS,
			Limit.CANCELLED_CONNECTS, Limit.SHARED_LOOKUPS, Limit.FILTERED_LOOKUPS, Limit.ALTERNATE_RESOLVER,
			Limit.RACES),

	WEB_CLIENT_ON_JDK("JDK HttpClient", "jdk", "jdk", Limit.PHASES, Limit.CONNECTS, Limit.NEXT_ADDRESS,
			Limit.LOOKUP_TIMEOUT, Limit.POOL_BOUND, Limit.REDIRECTED_LOOKUPS, Limit.CANCELLED_LOOKUPS,
			Limit.CANCELLED_CONNECTS, Limit.SHARED_LOOKUPS, Limit.FILTERED_LOOKUPS, Limit.ALTERNATE_RESOLVER,
			Limit.RACES),

	REST_CLIENT_ON_HTTP_URL_CONNECTION("HttpURLConnection", "jdk", "simple", Limit.PHASES, Limit.CONNECTS,
			Limit.NEXT_ADDRESS, Limit.LOOKUP_TIMEOUT, Limit.POOL_BOUND, Limit.CANCELLED_LOOKUPS,
			Limit.CANCELLED_CONNECTS, Limit.SHARED_LOOKUPS, Limit.ADDRESS_FILTER, Limit.ALTERNATE_RESOLVER,
			Limit.RACES);

	private final String libraryName;

	private final String client;

	private final String library;

	@SuppressWarnings("ImmutableEnumChecker") // Set.of
	private final Set<Limit> limits;

	TracedClient(String libraryName, String client, String library, Limit... limits) {
		this.libraryName = libraryName;
		this.client = client;
		this.library = library;
		this.limits = Set.of(limits);
	}

	String caller() {
		return isOkHttp() ? "OkHttpClient" : isReactive() ? "WebClient" : "RestClient";
	}

	String libraryName() {
		return this.libraryName;
	}

	/**
	 * The value of {@code nettrace.client}.
	 */
	String client() {
		return this.client;
	}

	boolean has(Limit limit) {
		return (limit == Limit.IPV6_LITERALS) ? isWithoutIpv6Literals() : this.limits.contains(limit);
	}

	/**
	 * HttpClient 5.7-alpha1 rather than 5.6.
	 */
	private boolean isWithoutIpv6Literals() {
		return this.library.equals("http-components") && new HttpHost("http", "[::1]", 80).toURI().contains("[[");
	}

	/**
	 * Whether the JVM looks up names, which cannot be seen before Java 18.
	 */
	boolean isJdk() {
		return this.client.equals("jdk");
	}

	/**
	 * Whether a proxy is asked for a tunnel also for plain HTTP.
	 */
	boolean alwaysTunnels() {
		return this.library.equals("reactor");
	}

	/**
	 * Whether the client is a bean of the application, and its calls are made by the
	 * application itself.
	 */
	boolean isOkHttp() {
		return this == OK_HTTP;
	}

	private boolean isReactive() {
		return name().startsWith("WEB_CLIENT");
	}

	TracedApplication start(List<Class<?>> configurations, String... properties) {
		List<String> all = new ArrayList<>();
		List<Class<?>> sources = new ArrayList<>(configurations);
		if (isOkHttp()) {
			sources.add(OkHttpSettings.class);
		}
		all.add(isOkHttp() ? "spring.http.clients.imperative.factory=jdk"
				: isReactive() ? "spring.http.clients.reactive.connector=" + this.library
						: "spring.http.clients.imperative.factory=" + this.library);
		// without one, the pool may wait for ever for a channel whose event loop is gone
		all.add("spring.reactor.netty.shutdown-quiet-period=50ms");
		// The resolvers are the tests' own
		if (List.of(properties).stream().noneMatch((property) -> property.startsWith("nettrace.dns.single-flight="))) {
			all.add("nettrace.dns.single-flight=always");
		}
		all.addAll(List.of(properties));
		return TracedApplication.start(sources, all.toArray(String[]::new));
	}

	/**
	 * Make a client with a connection pool of its own.
	 */
	Caller caller(TracedApplication application) {
		if (isOkHttp()) {
			return new OkHttpCaller(application.bean(OkHttpClient.class), application.bean(ObservationRegistry.class));
		}
		return isReactive() ? new WebClientCaller(application.bean(WebClient.Builder.class).build())
				: new RestClientCaller(application.bean(RestClient.Builder.class).build());
	}

	/**
	 * Send a request with a client that is closed afterwards, if that is possible.
	 * @return a weak reference to the client
	 */
	WeakReference<?> throwAway(TracedApplication application, String url) {
		if (isOkHttp()) {
			OkHttpClient client = application.bean(OkHttpClient.class);
			new OkHttpCaller(client, ObservationRegistry.NOOP).get(url);
			client.connectionPool().evictAll();
			return new WeakReference<>(client);
		}
		if (isReactive()) {
			ClientHttpConnector connector = application.bean(ClientHttpConnectorBuilder.class).build();
			new WebClientCaller(application.bean(WebClient.Builder.class).clientConnector(connector).build()).get(url);
			return close(connector);
		}
		ClientHttpRequestFactory factory = application.bean(ClientHttpRequestFactoryBuilder.class).build();
		new RestClientCaller(application.bean(RestClient.Builder.class).requestFactory(factory).build()).get(url);
		return close(factory);
	}

	private static WeakReference<?> close(Object client) {
		try {
			if (client instanceof JettyClientHttpConnector) { // the method without an end
				Objects.requireNonNull((HttpClient) ReflectionTestUtils.getField(client, "httpClient")).stop();
			}
			else if (client instanceof DisposableBean disposable) {
				disposable.destroy();
			}
			else if (client instanceof Closeable closeable) {
				closeable.close();
			}
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
		return new WeakReference<>(client);
	}

	/**
	 * Make a client of the same application. It alone has an address filter.
	 */
	Caller filtered(TracedApplication application, InetAddressFilter filter) {
		HttpClientSettings settings = HttpClientSettings.defaults().withInetAddressFilter(filter);
		if (isReactive()) {
			ClientHttpConnector connector = application.bean(ClientHttpConnectorBuilder.class).build(settings);
			return new WebClientCaller(application.bean(WebClient.Builder.class).clientConnector(connector).build());
		}
		ClientHttpRequestFactory factory = application.bean(ClientHttpRequestFactoryBuilder.class).build(settings);
		return new RestClientCaller(application.bean(RestClient.Builder.class).requestFactory(factory).build());
	}

	/**
	 * Sends requests.
	 */
	interface Caller {

		void get(String url);

		/**
		 * Send a request and read the whole response.
		 */
		String exchange(HttpMethod method, String url, Map<String, String> headers, @Nullable String body);

		/**
		 * Send a request on its own thread.
		 */
		Call start(String url);

	}

	/**
	 * A request under way.
	 *
	 * @param thread the thread that sends
	 * @param result completes with the response
	 * @param cancel gives the request up
	 */
	record Call(Thread thread, CompletableFuture<Void> result, Runnable cancel) {

		/**
		 * Whether the sending thread can do nothing more for now: it waits, asks the DNS
		 * server, or has finished.
		 */
		boolean isSettled() {
			return switch (this.thread.getState()) {
				case WAITING, TIMED_WAITING, TERMINATED -> true;
				default -> List.of(this.thread.getStackTrace())
					.stream()
					.anyMatch((frame) -> frame.getClassName().equals(DnsClient.class.getName()));
			};
		}

	}

	private record RestClientCaller(RestClient client) implements Caller {

		@Override
		public void get(String url) {
			this.client.get().uri(url).retrieve().toBodilessEntity();
		}

		@Override
		public String exchange(HttpMethod method, String url, Map<String, String> headers, @Nullable String body) {
			RestClient.RequestBodySpec request = this.client.method(method)
				.uri(url)
				.headers((all) -> headers.forEach(all::set));
			return String.valueOf(((body != null) ? request.body(body) : request).retrieve().body(String.class));
		}

		@Override
		public Call start(String url) {
			CompletableFuture<Void> result = new CompletableFuture<>();
			Thread thread = new Thread(() -> {
				try {
					get(url);
					result.complete(null);
				}
				catch (Throwable ex) {
					result.completeExceptionally(ex);
				}
			}, "caller");
			thread.start();
			return new Call(thread, result, thread::interrupt);
		}

	}

	private record WebClientCaller(WebClient client) implements Caller {

		@Override
		public void get(String url) {
			this.client.get().uri(url).retrieve().toBodilessEntity().block();
		}

		@Override
		public String exchange(HttpMethod method, String url, Map<String, String> headers, @Nullable String body) {
			WebClient.RequestBodySpec request = this.client.method(method)
				.uri(url)
				.headers((all) -> headers.forEach(all::set));
			return String.valueOf(
					((body != null) ? request.bodyValue(body) : request).retrieve().bodyToMono(String.class).block());
		}

		@Override
		public Call start(String url) {
			CompletableFuture<Void> result = new CompletableFuture<>();
			BaseSubscriber<Object> subscriber = new BaseSubscriber<>() {

				@Override
				protected void hookOnComplete() {
					result.complete(null);
				}

				@Override
				protected void hookOnError(Throwable failure) {
					result.completeExceptionally(failure);
				}

				@Override
				protected void hookOnCancel() {
					result.cancel(false);
				}

			};
			Thread thread = new Thread(
					() -> this.client.get().uri(url).retrieve().toBodilessEntity().subscribe(subscriber), "caller");
			thread.start();
			return new Call(thread, result, subscriber::cancel);
		}

	}

}
