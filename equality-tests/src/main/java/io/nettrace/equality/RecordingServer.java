package io.nettrace.equality;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A server on loopback that records what arrives on each connection.
 */
final class RecordingServer implements Closeable {

	private static final long SETTLE_MILLIS = 3000;

	private final String name;

	private final ServerSocket listener;

	private final Conversation conversation;

	private final List<Connection> connections = new ArrayList<>();

	private final Map<Integer, CountDownLatch> probes = new ConcurrentHashMap<>();

	private final CountDownLatch end = new CountDownLatch(1);

	private boolean counted;

	private boolean unreported;

	/**
	 * Start.
	 * @param name what the transcript calls it
	 * @param address a loopback address
	 * @param port the port, 0 for any
	 * @param conversation what it does
	 */
	RecordingServer(String name, String address, int port, Conversation conversation) throws IOException {
		this.name = name;
		this.listener = new ServerSocket(port, 200, InetAddress.getByName(address));
		this.conversation = conversation;
		start("accept", this::accept);
	}

	/**
	 * It varies which request comes on which connection, but not how many there are.
	 */
	RecordingServer counted() {
		this.counted = true;
		return this;
	}

	/**
	 * It varies whether anything arrives.
	 */
	RecordingServer unreported() {
		this.unreported = true;
		return this;
	}

	int port() {
		return this.listener.getLocalPort();
	}

	InetSocketAddress address() {
		return (InetSocketAddress) this.listener.getLocalSocketAddress();
	}

	String url(String host) {
		return "http://" + host + ":" + port();
	}

	private void accept() {
		try {
			while (true) {
				Socket socket = this.listener.accept();
				CountDownLatch probe = this.probes.remove(socket.getPort());
				if (probe != null) {
					probe.countDown();
					socket.close();
					continue;
				}
				Connection connection = new Connection(socket, this.end);
				synchronized (this.connections) {
					this.connections.add(connection);
				}
				start("server", () -> converse(connection));
			}
		}
		catch (IOException ex) {
			// closed
		}
	}

	private void converse(Connection connection) {
		try {
			this.conversation.on(connection);
		}
		catch (IOException ex) {
			// the client has gone
		}
		finally {
			try {
				connection.close();
			}
			catch (IOException ex) {
				// so it is
			}
		}
	}

	/**
	 * Wait until everything sent has arrived. The accept queue is first in, first out, so
	 * all connections made before a probe have been accepted once the probe is.
	 */
	private void settle() throws IOException {
		try (Socket probe = new Socket()) {
			probe.bind(null);
			CountDownLatch accepted = new CountDownLatch(1);
			this.probes.put(probe.getLocalPort(), accepted);
			probe.connect(this.listener.getLocalSocketAddress());
			accepted.await(SETTLE_MILLIS, TimeUnit.MILLISECONDS);
			long limit = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SETTLE_MILLIS);
			while (!isSettled() && System.nanoTime() < limit) {

				LockSupport.parkNanos(200_000);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private boolean isSettled() {
		return connections().stream().allMatch(Connection::isSettled);
	}

	private List<Connection> connections() {
		synchronized (this.connections) {
			return List.copyOf(this.connections);
		}
	}

	List<String> report() throws IOException {
		if (this.unreported) {
			return List.of();
		}
		settle();
		List<String> blocks = new ArrayList<>();
		for (Connection connection : connections()) {
			StringBuilder block = new StringBuilder(" from ").append(connection.peer().getHostAddress());
			connection.records().forEach((record) -> block.append("\n  ").append(record));
			blocks.add(block.toString());
		}
		List<String> lines = new ArrayList<>();
		lines.add("server " + this.name + ": " + blocks.size() + " connections");
		for (int i = 0; i < blocks.size() && !this.counted; i++) {
			lines.addAll(List.of((this.name + (i + 1) + blocks.get(i)).split("\n", -1)));
		}
		return lines;
	}

	private static void start(String name, Runnable task) {
		Thread thread = new Thread(task, "equality-" + name);
		thread.setDaemon(true);
		thread.start();
	}

	@Override
	public void close() throws IOException {
		this.end.countDown();
		this.listener.close();
		for (Connection connection : connections()) {
			connection.close();
		}
	}

}
