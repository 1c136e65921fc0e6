package io.nettrace.equality;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.InetAddressFilter;
import org.springframework.context.support.GenericApplicationContext;

/**
 * Names and addresses, with the application's resolver and with the JVM's.
 */
final class NameScenarios {

	private static final ThreadLocal<String> TENANT = new ThreadLocal<>();

	private NameScenarios() {
	}

	static List<Scenario> all() {
		List<Scenario> scenarios = new ArrayList<>(
				List.of(Scenario.of("resolver set on the injected builder", NameScenarios::ownResolver),
						Scenario.of("resolver set by a customizer", NameScenarios::customized).slow(),
						Scenario.of("resolver that answers in turn", NameScenarios::rotating),
						Scenario.of("resolver asked by ten at once", NameScenarios::tenAtOnce).slow(),
						Scenario.of("resolver that answers by thread", NameScenarios::tenants),
						failing("resolver without an answer", () -> {
							throw new UnknownHostException("nothing known of it");
						}), failing("resolver without an answer or a word", () -> {
							throw new UnknownHostException();
						}), failing("resolver that throws an IOException", () -> {
							throw new IOException("name service is down");
						}), failing("resolver that throws an IOException with a cause", () -> {
							throw new IOException("name service is down", new IllegalStateException("why"));
						}), failing("resolver that throws a RuntimeException", () -> {
							throw new IllegalStateException("bug");
						}), failing("resolver that throws an Error", () -> {
							throw new AssertionError("bug");
						}), neverOnReactorNetty(failing("resolver that returns null", () -> null)),
						neverOnReactorNetty(failing("resolver that returns an empty list", List::of)),
						failing("resolver that returns a list with null alone",
								() -> new ArrayList<>(Collections.singletonList(null))),
						Scenario.of("resolver that returns null before an address",
								(stage) -> addresses(stage, null, "127.0.0.1")),
						Scenario.of("resolver that returns null behind an address",
								(stage) -> addresses(stage, "127.0.0.1", null)),
						Scenario.of("first of two addresses refuses",
								(stage) -> addresses(stage, "127.0.0.3", "127.0.0.1")),
						Scenario.of("both addresses refuse", (stage) -> addresses(stage, "127.0.0.3", "127.0.0.4")),
						Scenario.of("IPv6 refuses", (stage) -> addresses(stage, "::1", "127.0.0.1")),
						Scenario.of("50 addresses refuse", NameScenarios::many),
						Scenario.of("first of two addresses does not answer", NameScenarios::firstTimesOut).slow(),
						Scenario.of("no address answers", NameScenarios::allTimeOut).slow()));
		scenarios
			.replaceAll((scenario) -> scenario.on((client) -> !client.isOnTheJvm() && scenario.clients().test(client)));
		scenarios.addAll(List.of(Scenario.of("name of the JVM's", NameScenarios::jvmName),
				Scenario.of("name of the JVM's, first address refuses", NameScenarios::jvmRefusedFirst),
				Scenario.of("name that the JVM does not know", NameScenarios::jvmUnknown),
				Scenario.of("spellings of a name", NameScenarios::spellings),
				Scenario.of("literal IPv6 address", NameScenarios::literal6),
				Scenario.of("address filter that refuses", (stage) -> filtered(stage, InetAddressFilter.none()))
					.on(NameScenarios::hasFilter),
				Scenario.of("address filter that allows", (stage) -> filtered(stage, InetAddressFilter.all()))
					.on(NameScenarios::hasFilter),
				Scenario.of("address filter as a bean", NameScenarios::filterBean)
					.slow()
					.on(NameScenarios::hasFilter)));
		return scenarios;
	}

	/**
	 * Whether the client can have a filter of Boot's.
	 */
	private static boolean hasFilter(Client client) {
		return client.isOfSpring() && client != Client.REST_CLIENT_ON_HTTP_URL_CONNECTION;
	}

	/**
	 * Reactor Netty waits for ever then, so there is nothing to compare.
	 */
	private static Scenario neverOnReactorNetty(Scenario scenario) {
		return scenario.on((client) -> client.library() != Library.REACTOR_NETTY);
	}

	private static Scenario failing(String name, Failing names) {
		return Scenario.of(name, (stage) -> {
			RecordingServer server = stage.server(ExchangeScenarios.ok());
			Names recorded = ((Names) (host) -> names.of()).recordedBy(stage.transcript());
			Caller caller = stage.caller(Settings.names(recorded));
			caller.sendOrGiveUp(Request.get(server.url("some.test") + "/"));
		});
	}

	private static void ownResolver(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Caller caller = stage.caller(Settings.names(Names.of("127.0.0.1").recordedBy(stage.transcript())));
		caller.send(Request.get(server.url("first.test") + "/1"));
		caller.send(Request.get(server.url("first.test") + "/2"));
		caller.send(Request.get(server.url("second.test") + "/3"));
		caller.send(Request.get(server.url("127.0.0.1") + "/4"));
	}

	private static void customized(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Consumer<GenericApplicationContext> beans = Application
			.customized(Settings.names(Names.of("127.0.0.1").recordedBy(stage.transcript())));
		Caller caller = stage.caller(stage.application(beans));
		caller.send(Request.get(server.url("first.test") + "/1"));
		caller.send(Request.get(server.url("second.test") + "/2"));
	}

	private static void rotating(Stage stage) throws IOException {
		HttpConversation conversation = new HttpConversation((exchange) -> {
			exchange.respond("200 OK", "", "Connection: close");
			exchange.close();
		});
		RecordingServer first = stage.server("first", "127.0.0.1", conversation);
		stage.server("second", "127.0.0.2", first.port(), conversation);
		AtomicInteger turn = new AtomicInteger();
		Names names = (host) -> Names.of("127.0.0." + (1 + turn.getAndIncrement() % 2)).lookup(host);
		Caller caller = stage.caller(Settings.names(names.recordedBy(stage.transcript())));
		for (int i = 1; i <= 4; i++) {
			caller.send(Request.get(first.url("turn.test") + "/" + i));
		}
	}

	private static void tenAtOnce(Stage stage) throws IOException, InterruptedException {
		RecordingServer server = stage.server((exchange) -> {
			exchange.respond("200 OK", "", "Connection: close");
			exchange.close();
		}).counted();
		AtomicInteger asked = new AtomicInteger();
		Names names = (host) -> {
			asked.incrementAndGet();
			return Names.of("127.0.0.1").lookup(host);
		};
		stage.caller(Settings.names(names))
			.sendAtOnce(Collections.nCopies(10, Request.get(server.url("busy.test") + "/")));
		stage.note("asked " + asked.get() + " times");
	}

	private static void tenants(Stage stage) throws IOException {
		HttpConversation conversation = new HttpConversation((exchange) -> {
			exchange.respond("200 OK", "", "Connection: close");
			exchange.close();
		});
		RecordingServer first = stage.server("first", "127.0.0.1", conversation);
		stage.server("second", "127.0.0.2", first.port(), conversation);
		Names names = (host) -> Names.of("b".equals(TENANT.get()) ? "127.0.0.2" : "127.0.0.1").lookup(host);
		Caller caller = stage.caller(Settings.names(names.recordedBy(stage.transcript())));
		for (String tenant : List.of("a", "b", "a")) {
			TENANT.set(tenant);
			caller.send(Request.get(first.url("tenant.test") + "/" + tenant));
		}
		TENANT.remove();
	}

	private static void addresses(Stage stage, @Nullable String... literals) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Names names = (host) -> {
			List<@Nullable InetAddress> addresses = new ArrayList<>();
			for (String literal : literals) {
				addresses.add((literal != null) ? InetAddress.getByName(literal) : null);
			}
			return addresses;
		};
		Caller caller = stage.caller(Settings.names(names.recordedBy(stage.transcript())));
		caller.send(Request.get(server.url("two.test") + "/1"));
		caller.send(Request.get(server.url("two.test") + "/2"));
	}

	private static void many(Stage stage) throws IOException {
		String[] literals = new String[50];
		Arrays.setAll(literals, (i) -> "127.0.1." + (i + 1));
		addresses(stage, literals);
	}

	private static void firstTimesOut(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		stage.opened(new BlackHole("127.0.0.5", server.port()));
		Names names = Names.of("127.0.0.5", "127.0.0.1");
		stage.caller((settings) -> settings.withConnectTimeout(Duration.ofMillis(600)), Settings.names(names))
			.send(Request.get(server.url("hole.test") + "/1"));
	}

	private static void allTimeOut(Stage stage) throws IOException {
		BlackHole first = stage.opened(new BlackHole("127.0.0.5", 0));
		stage.opened(new BlackHole("127.0.0.6", first.port()));
		stage.port("holes", first.port());
		Names names = Names.of("127.0.0.5", "127.0.0.6");
		stage.caller((settings) -> settings.withConnectTimeout(Duration.ofMillis(600)), Settings.names(names))
			.send(Request.get("http://holes.test:" + first.port() + "/1"));
	}

	private static void jvmName(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Caller caller = stage.caller();
		caller.send(Request.get(server.url("one.test") + "/1"));
		caller.send(Request.get(server.url("good.test") + "/2"));
	}

	private static void jvmRefusedFirst(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		stage.caller().send(Request.get(server.url("refused-first.test") + "/1"));
	}

	private static void jvmUnknown(Stage stage) {
		Caller caller = stage.caller();
		caller.send(Request.get("http://unknown.test/1"));
		caller.send(Request.get("http://unknown.test/2"));
	}

	private static void spellings(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Caller caller = stage.caller();
		caller.send(Request.get(server.url("LOCALHOST") + "/1"));
		caller.send(Request.get(server.url("127.1") + "/2"));
		caller.send(Request.get(server.url("localhost") + "/3"));
	}

	private static void literal6(Stage stage) throws IOException {
		RecordingServer server = stage.server("six", "::1", new HttpConversation(ExchangeScenarios.ok()));
		stage.caller().send(Request.get(server.url("[::1]") + "/1"));
	}

	private static void filtered(Stage stage, InetAddressFilter filter) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Caller caller = stage.settings((settings) -> settings.withInetAddressFilter(filter));
		caller.send(Request.get(server.url("localhost") + "/1"));
		caller.send(Request.get(server.url("127.0.0.1") + "/2"));
		if (!stage.client().isOnTheJvm()) {
			stage
				.caller((settings) -> settings.withInetAddressFilter(filter),
						Settings.names(Names.of("127.0.0.2", "127.0.0.1").recordedBy(stage.transcript())))
				.send(Request.get(server.url("filtered.test") + "/3"));
		}
	}

	private static void filterBean(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Caller caller = stage.caller(stage.application((context) -> context.registerBean(InetAddressFilter.class,
				() -> InetAddressFilter.of("127.0.0.1/32"))));
		caller.send(Request.get(server.url("localhost") + "/1"));
		caller.send(Request.get(server.url("127.0.0.2") + "/2"));
	}

	@FunctionalInterface
	private interface Failing {

		@Nullable List<@Nullable InetAddress> of() throws IOException;

	}

}
