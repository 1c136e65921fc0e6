package io.nettrace.equality;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

import javax.net.SocketFactory;

/**
 * Sockets with a local address. OkHttp connects them.
 */
final class BoundSockets extends SocketFactory {

	private final InetSocketAddress local;

	BoundSockets(InetSocketAddress local) {
		this.local = local;
	}

	@Override
	public Socket createSocket() throws IOException {
		Socket socket = new Socket();
		socket.bind(this.local);
		return socket;
	}

	@Override
	public Socket createSocket(String host, int port) {
		throw new UnsupportedOperationException();
	}

	@Override
	public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
		throw new UnsupportedOperationException();
	}

	@Override
	public Socket createSocket(InetAddress host, int port) {
		throw new UnsupportedOperationException();
	}

	@Override
	public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort) {
		throw new UnsupportedOperationException();
	}

}
