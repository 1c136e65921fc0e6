package io.nettrace.client.jetty;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SelectableChannel;
import java.util.Map;

import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;

/**
 * Shows what Jetty does not tell its listeners of: the attempts of a connection for which
 * no socket can be made, because no descriptor is left, for one; and why a proxy has not
 * connected.
 */
final class TracedTransport extends Transport.Wrapper {

	private final @Nullable DialTrace dial;

	private volatile @Nullable SocketAddress connecting;

	private TracedTransport(Transport transport, @Nullable DialTrace dial) {
		super(transport);
		this.dial = dial;
	}

	/**
	 * Trace a connection, if it is one over TCP.
	 * @param context what Jetty knows of the connection
	 * @param dial the dial that sets it up, {@code null} if nothing listens
	 */
	static void addTo(Map<String, Object> context, @Nullable DialTrace dial) {
		context.computeIfPresent(Transport.CONTEXT_KEY,
				(key, transport) -> isTcp(transport) ? new TracedTransport((Transport) transport, dial) : transport);
	}

	/**
	 * Return a transport that traces one connection over TCP.
	 * @param transport Jetty's own
	 * @param dial the dial that sets it up, {@code null} if nothing listens
	 */
	static Transport around(Transport transport, @Nullable DialTrace dial) {
		return (dial != null) ? new TracedTransport(transport, dial) : transport;
	}

	private static boolean isTcp(Object transport) {
		return ((transport instanceof Transport.Wrapper wrapper) ? wrapper.unwrap()
				: transport) instanceof Transport.TCPIP;
	}

	@Override
	public void connect(SocketAddress socketAddress, Map<String, Object> context) {
		this.connecting = socketAddress;
		DialTrace dial = this.dial;
		if (dial != null) {
			context.computeIfPresent(Connection.PROMISE_CONTEXT_KEY, (key, promise) -> watched(promise, dial));
		}
		super.connect(socketAddress, context);
	}

	@SuppressWarnings("unchecked") // what Jetty keeps there
	private static Promise<Connection> watched(Object promise, DialTrace dial) {
		return new Promise.Wrapper<>((Promise<Connection>) promise) {

			@Override
			public void failed(Throwable failure) {
				dial.proxyAnswered(failure);
				super.failed(failure);
			}

		};
	}

	@Override
	public SelectableChannel newSelectableChannel() throws IOException {
		try {
			return super.newSelectableChannel();
		}
		catch (Throwable ex) {
			ConnectAttempt attempt = ConnectAttempt.of(this.connecting);
			if (attempt != null) {
				attempt.startAndFail(ex);
			}
			throw ex;
		}
	}

}
