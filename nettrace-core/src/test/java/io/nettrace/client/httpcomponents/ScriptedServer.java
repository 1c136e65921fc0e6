package io.nettrace.client.httpcomponents;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import javax.net.ServerSocketFactory;

import org.jspecify.annotations.Nullable;

/**
 * Answers each request on a connection as its path says, with bytes that no library has
 * touched.
 */
final class ScriptedServer implements Closeable {

	private static final String CHALLENGE = """
			HTTP/1.1 407 Proxy Authentication Required\r
			Proxy-Authenticate: Basic realm=proxy\r
			Content-Length: 0\r
			\r
			""";

	private static final String REFUSED = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";

	private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

	private final ServerSocket listening;

	private final List<Socket> connections = new CopyOnWriteArrayList<>();

	private final CountDownLatch later = new CountDownLatch(1);

	private volatile @Nullable Runnable beforeReset;

	private volatile boolean closed;

	private ScriptedServer(ServerSocket listening) {
		this.listening = listening;
	}

	static ScriptedServer start() throws IOException {
		return start(ServerSocketFactory.getDefault());
	}

	static ScriptedServer start(ServerSocketFactory factory) throws IOException {
		return start(factory, InetAddress.getLoopbackAddress(), 0);
	}

	static ScriptedServer start(ServerSocketFactory factory, InetAddress address, int port) throws IOException {
		ScriptedServer server = new ScriptedServer(factory.createServerSocket(port, 50, address));
		start(server::accept);
		return server;
	}

	int port() {
		return this.listening.getLocalPort();
	}

	String url(String path) {
		return "http://localhost:" + port() + path;
	}

	private static void start(Runnable work) {
		Thread thread = new Thread(work, "scripted-server");
		thread.setDaemon(true);
		thread.start();
	}

	private void accept() {
		while (!this.closed) {
			try {
				Socket socket = this.listening.accept();
				this.connections.add(socket);
				start(() -> serve(socket));
			}
			catch (IOException ex) {
				if (!this.closed) {
					throw new UncheckedIOException(ex);
				}
			}
		}
	}

	private void serve(Socket socket) {
		try (socket) {
			boolean goesOn = true;
			while (goesOn) {
				String head = readHead(socket.getInputStream());
				goesOn = head != null && answer(socket, head);
			}
		}
		catch (IOException ex) {
			// the client's fault, or the test's intention
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

	private boolean answer(Socket socket, String head) throws IOException {
		String[] requestLine = head.split(" ", 3);
		String path = requestLine[0].equals("CONNECT") ? "CONNECT" : requestLine[1];
		switch (path) {
			case "/continue" -> {
				write(socket, "HTTP/1.1 100 Continue\r\n\r\n");
				readBody(socket, head);
				write(socket, OK);
			}
			case "/refuse-body" -> {
				write(socket, "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
				return false;
			}
			case "/hints" -> write(socket, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK);
			case "/empty" -> write(socket, "HTTP/1.1 204 No Content\r\n\r\n");
			case "/redirect" -> write(socket, "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 2\r\n\r\nhi");
			case "/close" -> {
				write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
				return false;
			}
			case "/cut" -> {
				write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhi");
				return false;
			}
			case "/http-1.0" -> {
				write(socket, "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi");
				return false;
			}
			case "/until-close" -> {
				write(socket, "HTTP/1.1 200 OK\r\n\r\nhi");
				return false;
			}
			case "/keep-briefly" ->
				write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: timeout=1\r\n\r\nhi");
			case "/cut-in-head" -> {
				write(socket, "HTTP/1.1 200 OK\r\nContent-Le");
				return false;
			}
			case "/stuck" -> write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhi");
			case "/stuck-chunks" -> write(socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhi");
			case "/trailers" ->
				write(socket, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nsum: 42\r\n\r\n");
			case "/nothing" -> {
				return false;
			}
			case "/reset" -> {
				socket.setSoLinger(true, 0);
				return false;
			}
			case "/unread" -> awaitLater();
			case "/later" -> {
				awaitLater();
				write(socket, OK);
			}
			case "/early" -> {
				write(socket, OK);
				awaitLater();
				return false;
			}
			case "/mute" -> {
				return true;
			}
			case "CONNECT" -> {
				Runnable before = this.beforeReset;
				if (before != null) {
					before.run();
					socket.setSoLinger(true, 0);
					return false;
				}
				if (head.contains("Proxy-Authorization") || requestLine[1].startsWith("localhost")) {
					write(socket, "HTTP/1.1 200 Connected\r\n\r\n");
					tunnel(socket, requestLine[1]);
					return false;
				}
				if (requestLine[1].startsWith("once-secret")) {
					write(socket, CHALLENGE.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
					return false;
				}
				if (requestLine[1].startsWith("mute")) {
					return true;
				}
				write(socket, requestLine[1].startsWith("secret") ? CHALLENGE : REFUSED);
			}
			default -> {
				readBody(socket, head);
				write(socket, OK);
			}
		}
		return true;
	}

	private void awaitLater() throws IOException {
		try {
			this.later.await();
		}
		catch (InterruptedException ex) {
			throw new IOException(ex);
		}
	}

	/**
	 * Answer the requests that were sent to {@code /later}. The connection of one to
	 * {@code /early}, which has been answered before its body was read, is closed.
	 */
	void answerLater() {
		this.later.countDown();
	}

	/**
	 * Close the connections, but not the server.
	 */
	void closeConnections() throws IOException {
		for (Socket each : this.connections) {
			each.close();
		}
	}

	/**
	 * Reset the connections, but go on to listen.
	 */
	void resetConnections() throws IOException {
		for (Socket each : this.connections) {
			try (each) {
				each.setSoLinger(true, 0);
			}
			catch (SocketException closed) {
				// the client has closed it
			}
		}
	}

	/**
	 * Reset the connections on which a tunnel is asked for.
	 * @param before what to do before
	 */
	void resetTunnels(Runnable before) {
		this.beforeReset = before;
	}

	/**
	 * Whether a client has connected.
	 */
	boolean isConnected() {
		return !this.connections.isEmpty();
	}

	private void tunnel(Socket client, String authority) throws IOException {
		int port = Integer.parseInt(authority.substring(authority.lastIndexOf(':') + 1));
		Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
		this.connections.add(server);
		start(() -> copy(server, client));
		copy(client, server);
	}

	private static void copy(Socket from, Socket to) {
		try (from; to) {
			from.getInputStream().transferTo(to.getOutputStream());
		}
		catch (IOException ex) {
			// either side has ended
		}
	}

	private static void readBody(Socket socket, String head) throws IOException {
		for (String line : head.lines().toList()) {
			if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
				socket.getInputStream().readNBytes(Integer.parseInt(line.substring(15).trim()));
			}
		}
	}

	private static void write(Socket socket, String text) throws IOException {
		socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
		socket.getOutputStream().flush();
	}

	@Override
	public void close() throws IOException {
		this.closed = true;
		answerLater();
		this.listening.close();
		closeConnections();
	}

}
