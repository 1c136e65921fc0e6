package io.nettrace.equality;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.SSLContext;

import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 on the wire: each request is recorded byte by byte.
 */
final class HttpConversation implements Conversation {

	private final @Nullable SSLContext tls;

	private final Answer answer;

	private final AtomicInteger requests = new AtomicInteger();

	HttpConversation(Answer answer) {
		this(null, answer);
	}

	HttpConversation(@Nullable SSLContext tls, Answer answer) {
		this.tls = tls;
		this.answer = answer;
	}

	@Override
	public void on(Connection connection) throws IOException {
		if (this.tls != null && !connection.secure(this.tls)) {
			return;
		}
		String head = readHead(connection.in());
		while (head != null) {
			head.strip().lines().forEach(connection::record);
			if (head.toLowerCase(Locale.ROOT).contains("expect: 100-continue")) {
				connection.out().write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
			}
			byte[] body = readBody(head, connection.in());
			if (body.length > 0) {
				connection.record("body " + Outcomes.text(body));
			}
			Exchange exchange = new Exchange(connection, head.substring(0, head.indexOf('\r')),
					this.requests.incrementAndGet());
			this.answer.to(exchange);
			if (exchange.isOver()) {
				return;
			}
			head = readHead(connection.in());
		}
	}

	/**
	 * Return a head with the empty line behind it, null at the end.
	 */
	static @Nullable String readHead(InputStream in) throws IOException {
		ByteArrayOutputStream head = new ByteArrayOutputStream();
		int matched = 0;
		while (matched < 4) {
			int read = in.read();
			if (read < 0) {
				return null;
			}
			head.write(read);
			matched = (read == "\r\n\r\n".charAt(matched)) ? matched + 1 : (read == '\r') ? 1 : 0;
		}
		return head.toString(StandardCharsets.ISO_8859_1);
	}

	private static byte[] readBody(String head, InputStream in) throws IOException {
		int length = 0;
		for (String line : head.lines().toList()) {
			String field = line.toLowerCase(Locale.ROOT);
			if (field.startsWith("content-length:")) {
				length = Integer.parseInt(field.substring(15).strip());
			}
			if (field.startsWith("transfer-encoding:") && field.contains("chunked")) {
				return readChunks(in);
			}
		}
		return in.readNBytes(length);
	}

	/**
	 * The body without its chunk sizes, which vary if a client sends data as it comes.
	 */
	private static byte[] readChunks(InputStream in) throws IOException {
		ByteArrayOutputStream body = new ByteArrayOutputStream();
		while (true) {
			int size = Integer.parseInt(readLine(in), 16);
			body.write(in.readNBytes(size));
			readLine(in);
			if (size == 0) {
				return body.toByteArray();
			}
		}
	}

	private static String readLine(InputStream in) throws IOException {
		StringBuilder line = new StringBuilder();
		int read = in.read();
		while (read >= 0 && read != '\n') {
			if (read != '\r') {
				line.append((char) read);
			}
			read = in.read();
		}
		return line.toString();
	}

	/**
	 * What a server does with a request.
	 */
	@FunctionalInterface
	interface Answer {

		void to(Exchange exchange) throws IOException;

	}

	/**
	 * A request at the server.
	 */
	static final class Exchange {

		private final Connection connection;

		private final String requestLine;

		private final int number;

		private boolean over;

		Exchange(Connection connection, String requestLine, int number) {
			this.connection = connection;
			this.requestLine = requestLine;
			this.number = number;
		}

		/**
		 * The server's first request has the number 1.
		 */
		int number() {
			return this.number;
		}

		String requestLine() {
			return this.requestLine;
		}

		Connection connection() {
			return this.connection;
		}

		void respond(String status, String body, String... headers) throws IOException {
			StringBuilder head = new StringBuilder("HTTP/1.1 ").append(status).append("\r\n");
			for (String header : headers) {
				head.append(header).append("\r\n");
			}
			head.append("Content-Length: ").append(body.length()).append("\r\n\r\n");
			write(head + (this.requestLine.startsWith("HEAD ") ? "" : body));
		}

		void write(String text) throws IOException {
			write(text.getBytes(StandardCharsets.ISO_8859_1));
		}

		void write(byte[] bytes) throws IOException {
			this.connection.out().write(bytes);
			this.connection.out().flush();
		}

		void close() throws IOException {
			this.over = true;
			this.connection.close();
		}

		void reset() throws IOException {
			this.over = true;
			this.connection.reset();
		}

		/**
		 * Send nothing more until the scenario ends.
		 */
		void hold() {
			this.over = true;
			this.connection.hold();
		}

		/**
		 * Send nothing more until the client has closed the connection, and record the
		 * close.
		 */
		void holdUntilClosed() {
			this.over = true;
			this.connection.holdUntilClosed();
		}

		boolean isOver() {
			return this.over;
		}

	}

}
