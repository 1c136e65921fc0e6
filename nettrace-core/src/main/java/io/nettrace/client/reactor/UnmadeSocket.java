package io.nettrace.client.reactor;

import java.io.IOException;
import java.util.regex.Pattern;

import io.netty.channel.ChannelException;

/**
 * Knows the failure of an attempt that has no socket, because no descriptor is left, for
 * one. There is no channel then that could show it.
 */
final class UnmadeSocket {

	/**
	 * {@code socket(2)} by Netty's native transports, and by those of the JDK. A lookup
	 * makes sockets for datagrams.
	 */
	private static final Pattern NATIVE = Pattern.compile("newSocket(Stream|Domain)\\b.*", Pattern.DOTALL);

	private static final Pattern JDK = Pattern.compile("Failed to open a (unix domain )?socket\\..*", Pattern.DOTALL);

	private UnmadeSocket() {
	}

	/**
	 * Load what is needed. A process that has no file descriptor left could not.
	 */
	static void prepare() {
		RequestSettings.prepare();
	}

	/**
	 * Whether a request has failed because it has no socket.
	 */
	static boolean isCauseOf(Throwable failure) {
		return failure.getClass() == ChannelException.class && failure.getCause() instanceof IOException cause
				&& (NATIVE.matcher(String.valueOf(cause.getMessage())).matches()
						|| JDK.matcher(String.valueOf(failure.getMessage())).matches());
	}

}
