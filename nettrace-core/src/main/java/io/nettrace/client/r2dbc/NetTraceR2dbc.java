package io.nettrace.client.r2dbc;

import java.util.Objects;

import io.nettrace.instrument.NetTracing;
import org.jspecify.annotations.Nullable;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpResources;

/**
 * Traces the connections of PostgreSQL's R2DBC driver: attempt and TLS handshake. Its
 * lookups cannot be seen, because it sets the resolver itself. A connection belongs to
 * what the thread does that opens it, which of a pool is often one of the pool's own.
 * Inject it into code that builds a connection factory by hand; those that Spring Boot
 * builds have it:
 *
 * <pre class="code">
 * options.option(PostgresqlConnectionFactoryProvider.LOOP_RESOURCES, netTrace.loopResources(null));
 * </pre>
 *
 * Safe for use by several threads.
 */
public final class NetTraceR2dbc {

	private final NetTracing tracing;

	/**
	 * Create an instance.
	 * @param tracing where connections get their trace
	 */
	public NetTraceR2dbc(NetTracing tracing) {
		this.tracing = Objects.requireNonNull(tracing, "'tracing' must not be null");
	}

	/**
	 * Trace the channels of event loops.
	 * @param own the application's, or {@code null} for Reactor Netty's own, which the
	 * driver takes by default
	 * @return the same event loops, whose channels are traced; {@code own} if they are
	 * already
	 */
	public LoopResources loopResources(@Nullable LoopResources own) {
		return (own instanceof TracedLoopResources) ? own
				: new TracedLoopResources((own != null) ? () -> own : TcpResources::get, this.tracing);
	}

	/**
	 * Whether event loops are those of this class.
	 * @param loopResources any event loops
	 * @return whether their channels are traced
	 */
	public static boolean isTraced(LoopResources loopResources) {
		return Objects.requireNonNull(loopResources, "'loopResources' must not be null") instanceof TracedLoopResources;
	}

}
