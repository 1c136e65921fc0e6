package io.nettrace.autoconfigure;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * An HTTP proxy that looks up nothing: it tunnels ({@code CONNECT}) to itself and answers
 * every other request with 204.
 */
final class LoopbackProxy implements AutoCloseable {

	private final ServerSocket listener;

	private LoopbackProxy(ServerSocket listener) {
		this.listener = listener;
		inBackground(this::accept);
	}

	static LoopbackProxy start(String literal) {
		try {
			return new LoopbackProxy(new ServerSocket(0, 50, InetAddress.getByName(literal)));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void inBackground(Runnable task) {
		Thread thread = new Thread(task, "loopback-proxy");
		thread.setDaemon(true);
		thread.start();
	}

	private void accept() {
		while (!this.listener.isClosed()) {
			try {
				Socket socket = this.listener.accept();
				inBackground(() -> serve(socket));
			}
			catch (IOException closed) {
				return;
			}
		}
	}

	private static void serve(Socket socket) {
		try (socket;
				BufferedReader reader = new BufferedReader(
						new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1))) {
			String request = reader.readLine();
			while (request != null) {
				String header = reader.readLine();
				while (header != null && !header.isEmpty()) {
					header = reader.readLine();
				}
				String status = request.startsWith("CONNECT ") ? "200 Connected" : "204 No Content";
				socket.getOutputStream()
					.write(("HTTP/1.1 " + status + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
				request = reader.readLine();
			}
		}
		catch (IOException gone) {
			// the client is through
		}
	}

	int port() {
		return this.listener.getLocalPort();
	}

	@Override
	public void close() {
		try {
			this.listener.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
