package io.nettrace.autoconfigure;

import java.util.Set;

import io.nettrace.client.r2dbc.NetTraceR2dbc;
import io.r2dbc.postgresql.PostgresqlConnectionFactoryProvider;
import io.r2dbc.spi.ConnectionFactoryOptions;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.r2dbc.autoconfigure.ConnectionFactoryOptionsBuilderCustomizer;
import reactor.netty.resources.LoopResources;

/**
 * Traces the channels of the event loops that the application has set, or else of Reactor
 * Netty's own.
 */
final class R2dbcCustomizer implements ConnectionFactoryOptionsBuilderCustomizer {

	private static final Set<String> DRIVERS = Set.of(PostgresqlConnectionFactoryProvider.POSTGRESQL_DRIVER,
			PostgresqlConnectionFactoryProvider.LEGACY_POSTGRESQL_DRIVER);

	private final NetTraceR2dbc netTrace;

	R2dbcCustomizer(NetTraceR2dbc netTrace) {
		this.netTrace = netTrace;
	}

	/**
	 * Also if the driver is that of a pool or a proxy, which takes it as its protocol.
	 */
	static boolean isForPostgresql(ConnectionFactoryOptions options) {
		return isPostgresql(options.getValue(ConnectionFactoryOptions.DRIVER))
				|| isPostgresql(options.getValue(ConnectionFactoryOptions.PROTOCOL));
	}

	private static boolean isPostgresql(@Nullable Object driver) {
		return driver instanceof String name && DRIVERS.stream()
			.anyMatch((each) -> name.equals(each) || name.startsWith(each + ":") || name.endsWith(":" + each)
					|| name.contains(":" + each + ":"));
	}

	@Override
	public void customize(ConnectionFactoryOptions.Builder builder) {
		ConnectionFactoryOptions options = builder.build();
		if (!isForPostgresql(options)) {
			return;
		}
		Object own = options.getValue(PostgresqlConnectionFactoryProvider.LOOP_RESOURCES);
		if (own == null) {
			builder.option(PostgresqlConnectionFactoryProvider.LOOP_RESOURCES, this.netTrace.loopResources(null));
		}
		else if (own instanceof LoopResources loops) {
			builder.option(PostgresqlConnectionFactoryProvider.LOOP_RESOURCES, this.netTrace.loopResources(loops));
		}
	}

}
