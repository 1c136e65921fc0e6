package io.nettrace.client.reactor;

import java.util.concurrent.atomic.AtomicReference;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientUpgradeHandler;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;
import reactor.netty.NettyPipeline;

/**
 * Shows the exchange that has a channel what becomes of it. It stands between the library
 * and its codec, and stays there for the exchanges that follow: to change the pipeline
 * for each of them took longer than they did. It holds nothing of a request but the one
 * that is on the channel.
 */
final class ExchangeHandler extends ChannelDuplexHandler {

	/**
	 * With the beginning of the names before which the library adds an application's
	 * handlers, as a time-out: the exchange is told of what they do.
	 */
	private static final String NAME = NettyPipeline.RIGHT + "nettrace";

	private final EventLoop eventLoop;

	private final AtomicReference<@Nullable ReactorExchange> exchange = new AtomicReference<>();

	private ExchangeHandler(EventLoop eventLoop) {
		this.eventLoop = eventLoop;
	}

	/**
	 * Return the handler of a channel.
	 * @return the handler, {@code null} in a release of the library that calls its own
	 * otherwise
	 */
	static @Nullable ExchangeHandler on(Channel channel) {
		ExchangeHandler present = presentOn(channel);
		if (present != null || channel.pipeline().context(NettyPipeline.ReactiveBridge) == null) {
			return present;
		}
		ExchangeHandler handler = new ExchangeHandler(channel.eventLoop());
		channel.pipeline().addBefore(NettyPipeline.ReactiveBridge, NAME, handler);
		return handler;
	}

	private static @Nullable ExchangeHandler presentOn(Channel channel) {
		return channel.pipeline().get(ExchangeHandler.class);
	}

	/**
	 * An exchange has got the channel. The one before may have handed it over.
	 */
	void serve(ReactorExchange next) {
		ReactorExchange before = this.exchange.getAndSet(next);
		if (before != null) {
			before.putIdle();
			leave(before);
		}
	}

	/**
	 * The pool has the connection back. It may have handed it over to another exchange,
	 * or do so at this moment on another thread.
	 */
	static void released(Connection operations) {
		ExchangeHandler handler = presentOn(operations.channel());
		ReactorExchange exchange = (handler != null) ? handler.exchange.get() : null;
		if (handler != null && exchange != null && exchange.isOn(operations)
				&& handler.exchange.compareAndSet(exchange, null)) {
			exchange.putIdle();
			handler.leave(exchange);
		}
	}

	private void leave(ReactorExchange ended) {
		if (this.eventLoop.inEventLoop()) {
			ended.leaves();
		}
		else {
			this.eventLoop.execute(ended::leaves);
		}
	}

	@Override
	@SuppressWarnings("FutureReturnValueIgnored") // the promise tells
	public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
		ReactorExchange writing = this.exchange.get();
		if (writing == null) {
			context.write(message, promise);
			return;
		}
		context.write(message, writing.writes(message, promise));
		writing.wroteHead();
	}

	@Override
	public void channelRead(ChannelHandlerContext context, Object message) {
		ReactorExchange reading = this.exchange.get();
		if (reading != null) {
			reading.read(message);
		}
		context.fireChannelRead(message);
	}

	/**
	 * A channel that is upgraded to HTTP/2 has no exchange of its own any more.
	 */
	@Override
	public void userEventTriggered(ChannelHandlerContext context, Object event) {
		context.fireUserEventTriggered(event);
		if (event == HttpClientUpgradeHandler.UpgradeEvent.UPGRADE_SUCCESSFUL) {
			ReactorExchange upgraded = this.exchange.get();
			if (upgraded != null) {
				upgraded.upgraded();
			}
			context.pipeline().remove(this);
		}
	}

	@Override
	@SuppressWarnings("FutureReturnValueIgnored") // the promise tells
	public void close(ChannelHandlerContext context, ChannelPromise promise) {
		ReactorExchange closing = this.exchange.get();
		if (closing != null) {
			closing.closes();
		}
		context.close(promise);
	}

	@Override
	public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
		ReactorExchange failing = this.exchange.get();
		if (failing != null) {
			failing.channelFails(cause);
		}
		context.fireExceptionCaught(cause);
	}

	@Override
	public void channelInactive(ChannelHandlerContext context) {
		ReactorExchange ending = this.exchange.get();
		if (ending != null) {
			ending.channelEnds();
		}
		context.fireChannelInactive();
	}

	/**
	 * The channel has been closed.
	 */
	@Override
	public void handlerRemoved(ChannelHandlerContext context) {
		ReactorExchange last = this.exchange.getAndSet(null);
		if (last != null) {
			leave(last);
		}
	}

}
