package io.nettrace.autoconfigure;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

/**
 * An HTTP proxy that looks up nothing: for any {@code CONNECT} it opens a tunnel to one
 * server, or refuses. It answers every other request with 204.
 */
final class LoopbackProxy implements AutoCloseable {

	private final ServerSocket listener;

	private final @Nullable InetSocketAddress server;

	private LoopbackProxy(ServerSocket listener, @Nullable InetSocketAddress server) {
		this.listener = listener;
		this.server = server;
		inBackground(this::accept);
	}

	/**
	 * Start a proxy that refuses to tunnel.
	 */
	static LoopbackProxy start(String literal) {
		return start(literal, null);
	}

	/**
	 * Start a proxy that tunnels to a server.
	 */
	static LoopbackProxy start(String literal, @Nullable InetSocketAddress server) {
		try {
			return new LoopbackProxy(new ServerSocket(0, 50, InetAddress.getByName(literal)), server);
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

	private void serve(Socket socket) {
		try (socket;
				BufferedReader reader = new BufferedReader(
						new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1), 1)) {
			String request = reader.readLine();
			while (request != null) {
				String header = reader.readLine();
				while (header != null && !header.isEmpty()) {
					header = reader.readLine();
				}
				if (!request.startsWith("CONNECT ")) {
					answer(socket, "204 No Content");
				}
				else if (this.server != null) {
					tunnel(socket, this.server);
					return;
				}
				else {
					answer(socket, "403 Forbidden");
				}
				request = reader.readLine();
			}
		}
		catch (IOException gone) {
			// the client has gone
		}
	}

	private static void answer(Socket socket, String status) throws IOException {
		socket.getOutputStream()
			.write(("HTTP/1.1 " + status + "\r\n" + (status.startsWith("204") ? "" : "Content-Length: 0\r\n") + "\r\n")
				.getBytes(StandardCharsets.ISO_8859_1));
	}

	/**
	 * The client sends nothing before it has the answer, so the reader holds none of its
	 * bytes.
	 */
	private static void tunnel(Socket client, InetSocketAddress address) throws IOException {
		try (Socket server = new Socket(address.getAddress(), address.getPort())) {
			client.getOutputStream().write("HTTP/1.1 200 Connected\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
			inBackground(() -> pass(server, client));
			pass(client, server);
		}
	}

	private static void pass(Socket from, Socket to) {
		try (to) {
			from.getInputStream().transferTo(to.getOutputStream());
		}
		catch (IOException gone) {
			// one side has gone
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
