package io.nettrace.autoconfigure;

import io.nettrace.client.r2dbc.NetTraceR2dbc;
import io.r2dbc.postgresql.PostgresqlConnectionFactoryProvider;
import io.r2dbc.spi.ConnectionFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.r2dbc.OptionsCapableConnectionFactory;
import reactor.netty.resources.LoopResources;

/**
 * Tells which beans of {@link ConnectionFactory} are traced. It changes none: only Boot's
 * builder lets an option in, and only its factories tell their options.
 */
final class R2dbcPostProcessor extends InstrumentingPostProcessor {

	private static final String POSTGRESQL = "PostgreSQL";

	@Override
	Object instrument(Object bean, String beanName, ConfigurableListableBeanFactory beanFactory) {
		if (bean instanceof ConnectionFactory factory) {
			tell(factory, "the ConnectionFactory '" + beanName + "'", beanFactory.getBean(ClientCoverage.class));
		}
		return bean;
	}

	private static void tell(ConnectionFactory factory, String client, ClientCoverage coverage) {
		OptionsCapableConnectionFactory ofBoot = OptionsCapableConnectionFactory.unwrapFrom(factory);
		String database = factory.getMetadata().getName();
		if (!POSTGRESQL.equals(database)) {
			coverage.notInstrumented(client, "of R2DBC's drivers only PostgreSQL's is traced, not that of " + database);
		}
		else if (ofBoot == null) {
			coverage.unknown(client, "only connection factories that Boot builds tell their options");
		}
		else if (ofBoot.getOptions()
			.getValue(PostgresqlConnectionFactoryProvider.LOOP_RESOURCES) instanceof LoopResources loops
				&& NetTraceR2dbc.isTraced(loops)) {
			coverage.instrumented(client, ": connect");
		}
		else {
			coverage.notInstrumented(client, "its loopResources are not those of NetTraceR2dbc");
		}
	}

}
