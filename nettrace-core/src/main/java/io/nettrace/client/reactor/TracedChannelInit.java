package io.nettrace.client.reactor;

import java.lang.System.Logger.Level;
import java.lang.reflect.Field;
import java.net.SocketAddress;

import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;
import reactor.netty.ChannelPipelineConfigurer;
import reactor.netty.ConnectionObserver;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientConfig;
import reactor.netty.transport.TransportConfig;

/**
 * Adds a {@link ChannelTraceHandler} to each channel, after what the client's own
 * configurer does. It is part of the key of the pool, and of what the pool holds for as
 * long as the JVM runs: so it holds nothing of ours, and is equal to another one if the
 * clients' own are equal. What Reactor Netty composes would be equal to nothing but
 * itself.
 */
final class TracedChannelInit implements ChannelPipelineConfigurer {

	private static final System.Logger logger = System.getLogger(TracedChannelInit.class.getName());

	private static final @Nullable Field CONFIGURER = configurer();

	private final ChannelPipelineConfigurer own;

	private TracedChannelInit(ChannelPipelineConfigurer own) {
		this.own = own;
	}

	/**
	 * There is no way to replace a configurer, only to add one to it.
	 */
	private static @Nullable Field configurer() {
		try {
			Field field = TransportConfig.class.getDeclaredField("doOnChannelInit");
			field.setAccessible(true);
			return field;
		}
		catch (ReflectiveOperationException | RuntimeException ex) {
			logger.log(Level.DEBUG, "Clients with a doOnChannelInit of their own will not share pools", ex);
			return null;
		}
	}

	static boolean isIn(HttpClient client) {
		return client.configuration().doOnChannelInit() instanceof TracedChannelInit;
	}

	static HttpClient addTo(HttpClient client) {
		ChannelPipelineConfigurer own = client.configuration().doOnChannelInit();
		TracedChannelInit traced = new TracedChannelInit((own != null) ? own : emptyConfigurer());
		HttpClient added = client.doOnChannelInit(new TracedChannelInit(emptyConfigurer()));
		if (traced.own != emptyConfigurer() && CONFIGURER != null) {
			set(CONFIGURER, added.configuration(), traced);
		}
		return added;
	}

	private static ChannelPipelineConfigurer emptyConfigurer() {
		return ChannelPipelineConfigurer.emptyConfigurer();
	}

	private static void set(Field field, HttpClientConfig configuration, ChannelPipelineConfigurer value) {
		try {
			field.set(configuration, value);
		}
		catch (IllegalAccessException ex) {
			throw new IllegalStateException(ex); // it has been made accessible
		}
	}

	@Override
	public void onChannelInit(ConnectionObserver observer, Channel channel, @Nullable SocketAddress remoteAddress) {
		this.own.onChannelInit(observer, channel, remoteAddress);
		ChannelTraceHandler.addTo(channel, observer, remoteAddress);
	}

	/**
	 * What the application adds later becomes the client's own too.
	 */
	@Override
	public ChannelPipelineConfigurer then(ChannelPipelineConfigurer other) {
		return new TracedChannelInit(this.own.then(other));
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return other instanceof TracedChannelInit init && init.own.equals(this.own);
	}

	/**
	 * Another one than the client's own has: an untouched client has another pool.
	 */
	@Override
	public int hashCode() {
		return 31 * TracedChannelInit.class.hashCode() + this.own.hashCode();
	}

}
