package io.nettrace.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * What {@link EndToEnd} sends its requests to: a JVM of its own, so that its cost is not
 * the clients'. It prints the port of the server and the port where it takes telemetry
 * and throws it away, and runs until its input ends.
 */
public final class EndToEndServer {

	private EndToEndServer() {
	}

	/**
	 * Run the server.
	 * @param args none
	 * @throws IOException if there is no port to be had
	 */
	public static void main(String[] args) throws IOException {
		HttpServer telemetry = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
		telemetry.createContext("/", EndToEndServer::throwAway);
		telemetry.start();
		try (TinyServer server = new TinyServer("127.0.0.1", 0)) {
			System.out.println(server.port());
			System.out.println(telemetry.getAddress().getPort());
			while (System.in.read() >= 0) {
				// there is nothing to read but the end
			}
		}
		finally {
			telemetry.stop(0);
		}
	}

	private static void throwAway(HttpExchange exchange) throws IOException {
		try (exchange) {
			exchange.getRequestBody().readAllBytes();
			exchange.sendResponseHeaders(200, -1);
		}
	}

}
