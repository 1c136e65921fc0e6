package io.nettrace.client.httpcomponents;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketOption;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.nettrace.dial.Connector;
import jdk.net.ExtendedSocketOptions;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Opens and connects the sockets of a race with the client's settings, as the library's
 * own operator does, and remembers which addresses have failed.
 */
final class SocketConnector implements Connector<SocketConnector.Attempt> {

	private final @Nullable InetSocketAddress localAddress;

	private final @Nullable Timeout connectTimeout;

	private final SocketConfig config;

	private final Map<InetSocketAddress, Throwable> failures = Collections.synchronizedMap(new IdentityHashMap<>());

	SocketConnector(@Nullable InetSocketAddress localAddress, @Nullable Timeout connectTimeout, SocketConfig config) {
		this.localAddress = localAddress;
		this.connectTimeout = connectTimeout;
		this.config = config;
	}

	@Override
	public Attempt open(InetSocketAddress address) throws IOException {
		Socket socket = new Socket();
		try {
			if (this.localAddress != null) {
				socket.bind(this.localAddress);
			}
			configure(socket);
			return new Attempt(socket, address);
		}
		catch (Throwable ex) {
			this.failures.put(address, ex);
			socket.close();
			throw ex;
		}
	}

	/**
	 * Set the options. The first one gives the socket its descriptor, without which its
	 * close would not end a connect that begins at that moment.
	 */
	private void configure(Socket socket) throws IOException {
		Timeout soTimeout = this.config.getSoTimeout();
		if (soTimeout != null) {
			socket.setSoTimeout(soTimeout.toMillisecondsIntBound());
		}
		if (this.config.getRcvBufSize() > 0) {
			socket.setReceiveBufferSize(this.config.getRcvBufSize());
		}
		if (this.config.getSndBufSize() > 0) {
			socket.setSendBufferSize(this.config.getSndBufSize());
		}
		int linger = this.config.getSoLinger().toMillisecondsIntBound();
		if (linger >= 0) {
			socket.setSoLinger(true, linger);
		}
		socket.setReuseAddress(this.config.isSoReuseAddress());
		socket.setTcpNoDelay(this.config.isTcpNoDelay());
		socket.setKeepAlive(this.config.isSoKeepAlive());
		KeepAlive.configure(socket, this.config);
	}

	@Override
	public void connect(Attempt attempt, InetSocketAddress address, @Nullable Duration timeout) throws IOException {
		try {
			attempt.socket.connect(address, shorter(timeout));
		}
		catch (Throwable ex) {
			if (!attempt.givenUp) {
				this.failures.put(address, ex);
			}
			throw ex;
		}
	}

	/**
	 * Return the connect timeout, which is each attempt's own, or what is left for the
	 * whole race: milliseconds, 0 for no limit.
	 */
	private int shorter(@Nullable Duration timeout) {
		Timeout each = this.connectTimeout;
		int millis = (each != null && TimeValue.isPositive(each)) ? each.toMillisecondsIntBound() : 0;
		if (timeout == null) {
			return millis;
		}
		int left = (int) Math.min(Integer.MAX_VALUE, timeout.plusNanos(999_999).toMillis());
		return (millis != 0) ? Math.min(millis, left) : left;
	}

	/**
	 * Note that an address which has connected is of no use all the same.
	 */
	void failed(Attempt attempt, IOException failure) {
		this.failures.put(attempt.address, failure);
	}

	/**
	 * Return the addresses that have not failed: not tried, or given up for another one.
	 */
	List<InetSocketAddress> notFailed(List<InetSocketAddress> addresses) {
		return addresses.stream().filter((address) -> !this.failures.containsKey(address)).toList();
	}

	/**
	 * Return why the last one of several addresses has failed, when all have.
	 */
	Throwable lastFailure(List<InetSocketAddress> addresses) {
		return Objects.requireNonNull(this.failures.get(addresses.get(addresses.size() - 1)));
	}

	/**
	 * Options of the module {@code jdk.net}, which an image may be without: a class of
	 * its own, whose methods look for them only if they are set.
	 */
	private static final class KeepAlive {

		private KeepAlive() {
		}

		static void configure(Socket socket, SocketConfig config) throws IOException {
			if (config.getTcpKeepIdle() > 0) {
				set(socket, ExtendedSocketOptions.TCP_KEEPIDLE, config.getTcpKeepIdle());
			}
			if (config.getTcpKeepInterval() > 0) {
				set(socket, ExtendedSocketOptions.TCP_KEEPINTERVAL, config.getTcpKeepInterval());
			}
			if (config.getTcpKeepCount() > 0) {
				set(socket, ExtendedSocketOptions.TCP_KEEPCOUNT, config.getTcpKeepCount());
			}
		}

		private static void set(Socket socket, SocketOption<Integer> option, int value) throws IOException {
			if (socket.supportedOptions().contains(option)) {
				socket.setOption(option, value);
			}
		}

	}

	/**
	 * A socket and the address that it is for.
	 */
	static final class Attempt implements Closeable {

		private final Socket socket;

		private final InetSocketAddress address;

		private volatile boolean givenUp;

		private Attempt(Socket socket, InetSocketAddress address) {
			this.socket = socket;
			this.address = address;
		}

		Socket socket() {
			return this.socket;
		}

		@Override
		public void close() throws IOException {
			this.givenUp = true;
			this.socket.close();
		}

	}

}
