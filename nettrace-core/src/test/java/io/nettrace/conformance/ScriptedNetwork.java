package io.nettrace.conformance;

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
import java.util.List;
import java.util.Map;

import io.nettrace.concurrent.Clock;
import io.nettrace.dial.Connector;
import org.jspecify.annotations.Nullable;

/**
 * Addresses that accept, refuse or drop in virtual time.
 */
final class ScriptedNetwork implements Connector<ScriptedNetwork.ScriptedSocket> {

	private final Clock clock;

	private final Map<InetAddress, Scenario.Behaviour> behaviours;

	private final List<ScriptedSocket> sockets = Collections.synchronizedList(new ArrayList<>());

	ScriptedNetwork(Clock clock, Map<InetAddress, Scenario.Behaviour> behaviours) {
		this.clock = clock;
		this.behaviours = behaviours;
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
		Scenario.Behaviour behaviour = this.behaviours.get(address.getAddress());
		if (behaviour == null) {
			throw new IllegalStateException("The scenario does not say how " + address + " behaves");
		}
		boolean drops = behaviour.connect().equals("drop");
		boolean timesOut = timeout != null && (drops || timeout.compareTo(behaviour.delay()) < 0);
		Duration wait = timesOut ? timeout : drops ? null : behaviour.delay();
		try {
			if (socket.closed.poll(this.clock.deadlineIn(wait)) != null) {
				throw new SocketException("Socket closed");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new ClosedByInterruptException();
		}
		if (timesOut) {
			throw new SocketTimeoutException("Connect timed out");
		}
		if (behaviour.connect().equals("refuse")) {
			throw new ConnectException("Connection refused");
		}
	}

	/**
	 * Return the sockets that nobody has closed.
	 */
	List<ScriptedSocket> open() {
		return this.sockets.stream().filter((socket) -> !socket.isClosed()).toList();
	}

	static final class ScriptedSocket implements Closeable {

		private final InetSocketAddress address;

		private final Clock.Mailbox<Boolean> closed;

		private volatile boolean isClosed;

		ScriptedSocket(InetSocketAddress address, Clock.Mailbox<Boolean> closed) {
			this.address = address;
			this.closed = closed;
		}

		InetSocketAddress address() {
			return this.address;
		}

		boolean isClosed() {
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
