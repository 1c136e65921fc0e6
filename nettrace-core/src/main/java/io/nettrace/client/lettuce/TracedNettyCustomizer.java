package io.nettrace.client.lettuce;

import io.lettuce.core.resource.NettyCustomizer;
import io.nettrace.client.netty.NetTraceNetty;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Sees each bootstrap right before it connects, and each channel before that does. A
 * channel of a reconnect is of the bootstrap of the first connection.
 */
final class TracedNettyCustomizer implements NettyCustomizer {

	private final @Nullable NettyCustomizer own;

	private final NetTraceNetty netty;

	TracedNettyCustomizer(@Nullable NettyCustomizer own, NetTraceNetty netty) {
		this.own = own;
		this.netty = netty;
	}

	@Override
	public void afterBootstrapInitialized(Bootstrap bootstrap) {
		if (this.own != null) {
			this.own.afterBootstrapInitialized(bootstrap);
		}
		this.netty.connects(bootstrap);
	}

	@Override
	public void afterChannelInitialized(Channel channel) {
		if (this.own != null) {
			this.own.afterChannelInitialized(channel);
		}
		NetTraceNetty.connects(channel);
	}

}
