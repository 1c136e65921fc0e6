package io.nettrace.dial;

import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.nettrace.concurrent.Clock;
import org.jspecify.annotations.Nullable;

/**
 * Addresses that accept, refuse or drop in the time of a clock.
 */
public final class ScriptedNetwork implements Connector<ScriptedNetwork.ScriptedSocket> {

	private final Clock clock;

	private final Map<InetAddress, Behaviour> behaviours = new HashMap<>();

	private boolean ignoresInterrupts;

	private final List<ScriptedSocket> sockets = Collections.synchronizedList(new ArrayList<>());

	public ScriptedNetwork(Clock clock) {
		this.clock = clock;
	}

	/**
	 * Let an address accept connects.
	 * @param address the address
	 * @param delay how long that takes
	 * @return this network
	 */
	public ScriptedNetwork accept(InetAddress address, Duration delay) {
		this.behaviours.put(address, new Behaviour(delay, null));
		return this;
	}

	/**
	 * Let connects to an address fail.
	 * @param address the address
	 * @param delay how long that takes
	 * @param failure an {@link IOException} or unchecked
	 * @return this network
	 */
	public ScriptedNetwork fail(InetAddress address, Duration delay, Exception failure) {
		this.behaviours.put(address, new Behaviour(delay, failure));
		return this;
	}

	/**
	 * Let an address refuse connects.
	 * @param address the address
	 * @param delay how long that takes
	 * @return this network
	 */
	public ScriptedNetwork refuse(InetAddress address, Duration delay) {
		return fail(address, delay, new ConnectException("Connection refused"));
	}

	/**
	 * Let an address never answer.
	 * @param address the address
	 * @return this network
	 */
	public ScriptedNetwork drop(InetAddress address) {
		this.behaviours.put(address, new Behaviour(null, null));
		return this;
	}

	/**
	 * Let an interrupt end no connect, as with a {@link java.net.Socket} on a platform
	 * thread.
	 * @return this network
	 */
	public ScriptedNetwork ignoreInterrupts() {
		this.ignoresInterrupts = true;
		return this;
	}

	@Override
	public ScriptedSocket open(InetSocketAddress address) {
		ScriptedSocket socket = new ScriptedSocket(address, this.clock.mailbox());
		this.sockets.add(socket);
		return socket;
	}

	@Override
	public void connect(ScriptedSocket socket, InetSocketAddress address, @Nullable Duration timeout)
			throws IOException {
		Behaviour behaviour = this.behaviours.get(address.getAddress());
		if (behaviour == null) {
			throw new IllegalStateException("No behaviour is scripted for " + address);
		}
		boolean timesOut = timeout != null && (behaviour.delay == null || timeout.compareTo(behaviour.delay) < 0);
		if (isClosed(socket, this.clock.deadlineIn(timesOut ? timeout : behaviour.delay))) {
			throw new SocketException("Socket closed");
		}
		if (timesOut) {
			throw new SocketTimeoutException("Connect timed out");
		}
		if (behaviour.failure instanceof IOException failure) {
			throw failure;
		}
		if (behaviour.failure instanceof RuntimeException failure) {
			throw failure;
		}
	}

	private boolean isClosed(ScriptedSocket socket, long deadline) throws ClosedByInterruptException {
		boolean interrupted = false;
		try {
			while (true) {
				try {
					return socket.closed.poll(deadline) != null;
				}
				catch (InterruptedException ex) {
					interrupted = true;
					if (!this.ignoresInterrupts) {
						throw new ClosedByInterruptException();
					}
				}
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	/**
	 * Return the sockets that have not been closed.
	 * @return the sockets, in the order in which they were opened
	 */
	public List<ScriptedSocket> open() {
		synchronized (this.sockets) {
			return this.sockets.stream().filter((socket) -> !socket.isClosed()).toList();
		}
	}

	/**
	 * How an address behaves.
	 *
	 * @param delay when it answers, {@code null} for never
	 * @param failure what the answer is, {@code null} for a connection
	 */
	private record Behaviour(@Nullable Duration delay, @Nullable Exception failure) {
	}

	/**
	 * A connection, or an attempt at one.
	 */
	public static final class ScriptedSocket implements Closeable {

		private final InetSocketAddress address;

		private final Clock.Mailbox<Boolean> closed;

		private volatile boolean isClosed;

		private ScriptedSocket(InetSocketAddress address, Clock.Mailbox<Boolean> closed) {
			this.address = address;
			this.closed = closed;
		}

		public InetSocketAddress address() {
			return this.address;
		}

		public boolean isClosed() {
			return this.isClosed;
		}

		@Override
		public void close() {
			this.isClosed = true;
			this.closed.put(true);
		}

		@Override
		public String toString() {
			return "socket to " + this.address;
		}

	}

}
