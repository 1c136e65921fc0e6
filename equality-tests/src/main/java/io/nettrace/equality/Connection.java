package io.nettrace.equality;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * A server's end of a connection, and the bytes that arrived.
 */
final class Connection {

	private final Socket socket;

	private final CountDownLatch end;

	private final List<String> records = new ArrayList<>();

	private OutputStream out;

	private InputStream decoded;

	private volatile boolean waiting;

	private volatile boolean closeAwaited;

	private volatile boolean over;

	/**
	 * Take a connection.
	 * @param socket the connection
	 * @param end is released when the scenario ends
	 */
	Connection(Socket socket, CountDownLatch end) throws IOException {
		this.socket = socket;
		this.end = end;
		this.decoded = new WatchedInput(socket.getInputStream());
		this.out = socket.getOutputStream();
	}

	InetAddress peer() {
		return this.socket.getInetAddress();
	}

	InputStream in() {
		return this.decoded;
	}

	OutputStream out() {
		return this.out;
	}

	synchronized void record(String line) {
		this.records.add(Transcript.escape(line));
	}

	synchronized List<String> records() {
		return List.copyOf(this.records);
	}

	/**
	 * Do the server's part of a TLS handshake, and continue over TLS.
	 * @return whether it succeeded
	 */
	boolean secure(SSLContext context) throws IOException {
		SSLSocket secured = (SSLSocket) context.getSocketFactory()
			.createSocket(this.socket, peer().getHostAddress(), this.socket.getPort(), false);
		secured.setUseClientMode(false);
		secured.setWantClientAuth(true);
		try {
			secured.startHandshake();
		}
		catch (IOException ex) {
			// the client's alert may or may not be read before its reset
			record("TLS handshake failed");
			end();
			return false;
		}
		ExtendedSSLSession session = (ExtendedSSLSession) secured.getSession();
		record("TLS " + session.getProtocol() + " " + session.getCipherSuite() + " for "
				+ session.getRequestedServerNames());
		this.decoded = new WatchedInput(secured.getInputStream());
		this.out = secured.getOutputStream();
		return true;
	}

	/**
	 * Send nothing more until the scenario ends.
	 */
	void hold() {
		this.over = true;
		try {
			this.end.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Send nothing more until the client has closed the connection.
	 */
	void holdUntilClosed() {
		this.closeAwaited = true;
		try {
			record((this.decoded.read() < 0) ? "closed by the client" : "more than was asked for");
		}
		catch (IOException ex) {
			record("closed by the client");
		}
		this.closeAwaited = false;
	}

	/**
	 * Close cleanly: read what has arrived, so that the client sees an end and not a
	 * reset.
	 */
	void end() {
		this.over = true;
		try {
			this.socket.shutdownOutput();
			this.socket.getInputStream().transferTo(OutputStream.nullOutputStream());
		}
		catch (IOException ex) {
			// the client has gone
		}
	}

	/**
	 * Copy bytes between this connection and another server until either ends.
	 */
	void tunnel(InetSocketAddress target) throws IOException {
		try (Socket other = new Socket(target.getAddress(), target.getPort())) {
			Thread back = new Thread(() -> copy(other), "tunnel");
			back.setDaemon(true);
			back.start();
			this.decoded.transferTo(other.getOutputStream());
			other.shutdownOutput();
			back.join();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void copy(Socket other) {
		try {
			other.getInputStream().transferTo(this.out);
			this.socket.shutdownOutput();
		}
		catch (IOException ex) {
			// the client has gone
		}
	}

	void reset() throws IOException {
		this.socket.setSoLinger(true, 0);
		this.socket.close();
	}

	void close() throws IOException {
		this.socket.close();
	}

	/**
	 * Whether everything the client has sent was read, or nothing more will be read.
	 */
	boolean isSettled() {
		try {
			return this.over || this.socket.isClosed()
					|| (!this.closeAwaited && this.waiting && this.socket.getInputStream().available() == 0);
		}
		catch (IOException ex) {
			return true;
		}
	}

	/**
	 * Tells when the reader has caught up.
	 */
	private final class WatchedInput extends InputStream {

		private final InputStream delegate;

		WatchedInput(InputStream delegate) {
			this.delegate = delegate;
		}

		@Override
		public int read() throws IOException {
			Connection.this.waiting = true;
			int read = this.delegate.read();
			Connection.this.waiting = false;
			return read;
		}

		@Override
		public int read(byte[] bytes, int offset, int length) throws IOException {
			Connection.this.waiting = true;
			int read = this.delegate.read(bytes, offset, length);
			Connection.this.waiting = false;
			return read;
		}

		@Override
		public int available() throws IOException {
			return this.delegate.available();
		}

	}

}
