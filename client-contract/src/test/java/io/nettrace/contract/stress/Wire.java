package io.nettrace.contract.stress;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

import org.jspecify.annotations.Nullable;

/**
 * The server's side of a connection, which may become one of TLS.
 */
final class Wire implements Closeable {

	private static final int IDLE_MILLIS = 30_000;

	private static final int MOST_OF_A_LINE = 10_000;

	private final Socket transport;

	private Socket socket;

	private PushbackInputStream in;

	private OutputStream out;

	Wire(Socket transport) throws IOException {
		this.transport = transport;
		transport.setSoTimeout(IDLE_MILLIS);
		transport.setTcpNoDelay(true);
		this.socket = transport;
		this.in = new PushbackInputStream(transport.getInputStream());
		this.out = transport.getOutputStream();
	}

	/**
	 * The client's port.
	 */
	int port() {
		return this.transport.getPort();
	}

	/**
	 * Answer a handshake of the client.
	 */
	void secure(SSLContext context) throws IOException {
		SSLSocket secured = (SSLSocket) context.getSocketFactory()
			.createSocket(this.transport, null, this.transport.getPort(), true);
		secured.setUseClientMode(false);
		secured.startHandshake();
		this.socket = secured;
		this.in = new PushbackInputStream(new BufferedInputStream(secured.getInputStream()));
		this.out = secured.getOutputStream();
	}

	/**
	 * Read a request's head.
	 * @return {@code null} at the end
	 */
	@Nullable Head readHead() throws IOException {
		String first = readLine();
		if (first == null) {
			return null;
		}
		String[] words = first.split(" ", -1);
		if (words.length != 3) {
			throw new IOException("not a request: " + first);
		}
		Map<String, String> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		String line = readLine();
		while (line != null && !line.isEmpty()) {
			int colon = line.indexOf(':');
			fields.put(line.substring(0, colon), line.substring(colon + 1).trim());
			line = readLine();
		}
		return new Head(words[0], words[1], fields);
	}

	private @Nullable String readLine() throws IOException {
		StringBuilder line = new StringBuilder();
		int next = this.in.read();
		while (next >= 0 && next != '\n') {
			if (next != '\r') {
				line.append((char) next);
			}
			if (line.length() > MOST_OF_A_LINE) {
				throw new IOException("not a line");
			}
			next = this.in.read();
		}
		return (next < 0) ? null : line.toString();
	}

	/**
	 * Read the body of a request.
	 */
	void readBody(Head head) throws IOException {
		if (head.isChunked()) {
			String size = readLine();
			while (size != null && !size.equals("0")) {
				skip(Integer.parseInt(size, 16));
				readLine();
				size = readLine();
			}
			readLine();
		}
		else {
			skip(head.length());
		}
	}

	private void skip(int count) throws IOException {
		if (this.in.readNBytes(count).length < count) {
			throw new EOFException();
		}
	}

	void write(String text) throws IOException {
		write(text.getBytes(StandardCharsets.ISO_8859_1));
	}

	void write(byte[] bytes) throws IOException {
		this.out.write(bytes);
		this.out.flush();
	}

	/**
	 * Wait, unless the client goes on or ends the connection.
	 */
	void pause(int millis) throws IOException {
		this.socket.setSoTimeout(millis);
		try {
			int next = this.in.read();
			if (next < 0) {
				throw new EOFException();
			}
			this.in.unread(next);
		}
		catch (SocketTimeoutException ex) {
			// as long as it was to take
		}
		finally {
			this.socket.setSoTimeout(IDLE_MILLIS);
		}
	}

	/**
	 * Let the client wait until it gives up.
	 */
	void keepSilent(int atMostMillis) throws IOException {
		this.socket.setSoTimeout(atMostMillis);
		InputStream in = this.in;
		try {
			while (in.read() >= 0) {
				// it has a body
			}
		}
		catch (SocketTimeoutException ex) {
			// it waits for longer
		}
	}

	void reset() throws IOException {
		this.transport.setSoLinger(true, 0);
		this.transport.close();
	}

	@Override
	public void close() throws IOException {
		this.transport.close();
	}

	/**
	 * A request's head.
	 */
	record Head(String method, String target, Map<String, String> fields) {

		boolean isChunked() {
			return "chunked".equalsIgnoreCase(this.fields.get("Transfer-Encoding"));
		}

		int length() {
			return Integer.parseInt(this.fields.getOrDefault("Content-Length", "0"));
		}

		boolean hasBody() {
			return isChunked() || length() > 0;
		}

		boolean expectsContinue() {
			return "100-continue".equalsIgnoreCase(this.fields.get("Expect"));
		}

		boolean saysClose() {
			return this.fields.getOrDefault("Connection", "").toLowerCase(Locale.ROOT).contains("close");
		}

	}

}
