package io.nettrace.client.jetty;

import java.net.SocketAddress;

import io.nettrace.NetTrace;
import io.nettrace.instrument.NetTraceAddress;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to connect. There is one for each address that Jetty tries.
 *
 * @param dial the dial that the attempt belongs to, {@code null} for a Unix domain socket
 * @param trace whose hooks are called
 * @param network {@code tcp} or {@code unix}
 * @param address where to
 */
record ConnectAttempt(@Nullable DialTrace dial, NetTrace trace, String network, SocketAddress address) {

	/**
	 * Return the attempt at an address that a traced lookup has answered.
	 * @return the attempt, {@code null} if the address carries no trace, or none any more
	 * because the attempt is over
	 */
	static @Nullable ConnectAttempt of(@Nullable SocketAddress address) {
		if (address != null && NetTraceAddress.traceOf(address) instanceof DialTrace dial) {
			return new ConnectAttempt(dial, dial.current(), "tcp", address);
		}
		return null;
	}

	void start() {
		this.trace.connectStart(this.network, this.address);
	}

	/**
	 * The attempt has failed before there was anything that connects.
	 */
	void startAndFail(Throwable failure) {
		try {
			start();
		}
		finally {
			done(failure);
		}
	}

	/**
	 * The attempt is over.
	 */
	void done(@Nullable Throwable failure) {
		NetTraceAddress.release(this.address);
		if (failure == null && this.dial != null) {
			this.dial.connected();
		}
		this.trace.connectDone(this.network, this.address, failure);
	}

}
