package io.nettrace.client.lettuce;

import java.util.Objects;

import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.nettrace.client.netty.NetTraceNetty;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.jspecify.annotations.Nullable;

/**
 * Traces the connections of Lettuce: lookup, attempt and TLS handshake. The first
 * connection belongs to what the thread does that asks for it; one that Lettuce makes by
 * itself, when it reconnects for one, belongs to nothing. Inject it into code that builds
 * {@link ClientResources} by hand; those that Spring Boot builds have it:
 *
 * <pre class="code">
 * ClientResources.builder().nettyCustomizer(netTrace.customizer(null)).build();
 * </pre>
 *
 * Safe for use by several threads.
 */
public final class NetTraceLettuce {

	private static final String CLIENT = "lettuce";

	private final NetTraceNetty netty;

	/**
	 * Create an instance.
	 * @param tracing where connections get their trace
	 * @param settings how lookups behave
	 * @param threads where an alternate resolver is asked
	 */
	public NetTraceLettuce(NetTracing tracing, LookupSettings settings, LookupThreads threads) {
		this.netty = new NetTraceNetty(CLIENT, tracing, settings, threads);
	}

	/**
	 * Return a customizer that traces each connection.
	 * @param own the application's own customizer, which is called first, or {@code null}
	 * @return the tracing customizer, which is {@code own} if that is one already
	 */
	public NettyCustomizer customizer(@Nullable NettyCustomizer own) {
		return (own instanceof TracedNettyCustomizer) ? own : new TracedNettyCustomizer(own, this.netty);
	}

	/**
	 * Whether the connections of clients with these resources are traced.
	 * @param resources the resources
	 * @return whether they have a customizer of this class
	 */
	public static boolean isTraced(ClientResources resources) {
		Objects.requireNonNull(resources, "'resources' must not be null");
		return resources.nettyCustomizer() instanceof TracedNettyCustomizer;
	}

}
