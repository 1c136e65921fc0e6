package io.nettrace.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/**
 * An address and port where a connect gets no answer at all, as behind a firewall that
 * drops packets. It is a listener that never accepts and whose backlog is full: Linux
 * then drops each further SYN. The backlog stays full until {@link #close()}, whatever
 * becomes of the connections in it.
 */
public final class BlackHole implements AutoCloseable {

	// A connect over loopback that has not succeeded by then has been dropped
	private static final int DROPPED_MILLIS = 250;

	private static final int BACKLOG = 1;

	private static final int MOST_FILLERS = 64;

	private final ServerSocket listener;

	private final List<Socket> fillers = new ArrayList<>();

	private BlackHole(ServerSocket listener) {
		this.listener = listener;
	}

	/**
	 * Open a black hole on any free port of 127.0.0.1.
	 * @return the black hole, full already
	 */
	public static BlackHole open() {
		return open("127.0.0.1", 0);
	}

	/**
	 * Open a black hole.
	 * @param literal a loopback address in text form
	 * @param port the port, 0 for any free one
	 * @return the black hole, full already
	 */
	public static BlackHole open(String literal, int port) {
		try {
			InetAddress address = IpAddress.of(literal);
			BlackHole hole = new BlackHole(BusyPort.await(() -> new ServerSocket(port, BACKLOG, address)));
			hole.fill();
			return hole;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot make a black hole of " + literal + " port " + port, ex);
		}
	}

	private void fill() throws IOException {
		while (this.fillers.size() < MOST_FILLERS) {
			Socket filler = new Socket();
			this.fillers.add(filler);
			try {
				filler.connect(this.listener.getLocalSocketAddress(), DROPPED_MILLIS);
			}
			catch (SocketTimeoutException full) {
				return;
			}
		}
		close();
		throw new IOException("The backlog does not fill up; this needs Linux");
	}

	/**
	 * Return the address.
	 * @return address and port
	 */
	public InetSocketAddress address() {
		return (InetSocketAddress) this.listener.getLocalSocketAddress();
	}

	/**
	 * Give the port back.
	 */
	@Override
	public void close() {
		try {
			for (Socket filler : this.fillers) {
				filler.close();
			}
			this.listener.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
