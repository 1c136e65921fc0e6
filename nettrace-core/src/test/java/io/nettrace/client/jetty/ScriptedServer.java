package io.nettrace.client.jetty;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.net.ServerSocketFactory;

import org.jspecify.annotations.Nullable;

/**
 * Serves raw bytes, by the path of the request.
 */
final class ScriptedServer implements Closeable {

	static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

	private final ServerSocket listening;

	private final @Nullable Script raw;

	private final Map<String, Script> scripts = new ConcurrentHashMap<>();

	private final List<Socket> connections = new CopyOnWriteArrayList<>();

	private ScriptedServer(ServerSocket listening, @Nullable Script raw) {
		this.listening = listening;
		this.raw = raw;
	}

	static ScriptedServer start() throws IOException {
		return start(ServerSocketFactory.getDefault());
	}

	static ScriptedServer start(ServerSocketFactory factory) throws IOException {
		return start(factory, null);
	}

	/**
	 * Start a server that knows nothing of HTTP.
	 * @param script what it does with each connection once something has come
	 */
	static ScriptedServer raw(Script script) throws IOException {
		return start(ServerSocketFactory.getDefault(), script);
	}

	private static ScriptedServer start(ServerSocketFactory factory, @Nullable Script raw) throws IOException {
		ScriptedServer server = new ScriptedServer(
				factory.createServerSocket(0, 50, InetAddress.getByName("127.0.0.1")), raw);
		run(server::accept);
		return server;
	}

	/**
	 * Answer the requests for a path. A script that returns normally goes on with the
	 * connection; the others get {@link #OK}.
	 */
	ScriptedServer on(String path, Script script) {
		this.scripts.put(path, script);
		return this;
	}

	ScriptedServer on(String path, String response) {
		return on(path, (exchange) -> exchange.write(response));
	}

	int port() {
		return this.listening.getLocalPort();
	}

	int connections() {
		return this.connections.size();
	}

	private static void run(Task task) {
		Thread thread = new Thread(() -> {
			try {
				task.run();
			}
			catch (IOException ex) {
				// the other side has gone, as the test wants
			}
		}, "scripted-server");
		thread.setDaemon(true);
		thread.start();
	}

	private void accept() throws IOException {
		while (true) {
			Socket socket = this.listening.accept();
			this.connections.add(socket);
			run(() -> serve(socket));
		}
	}

	private void serve(Socket socket) throws IOException {
		try (socket) {
			if (this.raw != null) {
				byte[] first = new byte[16_384];
				int length = socket.getInputStream().read(first);
				this.raw.answer(new Exchange(socket, HexFormat.of().formatHex(first, 0, Math.max(0, length))));
				return;
			}
			String head = readHead(socket.getInputStream());
			while (head != null) {
				String path = head.startsWith("CONNECT ") ? "CONNECT" : head.split(" ", 3)[1];
				this.scripts.getOrDefault(path, Exchange::ok).answer(new Exchange(socket, head));
				head = readHead(socket.getInputStream());
			}
		}
	}

	private static @Nullable String readHead(InputStream in) throws IOException {
		ByteArrayOutputStream head = new ByteArrayOutputStream();
		while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
			int next = in.read();
			if (next < 0) {
				return null;
			}
			head.write(next);
		}
		return head.toString(StandardCharsets.ISO_8859_1);
	}

	@Override
	public void close() throws IOException {
		this.listening.close();
		for (Socket each : this.connections) {
			each.close();
		}
	}

	/**
	 * What is done with a request.
	 */
	interface Script {

		void answer(Exchange exchange) throws IOException;

	}

	private interface Task {

		void run() throws IOException;

	}

	/**
	 * A request.
	 *
	 * @param socket its connection
	 * @param head its head
	 */
	record Exchange(Socket socket, String head) {

		void ok() throws IOException {
			readBody();
			write(OK);
		}

		void write(String text) throws IOException {
			this.socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
			this.socket.getOutputStream().flush();
		}

		void readBody() throws IOException {
			for (String line : this.head.lines().toList()) {
				if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
					this.socket.getInputStream().readNBytes(Integer.parseInt(line.substring(15).trim()));
				}
			}
		}

		void close() throws IOException {
			this.socket.close();
		}

		void reset() throws IOException {
			this.socket.setSoLinger(true, 0);
			this.socket.close();
		}

		/**
		 * Wait for the other side to close the connection.
		 */
		void hang() throws IOException {
			while (this.socket.getInputStream().read() >= 0) {
				// until it does
			}
		}

		void tunnel(int port) throws IOException {
			write("HTTP/1.1 200 Connected\r\n\r\n");
			try (Socket server = new Socket()) {
				server.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
				run(() -> {
					try (this.socket) {
						server.getInputStream().transferTo(this.socket.getOutputStream());
					}
				});
				this.socket.getInputStream().transferTo(server.getOutputStream());
			}
		}

	}

}
