package io.nettrace.equality;

import java.io.IOException;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;

import io.micrometer.context.ContextRegistry;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/**
 * Threads, what is bound to them, and the Reactor context.
 */
final class ThreadScenarios {

	private static final ThreadLocal<String> BOUND = new ThreadLocal<>();

	private ThreadScenarios() {
	}

	static List<Scenario> all() {
		return List.of(
				Scenario.of("interceptor of RestClient", ThreadScenarios::interceptor)
					.on((client) -> client.isOfSpring() && !client.isReactive()),
				Scenario.of("filter of WebClient", ThreadScenarios::filter).on(Client::isReactive),
				Scenario.of("callbacks of WebClient", ThreadScenarios::callbacks).on(Client::isReactive),
				Scenario.of("Reactor's context", ThreadScenarios::context).on(Client::isReactive),
				Scenario.of("Reactor's context at Reactor Netty's callbacks", ThreadScenarios::channelContext)
					.on((client) -> client == Client.WEB_CLIENT_ON_REACTOR_NETTY),
				Scenario.of("values of threads at the resolver", ThreadScenarios::boundAtResolver)
					.on((client) -> !client.isOnTheJvm()),
				Scenario.of("hooks of Reactor", ThreadScenarios::hooks).on(Client::isReactive).alone(),
				Scenario.of("automatic context propagation", ThreadScenarios::propagation).alone(),
				Scenario.of("threads of the process", ThreadScenarios::threads)
					.on((client) -> client == Client.REST_CLIENT_ON_HTTP_COMPONENTS)
					.alone());
	}

	private static void interceptor(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.late());
		Caller caller = Caller
			.of(stage.application().bean(RestClient.Builder.class).requestInterceptor((request, body, execution) -> {
				stage.noteThread("before");
				stage.note("request " + request.getMethod() + " " + request.getURI());
				try (var response = execution.execute(request, body)) {
					stage.noteThread("after " + response.getStatusCode());
				}
				request.getAttributes().keySet().forEach((name) -> stage.note("attribute " + name));
				Caller.awaitRelease();
				return execution.execute(request, body);
			}), stage.transcript());
		caller.send(Request.get(server.url("localhost") + "/"));
	}

	private static void filter(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.late());
		Caller caller = Caller.of(stage.application().bean(WebClient.Builder.class).filter((request, next) -> {
			stage.noteThread(
					"filter, " + request.method() + " " + request.url() + " " + request.headers().headerNames());
			new TreeSet<>(request.attributes().keySet()).forEach((name) -> stage.note("attribute " + name));
			return next.exchange(request).doOnNext((response) -> stage.noteThread("filtered " + response.statusCode()));
		}), stage.transcript());
		caller.send(Request.get(server.url("localhost") + "/1"));
		caller.send(Request.get(server.url("localhost") + "/2"));
	}

	private static void callbacks(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.late());
		Caller.Reactive caller = (Caller.Reactive) stage.caller();
		for (String path : List.of("/1", "/2")) {
			caller.mono(Request.get(server.url("localhost") + path))
				.doOnSubscribe((subscription) -> stage.noteThread("subscribed"))
				.doOnNext((response) -> stage.noteThread("next"))
				.doOnSuccess((response) -> stage.noteThread("success"))
				.doFinally((signal) -> stage.note("finally " + signal))
				.block();
			Caller.awaitRelease();
		}
		caller.mono(Request.get("http://127.0.0.1:" + stage.closedPort() + "/"))
			.doOnError((ex) -> stage.note("error"))
			.onErrorComplete()
			.block();
	}

	private static String keys(ContextView context) {
		return context.stream()
			.map((entry) -> entry.getKey() + "=" + entry.getValue().getClass().getName())
			.sorted()
			.collect(Collectors.joining(", "));
	}

	private static void context(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		WebClient client = stage.application().bean(WebClient.Builder.class).filter((request, next) -> {
			return Mono.deferContextual((context) -> {
				stage.note("at the filter: " + keys(context));
				return next.exchange(request);
			});
		}).build();
		client.get()
			.uri(server.url("localhost") + "/")
			.retrieve()
			.toBodilessEntity()
			.flatMap((response) -> Mono.deferContextual((context) -> {
				stage.note("behind: " + keys(context));
				return Mono.just(response);
			}))
			.contextWrite((context) -> context.put("own", "value"))
			.block();
	}

	private static void channelContext(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		stage
			.caller(Settings.reactorNetty((client) -> client.doOnRequest(
					(request, connection) -> stage.note("at the channel: " + keys(request.currentContextView())))))
			.send(Request.get(server.url("localhost") + "/"));
	}

	private static void boundAtResolver(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Names names = (host) -> {
			stage.note("bound " + BOUND.get() + " on " + Thread.currentThread().getName());
			return Names.of("127.0.0.1").lookup(host);
		};
		Caller caller = stage.caller(Settings.names(names));
		BOUND.set("to the caller");
		caller.send(Request.get(server.url("bound.test") + "/"));
		BOUND.remove();
	}

	private static void hooks(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.late());
		String key = "equality" + ThreadLocalRandom.current().nextInt();
		Hooks.onErrorDropped((ex) -> stage.note("dropped " + ex));
		Hooks.onNextDropped((next) -> stage.note("dropped a value"));
		Hooks.onOperatorError(key, (ex, data) -> {
			stage.note("operator failed with " + ex.getClass().getName());
			return ex;
		});
		try {
			Caller caller = stage.caller();
			caller.send(Request.get(server.url("localhost") + "/"));
			caller.send(Request.get("http://127.0.0.1:" + stage.closedPort() + "/"));
		}
		finally {
			Hooks.resetOnErrorDropped();
			Hooks.resetOnNextDropped();
			Hooks.resetOnOperatorError(key);
		}
	}

	private static void propagation(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.late());
		ContextRegistry.getInstance().registerThreadLocalAccessor("equality.bound", BOUND);
		Hooks.enableAutomaticContextPropagation();
		BOUND.set("propagated");
		try {
			if (stage.caller() instanceof Caller.Reactive caller) {
				caller.mono(Request.get(server.url("localhost") + "/"))
					.doOnNext((response) -> stage.noteThread("next with " + BOUND.get()))
					.block();
			}
			stage.caller().send(Request.get(server.url("localhost") + "/2"));
			stage.note("still " + BOUND.get());
		}
		finally {
			BOUND.remove();
			Hooks.disableAutomaticContextPropagation();
			ContextRegistry.getInstance().removeThreadLocalAccessor("equality.bound");
		}
	}

	/**
	 * The names of all threads after all other scenarios.
	 */
	private static void threads(Stage stage) {
		Thread.getAllStackTraces()
			.keySet()
			.stream()
			.map((thread) -> (thread.isDaemon() ? "daemon " : "")
					+ thread.getName().replaceAll("@[0-9a-f]+", "").replaceAll("\\d+", "N"))
			.filter((name) -> !name.contains("equality-"))
			.distinct()
			.sorted()
			.forEach(stage::note);
	}

}
