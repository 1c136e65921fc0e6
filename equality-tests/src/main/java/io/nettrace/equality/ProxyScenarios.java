package io.nettrace.equality;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

import javax.net.ssl.SSLContext;

import org.jspecify.annotations.Nullable;

import io.nettrace.equality.HttpConversation.Answer;
import io.nettrace.equality.Settings.Setting;

/**
 * Through a proxy, HTTP or SOCKS.
 */
final class ProxyScenarios {

	private ProxyScenarios() {
	}

	static List<Scenario> all() {
		List<Scenario> scenarios = new ArrayList<>(
				List.of(Scenario.of("proxy set on the injected builder", ProxyScenarios::plain),
						Scenario.of("proxy set by a customizer", ProxyScenarios::customized).slow(),
						Scenario.of("proxy that wants a password",
								(stage) -> throughProxy(stage,
										ExchangeScenarios.status("407 Who are you",
												"Proxy-Authenticate: Basic realm=\"proxy\""))),
						Scenario.of("proxy that ends the connection",
								(stage) -> throughProxy(stage, (exchange) -> exchange.close())),
						Scenario.of("proxy that refuses", ProxyScenarios::refused),
						Scenario.of("tunnel", (stage) -> tunnel(stage, stage.certificates("good"))),
						Scenario.of("tunnel to a server that is not trusted",
								(stage) -> tunnel(stage, stage.certificates("other"))),
						Scenario.of("tunnel that the proxy refuses", ProxyScenarios::noTunnel)));
		List<Scenario> resolved = List.of(Scenario.of("proxy beside a resolver", ProxyScenarios::proxyAndNames),
				Scenario.of("SOCKS proxy beside a resolver", ProxyScenarios::socksAndNames));
		resolved.forEach((scenario) -> scenarios.add(scenario.on((client) -> !client.isOnTheJvm())));
		List<Scenario> socks = List.of(Scenario.of("SOCKS proxy", ProxyScenarios::socks),
				Scenario.of("SOCKS proxy that refuses", ProxyScenarios::refusedSocks));
		socks.forEach((scenario) -> scenarios.add(scenario.on((client) -> client.library() != Library.JDK)));
		return scenarios;
	}

	/**
	 * A proxy that answers requests itself and tunnels everything to one server. Reactor
	 * Netty tunnels plain HTTP too.
	 */
	private static RecordingServer proxy(Stage stage) throws IOException {
		RecordingServer target = stage.server("target", "127.0.0.2", new HttpConversation(ExchangeScenarios.ok()));
		return stage.server((exchange) -> {
			if (exchange.requestLine().startsWith("CONNECT ")) {
				to(target.address()).to(exchange);
				return;
			}
			exchange.respond("200 OK", "from the proxy");
		});
	}

	private static void plain(Stage stage) throws IOException {
		RecordingServer proxy = proxy(stage);
		Caller caller = stage.caller(Settings.proxy("127.0.0.1", proxy.port()));
		caller.send(Request.get("http://only-the-proxy-knows.test/1"));
		caller.send(Request.post("http://only-the-proxy-knows.test/2", "body"));
		caller.send(Request.get("http://127.0.0.9:81/3"));
	}

	private static void customized(Stage stage) throws IOException {
		RecordingServer proxy = proxy(stage);
		Caller caller = stage
			.caller(stage.application(Application.customized(Settings.proxy("localhost", proxy.port()))));
		caller.send(Request.get("http://only-the-proxy-knows.test/1"));
		caller.send(Request.get("http://other.test/2"));
	}

	private static void throughProxy(Stage stage, Answer answer) throws IOException {
		RecordingServer proxy = stage.server(answer);
		stage.caller(Settings.proxy("127.0.0.1", proxy.port())).send(Request.get("http://some.test/"));
	}

	private static void refused(Stage stage) throws IOException {
		Caller caller = stage.caller(Settings.proxy("127.0.0.1", stage.closedPort()));
		caller.send(Request.get("http://some.test/1"));
		caller.send(Request.get("https://some.test/2"));
	}

	private static void tunnel(Stage stage, @Nullable SSLContext certificates) throws IOException {
		RecordingServer target = stage.server("target", "127.0.0.1",
				new HttpConversation(certificates, ExchangeScenarios.ok()));
		RecordingServer proxy = stage.server(to(target.address()));
		Setting setting = Settings.proxy("127.0.0.1", proxy.port());
		Caller caller = stage.caller((settings) -> settings.withSslBundle(stage.bundle("good")), setting);
		caller.send(Request.get("https://good.test:" + target.port() + "/1"));
		caller.send(Request.get("https://good.test:" + target.port() + "/2"));
	}

	private static Answer to(InetSocketAddress target) {
		return (exchange) -> {
			exchange.write("HTTP/1.1 200 Connected\r\n\r\n");
			exchange.connection().tunnel(target);
			exchange.close();
		};
	}

	private static void noTunnel(Stage stage) throws IOException {
		RecordingServer proxy = stage.server(ExchangeScenarios.status("403 Not there"));
		stage.caller(Settings.proxy("127.0.0.1", proxy.port())).send(Request.get("https://good.test/"));
	}

	private static void proxyAndNames(Stage stage) throws IOException {
		RecordingServer proxy = proxy(stage);
		Setting names = Settings.names(Names.of("127.0.0.1").recordedBy(stage.transcript()));
		stage.caller(names.and(Settings.proxy("proxy.test", proxy.port()))).send(Request.get("http://some.test/1"));
		stage.caller(Settings.proxy("proxy.test", proxy.port()).and(names)).send(Request.get("http://some.test/2"));
	}

	private static void socks(Stage stage) throws IOException {
		RecordingServer target = stage.server("target", "127.0.0.1", new HttpConversation(ExchangeScenarios.ok()));
		RecordingServer proxy = stage.server("proxy", "127.0.0.1", new SocksConversation(target.address()));
		Caller caller = stage.caller(Settings.socks("127.0.0.1", proxy.port()));
		caller.send(Request.get(target.url("localhost") + "/1"));
		caller.send(Request.get(target.url("one.test") + "/2"));
	}

	private static void refusedSocks(Stage stage) throws IOException {
		stage.caller(Settings.socks("127.0.0.1", stage.closedPort())).send(Request.get("http://localhost:81/"));
	}

	private static void socksAndNames(Stage stage) throws IOException {
		RecordingServer target = stage.server("target", "127.0.0.1", new HttpConversation(ExchangeScenarios.ok()));
		RecordingServer proxy = stage.server("proxy", "127.0.0.1", new SocksConversation(target.address()));
		Setting names = Settings.names(Names.of("127.0.0.1").recordedBy(stage.transcript()));
		stage.caller(names.and(Settings.socks("127.0.0.1", proxy.port())))
			.send(Request.get(target.url("socks.test") + "/1"));
	}

}
