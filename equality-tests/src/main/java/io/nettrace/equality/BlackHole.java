package io.nettrace.equality;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/**
 * A listener that never accepts and whose backlog is full, so that Linux drops each
 * further SYN.
 */
final class BlackHole implements Closeable {

	private static final int DROPPED_MILLIS = 300;

	private static final int MOST_FILLERS = 64;

	private final ServerSocket listener;

	private final List<Socket> fillers = new ArrayList<>();

	BlackHole(String address, int port) throws IOException {
		this.listener = new ServerSocket(port, 1, InetAddress.getByName(address));
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

	int port() {
		return this.listener.getLocalPort();
	}

	@Override
	public void close() throws IOException {
		for (Socket filler : this.fillers) {
			filler.close();
		}
		this.listener.close();
	}

}
