package io.nettrace.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;

import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.nettrace.test.TestAuthority;

/**
 * What {@link EndToEnd} sends its requests to: a JVM of its own, so that its cost is not
 * the clients'. It prints the port of the server and the port where it takes telemetry
 * and throws it away, then that of the server that speaks TLS, and runs until its input
 * ends.
 */
public final class EndToEndServer {

	private EndToEndServer() {
	}

	/**
	 * Run the server.
	 * @param args the keystore of a server that speaks TLS, if there shall be one
	 * @throws Exception if there is no port to be had, or no key
	 */
	public static void main(String[] args) throws Exception {
		HttpServer telemetry = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
		telemetry.createContext("/", EndToEndServer::throwAway);
		telemetry.start();
		try (TinyServer server = new TinyServer("127.0.0.1", 0);
				TinyServer secure = (args.length > 0) ? new TinyServer(sockets(Path.of(args[0])), "127.0.0.1", 0)
						: null) {
			System.out.println(server.port());
			System.out.println(telemetry.getAddress().getPort());
			if (secure != null) {
				System.out.println(secure.port());
			}
			while (System.in.read() >= 0) {
				// there is nothing to read but the end
			}
		}
		finally {
			telemetry.stop(0);
		}
	}

	private static ServerSocketFactory sockets(Path keystore) throws IOException, GeneralSecurityException {
		char[] password = TestAuthority.PASSWORD.toCharArray();
		KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
		keys.init(KeyStore.getInstance(keystore.toFile(), password), password);
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(keys.getKeyManagers(), null, null);
		return context.getServerSocketFactory();
	}

	private static void throwAway(HttpExchange exchange) throws IOException {
		try (exchange) {
			exchange.getRequestBody().readAllBytes();
			exchange.sendResponseHeaders(200, -1);
		}
	}

}
