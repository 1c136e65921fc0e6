package io.nettrace.client;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/**
 * Addresses of one host: all with the same port, each with its own behaviour.
 */
public final class LoopbackAddresses implements AutoCloseable {

	private static final int DROPPED_MILLIS = 250;

	private final List<Closeable> open = new ArrayList<>();

	// Once for each connection that waits to be accepted
	private final List<ServerSocket> waiting = new ArrayList<>();

	private int port;

	/**
	 * Return the port of all addresses.
	 * @return the port, 0 as long as there is no address
	 */
	public int port() {
		return this.port;
	}

	/**
	 * An address where connects succeed.
	 */
	public InetSocketAddress listening(String literal) throws IOException {
		return address(listen(literal, 50));
	}

	/**
	 * An address where connects are refused: bound by a socket that does not listen.
	 */
	public InetSocketAddress refusing(String literal) throws IOException {
		Socket socket = new Socket();
		this.open.add(socket);
		socket.bind(new InetSocketAddress(ip(literal), this.port));
		this.port = socket.getLocalPort();
		return new InetSocketAddress(ip(literal), this.port);
	}

	/**
	 * An address where connects get no answer: a listener whose backlog is full.
	 */
	public InetSocketAddress silent(String literal) throws IOException {
		ServerSocket listener = listen(literal, 1);
		while (true) {
			Socket filler = new Socket();
			this.open.add(filler);
			try {
				filler.connect(listener.getLocalSocketAddress(), DROPPED_MILLIS);
				this.waiting.add(listener);
			}
			catch (SocketTimeoutException full) {
				return address(listener);
			}
		}
	}

	/**
	 * Let those that were silent answer.
	 */
	public void answer() throws IOException {
		for (ServerSocket listener : this.waiting) {
			this.open.add(listener.accept());
		}
		this.waiting.clear();
	}

	/**
	 * Have the further addresses take the port of a listener.
	 * @param listener is of the test's own
	 */
	public void samePortAs(ServerSocket listener) {
		this.port = listener.getLocalPort();
	}

	private ServerSocket listen(String literal, int backlog) throws IOException {
		ServerSocket listener = new ServerSocket(this.port, backlog, ip(literal));
		this.open.add(listener);
		this.port = listener.getLocalPort();
		return listener;
	}

	private static InetSocketAddress address(ServerSocket listener) {
		return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
	}

	/**
	 * Without a name: a message shows the address alone.
	 */
	private static InetAddress ip(String literal) throws IOException {
		return InetAddress.getByName(literal);
	}

	@Override
	public void close() {
		for (Closeable each : this.open) {
			try {
				each.close();
			}
			catch (IOException ignored) {
				// The next test has a port of its own
			}
		}
	}

}
