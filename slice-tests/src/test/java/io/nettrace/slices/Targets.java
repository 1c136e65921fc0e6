package io.nettrace.slices;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;

import com.sun.net.httpserver.HttpServer;
import io.nettrace.test.RefusingAddress;

/**
 * The application's peer: a server that answers 204, with names in a hosts file of the
 * JDK, which then knows no other names.
 */
final class Targets implements AutoCloseable {

	private final HttpServer server;

	private final RefusingAddress refusing;

	private final Path hosts;

	private Targets(HttpServer server, Path hosts) {
		this.server = server;
		this.refusing = RefusingAddress.open("127.0.0.8", server.getAddress().getPort());
		this.hosts = hosts;
	}

	static Targets start(Path directory) {
		try {
			HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.9", 0), 100);
			server.createContext("/", (exchange) -> {
				exchange.sendResponseHeaders(204, -1);
				exchange.close();
			});
			server.start();
			return new Targets(server, Files.writeString(directory.resolve("hosts"), """
					127.0.0.1 localhost
					127.0.0.9 good.test
					127.0.0.8 multi.test
					127.0.0.9 multi.test
					"""));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	Path hosts() {
		return this.hosts;
	}

	String url(String host) {
		return "http://" + host + ":" + this.server.getAddress().getPort() + "/";
	}

	@Override
	public void close() {
		this.server.stop(0);
		this.refusing.close();
	}

}
