package io.nettrace;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Writes down what the hooks of one operation are told, and fails where a start has no
 * done or a done no start.
 */
public final class TraceRecorder implements NetTrace {

	private final List<String> events = Collections.synchronizedList(new ArrayList<>());

	private final List<Throwable> errors = Collections.synchronizedList(new ArrayList<>());

	private final List<Thread> threads = Collections.synchronizedList(new ArrayList<>());

	// Guarded by itself
	private final IdentityHashMap<Object, Integer> open = new IdentityHashMap<>();

	@Override
	public void dnsStart(String host) {
		open("dns", 1);
		add("dnsStart " + host);
	}

	@Override
	public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
		open("dns", -1);
		note(error);
		add("dnsDone " + addresses.stream().map(InetAddress::getHostAddress).toList() + (coalesced ? " coalesced" : "")
				+ text(error));
	}

	@Override
	public void connectStart(String network, SocketAddress address) {
		open(address, 1);
		add("connectStart " + network + " " + text(address));
	}

	@Override
	public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
		open(address, -1);
		note(error);
		add("connectDone " + network + " " + text(address) + text(error));
	}

	private void open(Object what, int change) {
		synchronized (this.open) {
			int count = this.open.merge(what, change, Integer::sum);
			if (count < 0) {
				throw new AssertionError("A done without a start");
			}
		}
	}

	private void add(String event) {
		this.threads.add(Thread.currentThread());
		this.events.add(event);
	}

	private void note(@Nullable Throwable error) {
		if (error != null) {
			this.errors.add(error);
		}
	}

	private static String text(@Nullable Throwable error) {
		return (error != null) ? " " + error.getClass().getSimpleName() : "";
	}

	private static String text(SocketAddress address) {
		InetSocketAddress inet = (InetSocketAddress) address;
		return inet.getAddress().getHostAddress() + " " + inet.getPort();
	}

	/**
	 * Return what was called so far; for the whole of an operation.
	 * @return the events
	 */
	public List<String> events() {
		synchronized (this.open) {
			if (this.open.values().stream().anyMatch((count) -> count != 0)) {
				throw new AssertionError("A start without a done: " + this.events);
			}
		}
		return List.copyOf(this.events);
	}

	/**
	 * Return the errors that the hooks were told.
	 * @return the errors, in calling order
	 */
	public List<Throwable> errors() {
		return List.copyOf(this.errors);
	}

	/**
	 * Return the threads that called.
	 * @return each of them once
	 */
	public List<Thread> threads() {
		synchronized (this.threads) {
			return this.threads.stream().distinct().toList();
		}
	}

}
