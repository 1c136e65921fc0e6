package io.nettrace.page;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * A proxy that knows an application by a path of its own, and takes that path away. It
 * says nothing of it to the application, and changes nothing in what comes back.
 */
final class PrefixProxy implements AutoCloseable {

	private final HttpClient client = HttpClient.newHttpClient();

	private final HttpServer server;

	private final String prefix;

	private final String application;

	private PrefixProxy(HttpServer server, String prefix, String application) {
		this.server = server;
		this.prefix = prefix;
		this.application = application;
		server.createContext(prefix + "/", this::forward);
		server.start();
	}

	static PrefixProxy start(String prefix, String application) {
		try {
			return new PrefixProxy(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0),
					prefix, application);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void forward(HttpExchange exchange) throws IOException {
		try (exchange) {
			String path = exchange.getRequestURI().getRawPath().substring(this.prefix.length());
			HttpResponse<byte[]> response = this.client.send(
					HttpRequest.newBuilder(URI.create(this.application + path)).build(),
					HttpResponse.BodyHandlers.ofByteArray());
			response.headers().map().forEach((name, values) -> {
				if (!name.equals("content-length")) {
					exchange.getResponseHeaders().put(name, values);
				}
			});
			exchange.sendResponseHeaders(response.statusCode(),
					response.body().length > 0 ? response.body().length : -1);
			exchange.getResponseBody().write(response.body());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	String url(String path) {
		return "http://127.0.0.1:" + this.server.getAddress().getPort() + this.prefix + path;
	}

	@Override
	public void close() {
		this.server.stop(0);
	}

}
