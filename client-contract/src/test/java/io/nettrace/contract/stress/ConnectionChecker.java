package io.nettrace.contract.stress;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

import io.nettrace.CloseInfo;
import io.nettrace.CloseReason;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionListener;

/**
 * Counts what is told of each connection. Nothing comes before it is opened, or after it
 * is closed.
 */
final class ConnectionChecker implements ConnectionListener {

	private final Violations violations;

	private final Library library;

	private final Map<Long, State> connections = new ConcurrentHashMap<>();

	private final Map<CloseReason, Integer> reasons = new ConcurrentSkipListMap<>();

	private final AtomicInteger opened = new AtomicInteger();

	private final AtomicInteger acquired = new AtomicInteger();

	private final AtomicInteger released = new AtomicInteger();

	private final AtomicInteger closed = new AtomicInteger();

	ConnectionChecker(Violations violations, Library library) {
		this.violations = violations;
		this.library = library;
	}

	@Override
	public void opened(ConnectionInfo connection) {
		this.opened.incrementAndGet();
		State state = new State();
		check(connection.pool().client().equals(this.library.client()), "a pool names its client", state, connection);
		state.last("opened", connection);
		check(this.connections.put(connection.id(), state) == null, "a connection is opened once", state, connection);
	}

	@Override
	public void acquired(ConnectionInfo connection) {
		this.acquired.incrementAndGet();
		State state = state(connection);
		synchronized (state) {
			state.active++;
			state.last("acquired", connection);
			check(!state.closed, "a connection is acquired after it was closed", state, connection);
			check(state.active == 1 || this.library.multiplexes(), "a connection of HTTP/1.1 has one exchange", state,
					connection);
		}
	}

	@Override
	public void released(ConnectionInfo connection) {
		this.released.incrementAndGet();
		State state = state(connection);
		synchronized (state) {
			state.active--;
			state.last("released", connection);
			check(!state.closed, "a connection is released after it was closed", state, connection);
			check(state.active == 0 || (this.library.multiplexes() && state.active > 0),
					"a connection is released once for each exchange", state, connection);
		}
	}

	@Override
	public void closed(ConnectionInfo connection, CloseInfo close) {
		this.closed.incrementAndGet();
		this.reasons.merge(close.reason(), 1, Integer::sum);
		State state = state(connection);
		synchronized (state) {
			check(!state.closed, "a connection is closed once", state, connection);
			check(state.active == 0, "a connection is released before it is closed", state, connection);
			state.closed = true;
		}
	}

	private State state(ConnectionInfo connection) {
		State state = this.connections.computeIfAbsent(connection.id(), (id) -> new State());
		check(!state.lastIfOpen().isEmpty() || state.isClosed(), "a connection is opened first", state, connection);
		return state;
	}

	private void check(boolean valid, String rule, State state, ConnectionInfo connection) {
		if (!valid) {
			this.violations.add(rule, text(connection) + " on " + Thread.currentThread().getName() + ", before: "
					+ state.last() + Failures.text(new Throwable("told here")));
		}
	}

	/**
	 * Without its certificates.
	 */
	static String text(ConnectionInfo connection) {
		return "connection " + connection.id() + " of " + connection.pool() + ", requests " + connection.requests()
				+ ", active " + connection.activeRequests() + ", idle " + connection.wasIdle() + " for "
				+ connection.idleTime() + ", age " + connection.age() + ", from " + connection.localAddress();
	}

	int countOpened() {
		return this.opened.get();
	}

	int countAcquired() {
		return this.acquired.get();
	}

	int countReleased() {
		return this.released.get();
	}

	/**
	 * What was told last of the connections that are open.
	 */
	List<String> lastOfOpen() {
		return this.connections.values().stream().map(State::lastIfOpen).filter((last) -> !last.isEmpty()).toList();
	}

	int countClosed() {
		return this.closed.get();
	}

	/**
	 * How many exchanges have connections.
	 */
	int active() {
		return this.connections.values().stream().mapToInt(State::active).sum();
	}

	Map<CloseReason, Integer> reasons() {
		return this.reasons;
	}

	private static final class State {

		private int active;

		private boolean closed;

		private String last = "";

		private synchronized void last(String event, ConnectionInfo connection) {
			this.last = text(connection) + ": " + event + " on " + Thread.currentThread().getName();
		}

		synchronized String last() {
			return this.last;
		}

		synchronized String lastIfOpen() {
			return this.closed ? "" : this.last;
		}

		synchronized boolean isClosed() {
			return this.closed;
		}

		synchronized int active() {
			return this.active;
		}

	}

}
