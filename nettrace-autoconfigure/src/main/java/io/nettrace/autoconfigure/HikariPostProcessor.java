package io.nettrace.autoconfigure;

import com.zaxxer.hikari.HikariDataSource;
import io.nettrace.client.jdbc.NetTraceJdbc;
import io.nettrace.client.jdbc.PostgresqlSocketFactory;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;

/**
 * Sets the properties of PostgreSQL's driver that trace its connections on beans of
 * {@link HikariDataSource}, but for those that the application has set: before others
 * wrap the pool, and before it makes a connection.
 */
final class HikariPostProcessor extends InstrumentingPostProcessor {

	private static final String URL = "jdbc:postgresql:";

	private static final String SOCKET_FACTORY = "socketFactory";

	@Override
	Object instrument(Object bean, String beanName, ConfigurableListableBeanFactory beanFactory) {
		if (bean instanceof HikariDataSource pool && isForPostgresql(pool)) {
			setProperties(pool, beanName, beanFactory);
		}
		return bean;
	}

	private static boolean isForPostgresql(HikariDataSource pool) {
		String url = pool.getJdbcUrl();
		return url != null && url.startsWith(URL) && pool.getDataSource() == null
				&& pool.getDataSourceClassName() == null;
	}

	private static void setProperties(HikariDataSource pool, String beanName,
			ConfigurableListableBeanFactory beanFactory) {
		ClientCoverage coverage = beanFactory.getBean(ClientCoverage.class);
		String client = "the HikariDataSource '" + beanName + "'";
		String reason = reasonAgainst(pool);
		if (reason != null) {
			coverage.notInstrumented(client, reason);
			return;
		}
		beanFactory.getBean(NetTraceJdbc.class).postgresql().forEach((name, value) -> {
			if (!isSet(pool, name)) {
				pool.addDataSourceProperty(name, value);
			}
		});
		coverage.instrumented(client, ": " + ClientInstrumentation.EVERYTHING);
	}

	private static @Nullable String reasonAgainst(HikariDataSource pool) {
		if (isSet(pool, SOCKET_FACTORY)) {
			return "it has a " + SOCKET_FACTORY + " of its own";
		}
		if (pool.isRunning()) {
			return "its pool was started before beans could be instrumented";
		}
		// a server may have the driver for all of its applications
		return ClassUtils.isVisible(PostgresqlSocketFactory.class, Driver.class.getClassLoader()) ? null
				: "its driver's class loader does not see nettrace";
	}

	/**
	 * The driver takes what its URL says before what its properties say.
	 */
	private static boolean isSet(HikariDataSource pool, String property) {
		return pool.getDataSourceProperties().containsKey(property)
				|| pool.getJdbcUrl().matches(".*[?&]" + property + "=.*");
	}

}
