package io.nettrace.dial;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Makes and connects the sockets of a dial. Its methods are called by the thread that
 * dials, or by several threads at once when addresses race.
 *
 * @param <C> the type of the sockets. {@link Closeable#close()} may be called by any
 * thread, several times, and must make a {@link #connect} that waits, or is only about
 * to, return at once. A {@link java.net.Socket} does so from when it has a descriptor,
 * which it gets with its first option
 */
public interface Connector<C extends Closeable> {

	/**
	 * Open a socket for one attempt; must not wait.
	 * @param address the address that it will be connected to
	 * @return the socket, not yet connected; the dialer closes it unless it is the one
	 * that the dial returns
	 * @throws IOException if no socket can be made
	 */
	C open(InetSocketAddress address) throws IOException;

	/**
	 * Connect a socket, and wait until it is connected.
	 * @param socket the socket
	 * @param address what to connect to
	 * @param timeout when to give up, more than zero, or {@code null} for when the system
	 * gives up
	 * @throws java.net.SocketTimeoutException if the timeout has passed
	 * @throws IOException if the socket cannot be connected, or was closed meanwhile
	 */
	void connect(C socket, InetSocketAddress address, @Nullable Duration timeout) throws IOException;

}
