package io.nettrace.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLContext;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;

/**
 * Answers every request with 204, but {@code /redirect?to=} with a redirect,
 * {@code /missing} with 404 and {@code /held} when it is released; of {@code /body} it
 * sends the rest then.
 */
final class LoopbackServer implements AutoCloseable {

	private final HttpServer server;

	private final ExecutorService executor = Executors.newCachedThreadPool();

	private final Semaphore held = new Semaphore(0);

	private final CountDownLatch release = new CountDownLatch(1);

	private LoopbackServer(HttpServer server) {
		this.server = server;
		server.setExecutor(this.executor);
		server.createContext("/", (exchange) -> {
			exchange.sendResponseHeaders(204, -1);
			exchange.close();
		});
		server.createContext("/redirect", (exchange) -> {
			exchange.getResponseHeaders().set("Location", exchange.getRequestURI().getQuery().substring(3));
			exchange.sendResponseHeaders(302, -1);
			exchange.close();
		});
		server.createContext("/missing", (exchange) -> {
			exchange.sendResponseHeaders(404, -1);
			exchange.close();
		});
		server.createContext("/held", (exchange) -> {
			hold();
			exchange.sendResponseHeaders(204, -1);
			exchange.close();
		});
		server.createContext("/body", (exchange) -> {
			exchange.sendResponseHeaders(200, 2);
			exchange.getResponseBody().write('o');
			exchange.getResponseBody().flush();
			hold();
			exchange.getResponseBody().write('k');
			exchange.close();
		});
		server.start();
	}

	private void hold() {
		this.held.release();
		try {
			this.release.await();
		}
		catch (InterruptedException closed) {
			Thread.currentThread().interrupt();
		}
	}

	static LoopbackServer start(String literal) {
		return start(literal, 0);
	}

	static LoopbackServer start(String literal, int port) {
		try {
			return new LoopbackServer(HttpServer.create(new InetSocketAddress(literal, port), 100));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	static LoopbackServer startTls(String literal, SSLContext sslContext) {
		try {
			HttpsServer server = HttpsServer.create(new InetSocketAddress(literal, 0), 100);
			server.setHttpsConfigurator(new HttpsConfigurator(sslContext));
			return new LoopbackServer(server);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	int port() {
		return this.server.getAddress().getPort();
	}

	String url(String host) {
		return "http://" + host + ":" + port() + "/";
	}

	/**
	 * Wait until one more request of {@code /held} has come.
	 */
	void awaitHeld() throws InterruptedException {
		if (!this.held.tryAcquire(20, TimeUnit.SECONDS)) {
			throw new AssertionError("No request has come");
		}
	}

	void release() {
		this.release.countDown();
	}

	@Override
	public void close() {
		this.server.stop(0);
		this.executor.shutdownNow();
	}

}
