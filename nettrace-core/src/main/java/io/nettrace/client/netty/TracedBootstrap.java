package io.nettrace.client.netty;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicReference;

import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.RequestTrace;
import io.netty.util.AttributeKey;
import org.jspecify.annotations.Nullable;

/**
 * What a bootstrap's resolver and its channels share: the trace of the connection that is
 * about to be made, from the thread that wants it to the event loop. Only until then: a
 * bootstrap may live as long as its connections.
 */
final class TracedBootstrap {

	static final AttributeKey<@Nullable TracedBootstrap> KEY = AttributeKey.valueOf(TracedBootstrap.class, "traced");

	private final String client;

	private final NetTracing tracing;

	private final AtomicReference<@Nullable RequestTrace> next = new AtomicReference<>();

	TracedBootstrap(String client, NetTracing tracing) {
		this.client = client;
		this.tracing = tracing;
	}

	/**
	 * The hooks are told the host by the lookup. It is not known before: the bootstrap
	 * may be asked to connect to anything.
	 */
	void nextBelongsToCurrentThread() {
		this.next.set(this.tracing.request(this.client, null, -1));
	}

	/**
	 * The next connection belongs to a request, if there is one.
	 */
	void nextBelongsTo(@Nullable RequestTrace request) {
		this.next.set(request);
	}

	/**
	 * Return the trace of the connection to an address.
	 */
	RequestTrace take(SocketAddress address) {
		RequestTrace next = forget();
		if (next != null) {
			return next;
		}
		return (address instanceof InetSocketAddress inet)
				? this.tracing.request(this.client, inet.getHostString(), inet.getPort())
				: this.tracing.request(this.client, null, -1);
	}

	/**
	 * Keep the trace no longer.
	 * @return the trace, {@code null} if there was none
	 */
	@Nullable RequestTrace forget() {
		return this.next.getAndSet(null);
	}

}
