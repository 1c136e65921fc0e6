package io.nettrace.page;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.nettrace.test.TestAuthority;

/**
 * A server for outgoing requests, in the clear and over TLS. It answers with 200 and a
 * body, {@code /missing} with 404 and {@code /slow} after a while.
 */
final class Target implements AutoCloseable {

	static final TestAuthority AUTHORITY = TestAuthority.create("page");

	private static final byte[] BODY = new byte[100_000];

	private final ExecutorService later = Executors.newFixedThreadPool(2, (task) -> {
		Thread thread = new Thread(task, "target");
		thread.setDaemon(true);
		return thread;
	});

	private final HttpServer plain;

	private final HttpsServer secure;

	private Target(HttpServer plain, HttpsServer secure) {
		this.plain = plain;
		this.secure = secure;
		secure.setHttpsConfigurator(new HttpsConfigurator(AUTHORITY.server("localhost").context()));
		for (HttpServer server : new HttpServer[] { plain, secure }) {
			server.setExecutor(this.later);
			server.createContext("/", (exchange) -> answer(exchange, 200));
			server.createContext("/missing", (exchange) -> answer(exchange, 404));
			server.createContext("/slow", this::answerLater);
			server.start();
		}
	}

	static Target start() {
		InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
		try {
			return new Target(HttpServer.create(any, 0), HttpsServer.create(any, 0));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void answerLater(HttpExchange exchange) {
		CompletableFuture.delayedExecutor(120, TimeUnit.MILLISECONDS, this.later).execute(() -> answer(exchange, 200));
	}

	private static void answer(HttpExchange exchange, int status) {
		byte[] body = (status == 200) ? BODY : new byte[10];
		try (exchange) {
			exchange.sendResponseHeaders(status, body.length);
			exchange.getResponseBody().write(body);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	String url(String path) {
		return "http://localhost:" + this.plain.getAddress().getPort() + path;
	}

	String secureUrl(String path) {
		return "https://localhost:" + this.secure.getAddress().getPort() + path;
	}

	@Override
	public void close() {
		this.plain.stop(0);
		this.secure.stop(0);
		this.later.shutdownNow();
	}

}
