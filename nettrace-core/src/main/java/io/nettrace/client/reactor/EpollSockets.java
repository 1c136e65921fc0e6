package io.nettrace.client.reactor;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;

/**
 * Sockets of the native transport for Linux, whose classes need not be there.
 */
final class EpollSockets {

	private EpollSockets() {
	}

	/**
	 * Return a channel with the socket of another one.
	 * @param channel has the socket, and must not be used any more
	 */
	static Channel take(Channel channel) {
		return new EpollSocketChannel(((EpollSocketChannel) channel).fd().intValue());
	}

}
