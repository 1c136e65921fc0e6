package io.nettrace.client;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import static org.awaitility.Awaitility.await;

/**
 * Reads the head of a request, answers it or not, and from then on neither reads nor
 * writes anything.
 */
final class SilentServer implements Closeable {

	private static final byte[] END_OF_HEAD = { '\r', '\n', '\r', '\n' };

	private final ServerSocket listening;

	private final List<Socket> connections = new CopyOnWriteArrayList<>();

	private volatile String answer = "";

	private SilentServer(ServerSocket listening) {
		this.listening = listening;
	}

	static SilentServer start() {
		try {
			SilentServer server = new SilentServer(new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1")));
			start(server::accept);
			return server;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void start(Runnable task) {
		Thread thread = new Thread(task, "silent-server");
		thread.setDaemon(true);
		thread.start();
	}

	int port() {
		return this.listening.getLocalPort();
	}

	/**
	 * Answer the head of a request.
	 * @param bytes with what
	 */
	void answer(String bytes) {
		this.answer = bytes;
	}

	private void accept() {
		try {
			while (true) {
				Socket socket = this.listening.accept();
				this.connections.add(socket);
				start(() -> serve(socket));
			}
		}
		catch (IOException closed) {
			// the test is over
		}
	}

	private void serve(Socket socket) {
		try {
			readHead(socket.getInputStream());
			socket.getOutputStream().write(this.answer.getBytes(StandardCharsets.US_ASCII));
		}
		catch (IOException gone) {
			// the client has gone, or the test is over
		}
	}

	private static void readHead(InputStream in) throws IOException {
		int matched = 0;
		while (matched < END_OF_HEAD.length) {
			int next = in.read();
			if (next < 0) {
				throw new IOException("end");
			}
			matched = (next == END_OF_HEAD[matched]) ? matched + 1 : (next == '\r') ? 1 : 0;
		}
	}

	/**
	 * End the connection.
	 * @param reset whether by a reset
	 */
	void end(boolean reset) throws IOException {
		await().atMost(Duration.ofSeconds(10)).until(() -> !this.connections.isEmpty());
		for (Socket each : this.connections) {
			try (each) {
				each.setSoLinger(reset, 0);
			}
			catch (SocketException closed) {
				// the client has closed it
			}
		}
	}

	@Override
	public void close() throws IOException {
		this.listening.close();
		for (Socket each : this.connections) {
			each.close();
		}
	}

}
