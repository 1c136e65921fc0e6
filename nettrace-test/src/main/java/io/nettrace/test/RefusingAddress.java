package io.nettrace.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * An address and port where every connect is refused. The port is bound without listening
 * until {@link #close()}, so that no other process can start to accept there.
 */
public final class RefusingAddress implements AutoCloseable {

	private final Socket bound;

	private RefusingAddress(Socket bound) {
		this.bound = bound;
	}

	/**
	 * Reserve any free port of 127.0.0.1.
	 * @return the address that refuses
	 */
	public static RefusingAddress open() {
		return open("127.0.0.1", 0);
	}

	/**
	 * Reserve a port.
	 * @param literal a loopback address in text form
	 * @param port the port, 0 for any free one
	 * @return the address that refuses
	 */
	public static RefusingAddress open(String literal, int port) {
		try {
			InetSocketAddress address = new InetSocketAddress(IpAddress.of(literal), port);
			return new RefusingAddress(BusyPort.await(() -> bound(address)));
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot bind " + literal + " port " + port, ex);
		}
	}

	private static Socket bound(InetSocketAddress address) throws IOException {
		Socket socket = new Socket();
		try {
			socket.setReuseAddress(true);
			socket.bind(address);
			return socket;
		}
		catch (IOException ex) {
			socket.close();
			throw ex;
		}
	}

	/**
	 * Return the address.
	 * @return address and port
	 */
	public InetSocketAddress address() {
		return (InetSocketAddress) this.bound.getLocalSocketAddress();
	}

	/**
	 * Give the port back.
	 */
	@Override
	public void close() {
		try {
			this.bound.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
