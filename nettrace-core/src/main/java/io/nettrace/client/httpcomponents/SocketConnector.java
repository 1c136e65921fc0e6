package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketOption;
import java.time.Duration;

import io.nettrace.dial.Connector;
import jdk.net.ExtendedSocketOptions;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Opens sockets with the client's settings, as the library's own operator does.
 */
final class SocketConnector implements Connector<Socket> {

	private final @Nullable InetSocketAddress localAddress;

	private final SocketConfig config;

	SocketConnector(@Nullable InetSocketAddress localAddress, SocketConfig config) {
		this.localAddress = localAddress;
		this.config = config;
	}

	@Override
	public Socket open(InetSocketAddress address) throws IOException {
		Socket socket = new Socket();
		try {
			if (this.localAddress != null) {
				socket.bind(this.localAddress);
			}
			configure(socket);
			return socket;
		}
		catch (IOException | RuntimeException ex) {
			socket.close();
			throw ex;
		}
	}

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
		set(socket, ExtendedSocketOptions.TCP_KEEPIDLE, this.config.getTcpKeepIdle());
		set(socket, ExtendedSocketOptions.TCP_KEEPINTERVAL, this.config.getTcpKeepInterval());
		set(socket, ExtendedSocketOptions.TCP_KEEPCOUNT, this.config.getTcpKeepCount());
	}

	private static void set(Socket socket, SocketOption<Integer> option, int value) throws IOException {
		if (value > 0 && socket.supportedOptions().contains(option)) {
			socket.setOption(option, value);
		}
	}

	@Override
	public void connect(Socket socket, InetSocketAddress address, @Nullable Duration timeout) throws IOException {
		socket.connect(address, (timeout != null) ? toMillis(timeout) : 0);
	}

	/**
	 * Rounded up: 0 would mean for ever.
	 */
	private static int toMillis(Duration timeout) {
		return (int) Math.min(Integer.MAX_VALUE, timeout.plusNanos(999_999).toMillis());
	}

}
