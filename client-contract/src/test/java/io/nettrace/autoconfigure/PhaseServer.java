package io.nettrace.autoconfigure;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import javax.net.ServerSocketFactory;

/**
 * A server that takes a request through its phases one step at a time, and can misbehave.
 * It speaks HTTP/1.1 by hand. The path says what happens: {@code /held} answers when it
 * is released, {@code /body} sends half of the body before that; {@code /hints} sends 103
 * first, {@code /continue} 100; {@code /last} says {@code Connection: close},
 * {@code /goodbye} closes without a word, {@code /drop} without an answer, {@code /reset}
 * does so with a reset. {@code /status/}<i>n</i> has that status. It answers other paths
 * at once.
 */
final class PhaseServer implements AutoCloseable {

	private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n";

	private static final String STATUS = "/status/";

	private final ServerSocket listener;

	private final Script script;

	private final Set<Socket> open = ConcurrentHashMap.newKeySet();

	private final Semaphore held = new Semaphore(0);

	private final CountDownLatch release = new CountDownLatch(1);

	private PhaseServer(ServerSocketFactory sockets, String literal, Script script) {
		try {
			this.listener = sockets.createServerSocket();
			this.listener.bind(new InetSocketAddress(literal, 0), 100);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.script = script;
		inBackground(this::accept);
	}

	/**
	 * What happens on a connection, which is closed afterwards.
	 */
	interface Script {

		void serve(PhaseServer server, Socket socket) throws IOException, InterruptedException;

	}

	static PhaseServer start(String literal) {
		return start(ServerSocketFactory.getDefault(), literal);
	}

	static PhaseServer start(ServerSocketFactory sockets, String literal) {
		return new PhaseServer(sockets, literal, PhaseServer::talk);
	}

	/**
	 * Start a server that treats new connections in its own way.
	 */
	static PhaseServer start(String literal, Script script) {
		return new PhaseServer(ServerSocketFactory.getDefault(), literal, script);
	}

	private static void inBackground(Runnable task) {
		Thread thread = new Thread(task, "phase-server");
		thread.setDaemon(true);
		thread.start();
	}

	private void accept() {
		while (!this.listener.isClosed()) {
			try {
				Socket socket = this.listener.accept();
				this.open.add(socket);
				inBackground(() -> serve(socket));
			}
			catch (IOException closed) {
				return;
			}
		}
	}

	private void serve(Socket socket) {
		try (socket) {
			this.script.serve(this, socket);
		}
		catch (IOException gone) {
			// the client has gone
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			this.open.remove(socket);
		}
	}

	void talk(Socket socket) throws IOException, InterruptedException {
		BufferedReader in = new BufferedReader(
				new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
		String request = in.readLine();
		while (request != null && answer(request.split(" ", -1)[1], in, socket)) {
			request = in.readLine();
		}
	}

	/**
	 * Answer one request.
	 * @return whether there may be another one
	 */
	private boolean answer(String path, BufferedReader in, Socket socket) throws IOException, InterruptedException {
		int length = readHead(in);
		OutputStream out = socket.getOutputStream();
		switch (path) {
			case "/held" -> hold();
			case "/hints" -> send(out, "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n");
			case "/continue" -> {
				hold();
				send(out, "HTTP/1.1 100 Continue\r\n\r\n");
			}
			case "/drop" -> {
				return false;
			}
			case "/reset" -> {
				in.skip(length);
				socket.setSoLinger(true, 0);
				return false;
			}
			default -> {
				// answered at once
			}
		}
		in.skip(length);
		if (path.equals("/body")) {
			send(out, ANSWER + "\r\no");
			hold();
			send(out, "k");
		}
		else {
			send(out, answer(path) + (path.equals("/last") ? "Connection: close\r\n" : "") + "\r\nok");
		}
		return !path.equals("/last") && !path.equals("/goodbye");
	}

	private static String answer(String path) {
		return path.startsWith(STATUS) ? ANSWER.replace("200 OK", path.substring(STATUS.length())) : ANSWER;
	}

	/**
	 * Return how long the body is.
	 */
	private static int readHead(BufferedReader in) throws IOException {
		int length = 0;
		for (String header = in.readLine(); header != null && !header.isEmpty(); header = in.readLine()) {
			String[] nameAndValue = header.split(": ", 2);
			if (nameAndValue[0].equalsIgnoreCase("content-length")) {
				length = Integer.parseInt(nameAndValue[1]);
			}
		}
		return length;
	}

	private static void send(OutputStream out, String text) throws IOException {
		out.write(text.getBytes(StandardCharsets.ISO_8859_1));
		out.flush();
	}

	/**
	 * Keep the client waiting until {@link #release()}.
	 */
	void hold() throws InterruptedException {
		this.held.release();
		this.release.await();
	}

	/**
	 * Wait until one more client is kept waiting.
	 */
	void awaitHeld() throws InterruptedException {
		if (!this.held.tryAcquire(20, TimeUnit.SECONDS)) {
			throw new AssertionError("No request has come");
		}
	}

	void release() {
		this.release.countDown();
	}

	int port() {
		return this.listener.getLocalPort();
	}

	@Override
	public void close() {
		release();
		try {
			this.listener.close();
			for (Socket socket : this.open) {
				socket.close();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
