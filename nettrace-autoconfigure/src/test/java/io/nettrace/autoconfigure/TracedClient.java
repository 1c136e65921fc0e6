package io.nettrace.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.nettrace.test.DnsClient;
import org.apache.hc.core5.http.HttpHost;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.BaseSubscriber;

/**
 * What RestClient or WebClient run on, and what their libraries cannot give.
 */
enum TracedClient {

	/**
	 * WebClient on HttpComponents.
	 */
	WEB_CLIENT_ON_HTTP_COMPONENTS("httpcomponents-async", "http-components"),

	/**
	 * RestClient on Jetty.
	 */
	REST_CLIENT_ON_JETTY("jetty", "jetty"),

	/**
	 * WebClient on Jetty.
	 */
	WEB_CLIENT_ON_JETTY("jetty", "jetty");

	private final String client;

	private final String library;

	TracedClient(String client, String library) {
		this.client = client;
		this.library = library;
	}

	/**
	 * The value of {@code nettrace.client}.
	 */
	String client() {
		return this.client;
	}

	/**
	 * Whether a request that is cancelled ends its lookup. On HttpComponents the lookup
	 * blocks the thread that could cancel; Jetty opens connections for its pool.
	 */
	boolean cancelsLookups() {
		return false;
	}

	/**
	 * Whether a request that is cancelled ends its connect. Spring does not cancel the
	 * future of HttpComponents (Framework 7.0); Jetty opens connections for its pool.
	 */
	boolean cancelsConnects() {
		return false;
	}

	/**
	 * Whether the host of a URL may be an IPv6 address. Spring hands it to HttpComponents
	 * in brackets (Framework 7.0), which httpcore 5.5-beta2 does not take any more.
	 */
	boolean takesIpv6Addresses() {
		return this != WEB_CLIENT_ON_HTTP_COMPONENTS || !new HttpHost("http", "[::1]", 80).toURI().contains("[[");
	}

	boolean isReactive() {
		return name().startsWith("WEB_CLIENT");
	}

	TracedApplication start(List<Class<?>> configurations, String... properties) {
		List<String> all = new ArrayList<>(List.of(properties));
		all.add("spring.http.clients.imperative.factory=" + this.library);
		all.add("spring.http.clients.reactive.connector=" + this.library);
		all.add("spring.reactor.context-propagation=auto");
		return TracedApplication.start(configurations, all.toArray(String[]::new));
	}

	/**
	 * Make a client with a connection pool of its own.
	 */
	Caller caller(TracedApplication application) {
		return isReactive() ? new WebClientCaller(application.bean(WebClient.Builder.class).build())
				: new RestClientCaller(application.bean(RestClient.Builder.class).build());
	}

	/**
	 * Sends requests.
	 */
	interface Caller {

		void get(String url);

		/**
		 * Send a request on a thread of its own.
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
		 * Whether the sending thread has done all it can: it waits, asks the DNS server,
		 * or is through.
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
