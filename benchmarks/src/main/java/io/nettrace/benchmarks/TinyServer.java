package io.nettrace.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import javax.net.ServerSocketFactory;

/**
 * Answers requests without a body, as cheaply as possible. It closes the connection after
 * a request for {@value #CLOSE}.
 */
final class TinyServer implements AutoCloseable {

	/**
	 * The path whose answer ends the connection.
	 */
	static final String CLOSE = "/close";

	/**
	 * A path whose answer leaves the connection open.
	 */
	static final String KEEP = "/keep";

	private static final int BACKLOG = 1024;

	private static final int MOST_BYTES = 8192;

	private static final byte[] KEEPING = answer("keep-alive");

	private static final byte[] CLOSING = answer("close");

	private final ServerSocket listener;

	private final ExecutorService threads = Executors.newCachedThreadPool((task) -> {
		Thread thread = new Thread(task, "server");
		thread.setDaemon(true);
		return thread;
	});

	/**
	 * Start a server.
	 * @param literal a loopback address
	 * @param port the port, or 0 for any free one
	 */
	TinyServer(String literal, int port) {
		this(ServerSocketFactory.getDefault(), literal, port);
	}

	/**
	 * Start a server.
	 * @param sockets makes its socket
	 * @param literal a loopback address
	 * @param port the port, or 0 for any free one
	 */
	TinyServer(ServerSocketFactory sockets, String literal, int port) {
		try {
			this.listener = sockets.createServerSocket(port, BACKLOG, InetAddress.getByName(literal));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.threads.execute(this::accept);
	}

	private static byte[] answer(String connection) {
		return ("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: " + connection
				+ "\r\n\r\nok")
			.getBytes(StandardCharsets.US_ASCII);
	}

	int port() {
		return this.listener.getLocalPort();
	}

	private void accept() {
		while (!this.listener.isClosed()) {
			try {
				Socket socket = this.listener.accept();
				this.threads.execute(() -> serve(socket));
			}
			catch (IOException ex) {
				// closed, or the client has gone
			}
		}
	}

	private static void serve(Socket socket) {
		try (socket) {
			socket.setTcpNoDelay(true);
			byte[] request = new byte[MOST_BYTES];
			InputStream in = socket.getInputStream();
			while (readHead(in, request)) {
				boolean closing = new String(request, 4, CLOSE.length(), StandardCharsets.US_ASCII).equals(CLOSE);
				socket.getOutputStream().write(closing ? CLOSING : KEEPING);
				if (closing) {
					return;
				}
			}
		}
		catch (IOException ex) {
			// the client has gone
		}
	}

	private static boolean readHead(InputStream in, byte[] request) throws IOException {
		int length = 0;
		while (length < 4 || request[length - 1] != '\n' || request[length - 3] != '\n') {
			int read = in.read(request, length, request.length - length);
			if (read <= 0) {
				return false;
			}
			length += read;
		}
		return true;
	}

	@Override
	public void close() {
		try {
			this.listener.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.threads.shutdownNow();
	}

}
