package io.nettrace.likejdk;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A server that answers with the bytes that a test gives it, and remembers what reached
 * it on which connection.
 */
final class RawServer implements AutoCloseable {

	private final ServerSocket socket;

	private final Script script;

	private final ExecutorService threads = Executors.newCachedThreadPool();

	// Guarded by this
	private final List<Request> requests = new ArrayList<>();

	RawServer(Script script) {
		try {
			this.socket = new ServerSocket(0, 100, InetAddress.getByName("127.0.0.1"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.script = script;
		this.threads.execute(this::accept);
	}

	private void accept() {
		for (int connection = 1; true; connection++) {
			try {
				Socket accepted = this.socket.accept();
				int number = connection;
				this.threads.execute(() -> serve(accepted, number));
			}
			catch (IOException closed) {
				return;
			}
		}
	}

	private void serve(Socket accepted, int connection) {
		try (accepted) {
			for (int number = 1; true; number++) {
				String head = readHead(accepted.getInputStream());
				if (head.isEmpty()) {
					return;
				}
				Request request = new Request(connection, number, head, readBody(head, accepted.getInputStream()));
				synchronized (this) {
					this.requests.add(request);
				}
				String reply = this.script.reply(request);
				if (reply.equals(Script.RESET)) {
					accepted.setSoLinger(true, 0);
					return;
				}
				accepted.getOutputStream().write(reply.replace(Script.END, "").getBytes(StandardCharsets.ISO_8859_1));
				if (reply.endsWith(Script.END)) {
					return;
				}
			}
		}
		catch (IOException ended) {
			// the client's doing
		}
	}

	private static String readHead(InputStream in) throws IOException {
		ByteArrayOutputStream head = new ByteArrayOutputStream();
		while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
			int next = in.read();
			if (next < 0) {
				return "";
			}
			head.write(next);
		}
		return head.toString(StandardCharsets.ISO_8859_1);
	}

	private static String readBody(String head, InputStream in) throws IOException {
		String lower = head.toLowerCase(Locale.ROOT);
		if (lower.contains("transfer-encoding: chunked")) {
			StringBuilder body = new StringBuilder();
			for (int size = readSize(in); size > 0; size = readSize(in)) {
				body.append(new String(in.readNBytes(size), StandardCharsets.ISO_8859_1));
				in.readNBytes(2);
			}
			in.readNBytes(2);
			return body.toString();
		}
		int length = lower.indexOf("content-length:");
		if (length < 0) {
			return "";
		}
		String value = lower.substring(length + 15, lower.indexOf('\r', length)).strip();
		return new String(in.readNBytes(Integer.parseInt(value)), StandardCharsets.ISO_8859_1);
	}

	private static int readSize(InputStream in) throws IOException {
		StringBuilder line = new StringBuilder();
		for (int next = in.read(); next != '\n'; next = in.read()) {
			line.append((char) next);
		}
		return Integer.parseInt(line.toString().strip(), 16);
	}

	int port() {
		return this.socket.getLocalPort();
	}

	synchronized List<Request> requests() {
		return List.copyOf(this.requests);
	}

	@Override
	public void close() {
		try {
			this.socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.threads.shutdownNow();
	}

	/**
	 * A request as it came.
	 *
	 * @param connection number of the connection
	 * @param number number of the request on that connection
	 * @param head request line and headers
	 * @param body the body, without chunks
	 */
	record Request(int connection, int number, String head, String body) {

		String line() {
			return this.head.substring(0, this.head.indexOf('\r'));
		}

		String method() {
			return this.head.substring(0, this.head.indexOf(' '));
		}

		String path() {
			return line().substring(method().length() + 1, line().lastIndexOf(' '));
		}

		/**
		 * All values of a header.
		 */
		List<String> header(String name) {
			return this.head.lines()
				.filter((line) -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"))
				.map((line) -> line.substring(name.length() + 1).strip())
				.toList();
		}

	}

	/**
	 * What to answer.
	 */
	@FunctionalInterface
	interface Script {

		/**
		 * The end of an answer after which the connection ends.
		 */
		String END = "\u0000END";

		/**
		 * Instead of an answer: the connection is reset.
		 */
		String RESET = "\u0000RESET";

		String reply(Request request);

		static String ok(String body) {
			return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
		}

	}

}
