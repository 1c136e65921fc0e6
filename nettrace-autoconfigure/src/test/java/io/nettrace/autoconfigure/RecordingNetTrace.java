package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.nettrace.NetTrace;
import org.jspecify.annotations.Nullable;

/**
 * Keeps every call as text, and lets a test wait for the first connect to begin.
 */
final class RecordingNetTrace implements NetTrace {

	private final List<String> calls = new ArrayList<>();

	private final CountDownLatch connecting = new CountDownLatch(1);

	@Override
	public void dnsStart(String host) {
		add("dnsStart " + host);
	}

	@Override
	public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
		add("dnsDone " + addresses.stream().map(InetAddress::getHostAddress).toList() + " " + describe(error));
	}

	@Override
	public void connectStart(String network, SocketAddress address) {
		add("connectStart " + network + " " + describe(address));
		this.connecting.countDown();
	}

	@Override
	public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
		add("connectDone " + network + " " + describe(address) + " " + describe(error));
	}

	private static String describe(SocketAddress address) {
		return (address instanceof InetSocketAddress inet) ? inet.getAddress().getHostAddress() : address.toString();
	}

	private static String describe(@Nullable Throwable error) {
		return (error != null) ? error.getClass().getSimpleName() : "ok";
	}

	private synchronized void add(String call) {
		this.calls.add(call);
	}

	synchronized List<String> calls() {
		return List.copyOf(this.calls);
	}

	void awaitConnect() throws InterruptedException {
		if (!this.connecting.await(20, TimeUnit.SECONDS)) {
			throw new AssertionError("No connect has begun: " + calls());
		}
	}

}
