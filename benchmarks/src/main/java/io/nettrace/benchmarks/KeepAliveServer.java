package io.nettrace.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * Gives every request the same answer and allocates nothing, so that all allocation is
 * the client's.
 */
final class KeepAliveServer implements AutoCloseable {

	private static final byte[] ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
		.getBytes(StandardCharsets.US_ASCII);

	private final ServerSocket listener;

	KeepAliveServer() {
		try {
			this.listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		start(this::accept);
	}

	URI uri() {
		return URI.create("http://localhost:" + this.listener.getLocalPort() + "/");
	}

	private void accept() {
		try {
			while (true) {
				Socket connection = this.listener.accept();
				start(() -> serve(connection));
			}
		}
		catch (IOException closed) {
			// the end
		}
	}

	private static void serve(Socket connection) {
		byte[] buffer = new byte[8192];
		try (connection) {
			connection.setTcpNoDelay(true);
			InputStream in = connection.getInputStream();
			OutputStream out = connection.getOutputStream();
			int lineFeeds = 0;
			for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
				for (int i = 0; i < count; i++) {
					lineFeeds = (buffer[i] == '\n') ? lineFeeds + 1 : (buffer[i] == '\r') ? lineFeeds : 0;
					if (lineFeeds == 2) {
						lineFeeds = 0;
						out.write(ANSWER);
					}
				}
			}
		}
		catch (IOException closed) {
			// the client's
		}
	}

	private static void start(Runnable task) {
		Thread thread = new Thread(task, "keep-alive-server");
		thread.setDaemon(true);
		thread.start();
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
	}

}
