package io.nettrace.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A server that misbehaves as no web server would, with a thread for each connection.
 */
abstract class SocketServer implements AutoCloseable {

	private static final int BACKLOG = 50;

	private final ServerSocket listener;

	private final Set<Socket> open = ConcurrentHashMap.newKeySet();

	SocketServer(ServerSocket listener) {
		this.listener = listener;
	}

	static ServerSocket listen(String literal) {
		try {
			return new ServerSocket(0, BACKLOG, InetAddress.getByName(literal));
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot listen on " + literal, ex);
		}
	}

	static <S extends SocketServer> S started(S server) {
		SocketServer any = server;
		run(any::accept);
		return server;
	}

	private static void run(Runnable task) {
		Thread thread = new Thread(task, "demo-server");
		thread.setDaemon(true);
		thread.start();
	}

	private void accept() {
		while (!this.listener.isClosed()) {
			try {
				Socket socket = this.listener.accept();
				this.open.add(socket);
				run(() -> serveAndClose(socket));
			}
			catch (IOException closed) {
				// the loop ends if the listener is closed
			}
		}
	}

	private void serveAndClose(Socket socket) {
		try (socket) {
			serve(socket);
		}
		catch (IOException gone) {
			// the client has gone
		}
		finally {
			this.open.remove(socket);
		}
	}

	/**
	 * Serve a connection, which is closed afterwards.
	 * @param socket the connection
	 * @throws IOException if the client has gone
	 */
	abstract void serve(Socket socket) throws IOException;

	int port() {
		return this.listener.getLocalPort();
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		for (Socket socket : this.open) {
			socket.close();
		}
	}

}
