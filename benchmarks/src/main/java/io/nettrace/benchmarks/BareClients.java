package io.nettrace.benchmarks;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.resolver.AddressResolver;
import io.netty.util.concurrent.ImmediateEventExecutor;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.observation.MetricConfig;
import org.apache.hc.client5.http.observation.ObservingOptions;
import org.apache.hc.client5.http.observation.impl.MeteredDnsResolver;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What the client libraries call, unwrapped.
 */
@State(Scope.Thread)
public class BareClients {

	final DnsResolver resolver = new StubDnsResolver();

	final DnsResolver metered = new MeteredDnsResolver(this.resolver, new SimpleMeterRegistry(), MetricConfig.DEFAULT,
			ObservingOptions.DEFAULT);

	final InetSocketAddress unresolved = InetSocketAddress.createUnresolved(Fixed.HOST, Fixed.PORT);

	final AddressResolver<InetSocketAddress> nettyResolver = new StubAddressResolverGroup()
		.getResolver(ImmediateEventExecutor.INSTANCE);

	private final InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Fixed.PORT);

	private final Map<String, CompletableFuture<List<InetSocketAddress>>> flights = new ConcurrentHashMap<>();

	private final EmbeddedChannel channel = new EmbeddedChannel();

	/**
	 * The simplest code that lets callers share an answer.
	 */
	List<InetSocketAddress> smallestSingleFlight() throws UnknownHostException {
		CompletableFuture<List<InetSocketAddress>> own = new CompletableFuture<>();
		CompletableFuture<List<InetSocketAddress>> running = this.flights.putIfAbsent(Fixed.HOST, own);
		if (running != null) {
			return running.join();
		}
		try {
			own.complete(this.resolver.resolve(Fixed.HOST, Fixed.PORT));
			return own.join();
		}
		finally {
			this.flights.remove(Fixed.HOST, own);
		}
	}

	/**
	 * With a handler that does nothing but leave, as others do too.
	 */
	ChannelFuture nettyConnect() {
		this.channel.pipeline().addFirst(new Leaving());
		return this.channel.connect(this.address);
	}

	private static final class Leaving extends ChannelOutboundHandlerAdapter {

		@Override
		@SuppressWarnings("FutureReturnValueIgnored") // the promise tells
		public void connect(ChannelHandlerContext context, SocketAddress remote, @Nullable SocketAddress local,
				ChannelPromise promise) {
			context.connect(remote, local, promise);
			context.pipeline().remove(this);
		}

	}

}
