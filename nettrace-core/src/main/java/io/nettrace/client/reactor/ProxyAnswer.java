package io.nettrace.client.reactor;

import java.util.function.Consumer;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.proxy.ProxyConnectionEvent;
import org.jspecify.annotations.Nullable;

/**
 * Hears a proxy's answer before the library does, which acts on Netty's event: Netty's
 * future is done later.
 */
final class ProxyAnswer extends ChannelInboundHandlerAdapter {

	private final Consumer<@Nullable Throwable> whenCome;

	private boolean come;

	ProxyAnswer(Consumer<@Nullable Throwable> whenCome) {
		this.whenCome = whenCome;
	}

	@Override
	public void userEventTriggered(ChannelHandlerContext context, Object event) {
		if (event instanceof ProxyConnectionEvent) {
			context.pipeline().remove(this);
			come(null);
		}
		context.fireUserEventTriggered(event);
	}

	/**
	 * The answer has come.
	 * @param error why the proxy has not connected, or {@code null}
	 */
	void come(@Nullable Throwable error) {
		if (!this.come) {
			this.come = true;
			this.whenCome.accept(error);
		}
	}

}
