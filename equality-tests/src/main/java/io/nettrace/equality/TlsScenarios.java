package io.nettrace.equality;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

import io.nettrace.equality.Settings.Setting;

/**
 * TLS, with an SSL bundle and with the application's own settings.
 */
final class TlsScenarios {

	private TlsScenarios() {
	}

	static List<Scenario> all() {
		return List.of(Scenario.of("TLS", (stage) -> twice(stage, "good", "localhost")),
				Scenario.of("TLS, not trusted", (stage) -> twice(stage, "other", "localhost")),
				Scenario.of("TLS, wrong host", (stage) -> twice(stage, "good", "127.0.0.1")),
				Scenario.of("TLS, expired", (stage) -> twice(stage, "expired", "localhost")),
				Scenario.of("TLS, bundle by property", TlsScenarios::property).slow(),
				Scenario.of("TLS, connections not kept", TlsScenarios::notKept),
				Scenario.of("TLS, SSLContext set on the injected builder", TlsScenarios::ownContext)
					.on((client) -> client != Client.REST_CLIENT_ON_HTTP_URL_CONNECTION),
				Scenario.of("TLS, SSLContext set by a customizer", TlsScenarios::customizedContext)
					.on((client) -> client != Client.REST_CLIENT_ON_HTTP_URL_CONNECTION)
					.slow(),
				Scenario.of("TLS, server that speaks plain", TlsScenarios::plain),
				Scenario.of("TLS, connection ends in the handshake", TlsScenarios::ends),
				Scenario.of("TLS, first address fails in the handshake", TlsScenarios::firstFails)
					.on((client) -> !client.isOnTheJvm()),
				Scenario.of("TLS, handshake hangs", TlsScenarios::hangs).slow());
	}

	private static Caller trusting(Stage stage, String bundle) {
		return stage.settings((settings) -> settings.withSslBundle(stage.bundle(bundle)));
	}

	private static void twice(Stage stage, String key, String host) throws IOException {
		RecordingServer server = stage.secureServer(key, ExchangeScenarios.ok());
		Caller caller = trusting(stage, key.equals("other") ? "good" : key);
		caller.send(Request.get("https://" + host + ":" + server.port() + "/1"));
		caller.send(Request.get("https://" + host + ":" + server.port() + "/2"));
	}

	private static void property(Stage stage) throws IOException {
		RecordingServer server = stage.secureServer("good", ExchangeScenarios.ok());
		stage.caller(stage.application((context) -> {
		}, "spring.http.clients.ssl.bundle=good"))
			.send(Request.post("https://localhost:" + server.port() + "/", "secret"));
	}

	private static void notKept(Stage stage) throws IOException {
		RecordingServer server = stage.secureServer("good", (exchange) -> {
			exchange.respond("200 OK", "", "Connection: close");
			exchange.close();
		});
		Caller caller = trusting(stage, "good");
		caller.send(Request.get("https://localhost:" + server.port() + "/1"));
		caller.send(Request.get("https://localhost:" + server.port() + "/2"));
	}

	private static void ownContext(Stage stage) throws IOException {
		RecordingServer server = stage.secureServer("good", ExchangeScenarios.ok());
		stage.caller(Settings.sslContext(stage.certificates("good"), stage.trust("good")))
			.send(Request.get("https://localhost:" + server.port() + "/trusting"));
		stage.caller(Settings.sslContext(stage.certificates("other"), stage.trust("other")))
			.send(Request.get("https://localhost:" + server.port() + "/not"));
	}

	private static void customizedContext(Stage stage) throws IOException {
		RecordingServer server = stage.secureServer("good", ExchangeScenarios.ok());
		Setting setting = Settings.sslContext(stage.certificates("good"), stage.trust("good"));
		stage.caller(stage.application(Application.customized(setting)))
			.send(Request.get("https://localhost:" + server.port() + "/"));
	}

	private static void plain(Stage stage) throws IOException {
		RecordingServer server = stage.server("plain", "127.0.0.1", (connection) -> {
			connection.out()
				.write("HTTP/1.1 400 Plain\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
			connection.hold();
		});
		trusting(stage, "good").send(Request.get("https://localhost:" + server.port() + "/"));
	}

	private static void endAfterHello(Connection connection) throws IOException {
		byte[] header = connection.in().readNBytes(5);
		if (header.length == 5) {
			connection.in().readNBytes(((header[3] & 0xff) << 8) + (header[4] & 0xff));
		}
		connection.record((header.length == 5) ? "TLS record of type " + header[0] : "no TLS");
		connection.end();
	}

	private static void ends(Stage stage) throws IOException {
		RecordingServer server = stage.server("ends", "127.0.0.1", TlsScenarios::endAfterHello);
		trusting(stage, "good").send(Request.get("https://localhost:" + server.port() + "/"));
	}

	private static void firstFails(Stage stage) throws IOException {
		RecordingServer server = stage.secureServer("good", ExchangeScenarios.ok());
		stage.server("first", "127.0.0.7", server.port(), TlsScenarios::endAfterHello);
		stage
			.caller((settings) -> settings.withSslBundle(stage.bundle("good")),
					Settings.names(Names.of("127.0.0.7", "127.0.0.1")))
			.send(Request.get("https://good.test:" + server.port() + "/"));
	}

	private static void hangs(Stage stage) throws IOException {
		RecordingServer server = stage.server("hangs", "127.0.0.1", (connection) -> connection.hold());
		stage
			.settings((settings) -> settings.withSslBundle(stage.bundle("good"))
				.withTimeouts(Duration.ofMillis(900), Duration.ofMillis(700)))
			.send(Request.get("https://localhost:" + server.port() + "/"));
	}

}
