package io.nettrace.dial;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Connects blocking {@link SocketChannel}s. Interruption ends an attempt, on whatever
 * thread it runs.
 */
public final class SocketChannelConnector implements Connector<SocketChannel> {

	@Override
	public SocketChannel open(InetSocketAddress address) throws IOException {
		return SocketChannel.open();
	}

	@Override
	public void connect(SocketChannel channel, InetSocketAddress address, @Nullable Duration timeout)
			throws IOException {
		// The channel's own connect knows no timeout; its socket's is as interruptible
		channel.socket().connect(address, (timeout != null) ? toMillis(timeout) : 0);
	}

	/**
	 * Rounded up, so that the deadline has passed when the time is up, and because 0
	 * would be no timeout.
	 */
	private static int toMillis(Duration timeout) {
		if (timeout.compareTo(Duration.ofMillis(Integer.MAX_VALUE)) > 0) {
			return Integer.MAX_VALUE;
		}
		return (int) timeout.plusNanos(999_999).toMillis();
	}

}
