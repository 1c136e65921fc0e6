package io.nettrace.client;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Answers no connect before it is told to; then it passes everything on. The kernel of
 * the client asks again after a second.
 */
public final class SlowAddress implements Closeable {

	private static final int DROPPED_MILLIS = 250;

	private final ServerSocket listener;

	private final List<Closeable> open = new CopyOnWriteArrayList<>();

	private final List<Integer> fillers = new ArrayList<>();

	private final int target;

	private final AtomicInteger accepted = new AtomicInteger();

	private SlowAddress(ServerSocket listener, int target) {
		this.listener = listener;
		this.open.add(listener);
		this.target = target;
	}

	/**
	 * Make an address slow.
	 * @param addresses the addresses of the same host, which get its port
	 * @param literal the address
	 * @param target the port on 127.0.0.1 that everything is passed on to
	 * @return the address, to be closed
	 */
	public static SlowAddress open(LoopbackAddresses addresses, String literal, int target) throws IOException {
		SlowAddress address = new SlowAddress(new ServerSocket(addresses.port(), 1, InetAddress.getByName(literal)),
				target);
		address.fill();
		addresses.samePortAs(address.listener);
		return address;
	}

	private void fill() throws IOException {
		while (true) {
			Socket filler = new Socket();
			this.open.add(filler);
			try {
				filler.connect(this.listener.getLocalSocketAddress(), DROPPED_MILLIS);
				this.fillers.add(filler.getLocalPort());
			}
			catch (SocketTimeoutException full) {
				filler.close();
				return;
			}
		}
	}

	/**
	 * Answer from now on.
	 */
	public void answer() {
		daemon(() -> {
			while (true) {
				Socket client = this.listener.accept();
				this.open.add(client);
				if (!this.fillers.contains(client.getPort())) {
					this.accepted.incrementAndGet();
					Socket server = new Socket(InetAddress.getByName("127.0.0.1"), this.target);
					daemon(() -> pass(client, server));
					daemon(() -> pass(server, client));
				}
			}
		});
	}

	/**
	 * Return how many connections have been passed on.
	 * @return the number
	 */
	public int accepted() {
		return this.accepted.get();
	}

	private static void pass(Socket from, Socket to) throws IOException {
		try (from; to; InputStream in = from.getInputStream()) {
			in.transferTo(to.getOutputStream());
		}
	}

	private static void daemon(Task task) {
		Thread thread = new Thread(() -> {
			try {
				task.run();
			}
			catch (IOException ignored) {
				// the test is over
			}
		});
		thread.setDaemon(true);
		thread.start();
	}

	@Override
	public void close() throws IOException {
		for (Closeable each : this.open) {
			each.close();
		}
	}

	@FunctionalInterface
	private interface Task {

		void run() throws IOException;

	}

}
