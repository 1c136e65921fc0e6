package io.nettrace.libraries;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An HTTP/1.1 server that answers as a test says, and keeps its connections.
 */
final class HttpPeer extends SocketPeer {

	private final Script script;

	private final List<Request> requests = new CopyOnWriteArrayList<>();

	private HttpPeer(Script script) {
		this.script = script;
	}

	/**
	 * Start a server that answers each request with a text.
	 */
	static HttpPeer start() {
		return start((request) -> Response.text("answer to " + request.path()));
	}

	static HttpPeer start(Script script) {
		HttpPeer peer = new HttpPeer(script);
		peer.accept();
		return peer;
	}

	@Override
	void serve(InputStream in, OutputStream out) throws IOException {
		for (String head = readHead(in); !head.isEmpty(); head = readHead(in)) {
			Request request = new Request(head, readBody(head, in));
			this.requests.add(request);
			out.write(this.script.answer(request).bytes());
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
		Request request = new Request(head, "");
		if (request.header("transfer-encoding").equals("chunked")) {
			ByteArrayOutputStream body = new ByteArrayOutputStream();
			for (int size = readSize(in); size > 0; size = readSize(in)) {
				body.write(in.readNBytes(size));
				in.readNBytes(2);
			}
			in.readNBytes(2);
			return body.toString(StandardCharsets.UTF_8);
		}
		String length = request.header("content-length");
		return length.isEmpty() ? "" : new String(in.readNBytes(Integer.parseInt(length)), StandardCharsets.UTF_8);
	}

	private static int readSize(InputStream in) throws IOException {
		StringBuilder line = new StringBuilder();
		for (int next = in.read(); next != '\n'; next = in.read()) {
			line.append((char) next);
		}
		return Integer.parseInt(line.toString().strip(), 16);
	}

	/**
	 * The requests so far.
	 */
	List<Request> requests() {
		return List.copyOf(this.requests);
	}

	/**
	 * Says what to answer.
	 */
	interface Script {

		Response answer(Request request);

	}

	/**
	 * A request.
	 *
	 * @param head request line and headers
	 * @param body the body
	 */
	record Request(String head, String body) {

		String method() {
			return this.head.substring(0, this.head.indexOf(' '));
		}

		String path() {
			return this.head.split(" ", 3)[1];
		}

		/**
		 * Return a header.
		 * @return its value, empty if there is none
		 */
		String header(String name) {
			return this.head.lines()
				.filter((line) -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"))
				.map((line) -> line.substring(name.length() + 1).strip())
				.findFirst()
				.orElse("");
		}

	}

	/**
	 * A response.
	 *
	 * @param status the status code
	 * @param type the content type
	 * @param body the body
	 */
	record Response(int status, String type, String body) {

		static Response text(String body) {
			return new Response(200, "text/plain", body);
		}

		/**
		 * The last one on its connection.
		 */
		static Response last(String body) {
			return new Response(200, "text/plain\r\nConnection: close", body);
		}

		static Response json(String body) {
			return new Response(200, "application/json", body);
		}

		private byte[] bytes() {
			int length = this.body.getBytes(StandardCharsets.UTF_8).length;
			return ("HTTP/1.1 " + this.status + " -\r\nContent-Type: " + this.type + "\r\nContent-Length: " + length
					+ "\r\n\r\n" + this.body)
				.getBytes(StandardCharsets.UTF_8);
		}

	}

}
