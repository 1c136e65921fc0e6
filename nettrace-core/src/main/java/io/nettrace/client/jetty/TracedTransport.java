package io.nettrace.client.jetty;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SelectableChannel;
import java.util.Map;

import org.eclipse.jetty.io.Transport;
import org.jspecify.annotations.Nullable;

/**
 * Shows the attempts of a connection for which no socket can be made: no descriptor is
 * left, for one. Jetty does not tell its listeners of them.
 */
final class TracedTransport extends Transport.Wrapper {

	private volatile @Nullable SocketAddress connecting;

	private TracedTransport(Transport transport) {
		super(transport);
	}

	/**
	 * Trace a connection, if it is one over TCP.
	 * @param context what Jetty knows of the connection
	 */
	static void addTo(Map<String, Object> context) {
		context.computeIfPresent(Transport.CONTEXT_KEY,
				(key, transport) -> isTcp(transport) ? new TracedTransport((Transport) transport) : transport);
	}

	private static boolean isTcp(Object transport) {
		return ((transport instanceof Transport.Wrapper wrapper) ? wrapper.unwrap()
				: transport) instanceof Transport.TCPIP;
	}

	@Override
	public void connect(SocketAddress socketAddress, Map<String, Object> context) {
		this.connecting = socketAddress;
		super.connect(socketAddress, context);
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
