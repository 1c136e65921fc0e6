package io.nettrace.client.reactor;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.nettrace.CloseInfo;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionListener;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.netty.http.client.HttpClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * A connection that its server resets is closed for that reason in every language of the
 * machine, in a JVM of its own.
 */
class ResetLocaleTests {

	@ParameterizedTest(name = "{0}")
	@CsvSource(delimiter = '|', textBlock = """
			C.UTF-8     | true  | Connection reset by peer
			C.UTF-8     | false | Connection reset
			de_DE.UTF-8 | true  | Die Verbindung wurde vom Kommunikationspartner zurückgesetzt
			de_DE.UTF-8 | false | Connection reset
			ja_JP.UTF-8 | true  | 接続が相手からリセットされました
			""")
	void isTheSameInEveryLanguage(String locale, boolean nativeTransport, String words) throws Exception {
		assumeTrue(!System.getProperty("os.name").startsWith("Windows"), "a POSIX locale");
		List<String> lines = run(locale, nativeTransport);
		assumeTrue(lines.stream().anyMatch((line) -> line.endsWith(words)),
				locale + " or the native transport is missing: " + lines);
		assertThat(lines).contains("closed RESET");
	}

	private static List<String> run(String locale, boolean nativeTransport) throws Exception {
		ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Xshare:auto", "-XX:TieredStopAtLevel=1", "-Dreactor.netty.native=" + nativeTransport, "-cp",
				System.getProperty("java.class.path"), ResetLocaleTests.class.getName())
			.redirectErrorStream(true);
		builder.environment().keySet().removeIf((name) -> name.startsWith("LC_") || name.equals("LANGUAGE"));
		builder.environment().put("LC_ALL", locale);
		Process process = builder.start();
		try {
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
			return output.lines().toList();
		}
		finally {
			process.destroyForcibly();
		}
	}

	/**
	 * Send a request to a server that resets the connection once it has it.
	 * @param arguments none
	 * @throws Exception if there is no server
	 */
	public static void main(String[] arguments) throws Exception {
		PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
		CompletableFuture<CloseInfo> closed = new CompletableFuture<>();
		NetTracing tracing = new NetTracing(() -> List.of((request) -> NetTrace.NONE),
				() -> List.of(new ConnectionListener() {

					@Override
					public void closed(ConnectionInfo connection, CloseInfo close) {
						closed.complete(close);
					}

				}), EnumSet.allOf(Hook.class));
		HttpClient client = new NetTraceReactorNetty(tracing, LookupSettings.defaults(), LookupThreads.create())
			.instrument(HttpClient.create());
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
			CompletableFuture<Void> reset = CompletableFuture.runAsync(() -> reset(server));
			client.get()
				.uri("http://127.0.0.1:" + server.getLocalPort() + "/")
				.response()
				.doOnError((failure) -> out.println(failure.getMessage()))
				.onErrorComplete()
				.block(Duration.ofSeconds(20));
			reset.get(20, TimeUnit.SECONDS);
			out.println("closed " + closed.get(20, TimeUnit.SECONDS).reason());
		}
		System.exit(0);
	}

	private static void reset(ServerSocket server) {
		try (Socket socket = server.accept()) {
			socket.getInputStream().read();
			socket.setSoLinger(true, 0);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
