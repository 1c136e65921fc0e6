package io.nettrace.libraries;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.SSLSocketFactory;

import io.nettrace.test.TestAuthority;

/**
 * An HTTP/1.1 server that answers as a test says, and keeps its connections. It speaks
 * TLS with those clients that begin with it.
 */
final class HttpPeer implements Peer {

	/**
	 * The name that its certificate is for.
	 */
	static final String TLS_HOST = "tls.test";

	private static final TestAuthority AUTHORITY = TestAuthority.create("library-tests");

	private static final SSLSocketFactory TLS = AUTHORITY.server(TLS_HOST).context().getSocketFactory();

	/**
	 * The first byte of a connection with TLS: RFC 8446, section 5.1.
	 */
	private static final int TLS_HANDSHAKE = 22;

	private final ServerSocket socket;

	private final Script script;

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final AtomicInteger connections = new AtomicInteger();

	private final List<Request> requests = new CopyOnWriteArrayList<>();

	private final Set<Socket> open = ConcurrentHashMap.newKeySet();

	private HttpPeer(ServerSocket socket, Script script) {
		this.socket = socket;
		this.script = script;
	}

	/**
	 * Let clients of this JVM that trust what is usual trust the peers' certificate.
	 */
	static void trustInThisJvm() {
		try {
			Path file = Files.createTempFile("library-tests", ".p12");
			file.toFile().deleteOnExit();
			try (OutputStream out = Files.newOutputStream(file)) {
				AUTHORITY.trusted().store(out, TestAuthority.PASSWORD.toCharArray());
			}
			System.setProperty("javax.net.ssl.trustStore", file.toString());
			System.setProperty("javax.net.ssl.trustStorePassword", TestAuthority.PASSWORD);
		}
		catch (IOException | GeneralSecurityException ex) {
			throw new IllegalStateException("the client cannot trust the peers", ex);
		}
	}

	/**
	 * Start a server that answers each request with a text.
	 */
	static HttpPeer start() {
		return start((request) -> Response.text("answer to " + request.path()));
	}

	static HttpPeer start(Script script) {
		try {
			HttpPeer peer = new HttpPeer(new ServerSocket(0, 100, InetAddress.getByName(ADDRESS)), script);
			peer.threads.execute(peer::accept);
			return peer;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void accept() {
		while (true) {
			try {
				Socket accepted = this.socket.accept();
				this.open.add(accepted);
				this.connections.incrementAndGet();
				this.threads.execute(() -> serve(accepted));
			}
			catch (IOException closed) {
				return;
			}
		}
	}

	private void serve(Socket accepted) {
		try (accepted) {
			int first = accepted.getInputStream().read();
			InputStream begin = new ByteArrayInputStream(new byte[] { (byte) first });
			if (first == TLS_HANDSHAKE) {
				Socket socket = TLS.createSocket(accepted, begin, true);
				answer(socket.getInputStream(), socket.getOutputStream());
			}
			else if (first >= 0) {
				answer(new SequenceInputStream(begin, accepted.getInputStream()), accepted.getOutputStream());
			}
		}
		catch (IOException ended) {
			// by the client, or by close()
		}
		finally {
			this.open.remove(accepted);
		}
	}

	private void answer(InputStream in, OutputStream out) throws IOException {
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

	@Override
	public int port() {
		return this.socket.getLocalPort();
	}

	@Override
	public int connections() {
		return this.connections.get();
	}

	/**
	 * The requests so far.
	 */
	List<Request> requests() {
		return List.copyOf(this.requests);
	}

	@Override
	public void close() {
		try {
			this.socket.close();
			for (Socket each : this.open) {
				each.close();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		finally {
			this.threads.shutdownNow();
		}
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
