package io.nettrace.autoconfigure;

import com.zaxxer.hikari.HikariDataSource;
import io.nettrace.client.jdbc.NetTraceJdbc;
import io.nettrace.client.jdbc.PostgresqlSocketFactory;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.springframework.aop.SpringProxy;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.util.ClassUtils;

/**
 * Sets the properties of PostgreSQL's driver that trace its connections on beans of
 * {@link HikariDataSource}, but for those that the application has set. As in
 * {@link BuilderPostProcessor}, the bean post-processor is the first one in the bean
 * factory: it sees a pool before others wrap it, and before it makes a connection.
 */
final class HikariPostProcessor implements BeanFactoryPostProcessor, PriorityOrdered {

	private static final String URL = "jdbc:postgresql:";

	private static final String SOCKET_FACTORY = "socketFactory";

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		beanFactory.addBeanPostProcessor(new BeanPostProcessor() {

			@Override
			public Object postProcessAfterInitialization(Object bean, String beanName) {
				if (bean instanceof HikariDataSource pool && !(bean instanceof SpringProxy) && isForPostgresql(pool)) {
					instrument(pool, beanName, beanFactory);
				}
				return bean;
			}

		});
	}

	private static boolean isForPostgresql(HikariDataSource pool) {
		String url = pool.getJdbcUrl();
		return url != null && url.startsWith(URL) && pool.getDataSource() == null
				&& pool.getDataSourceClassName() == null;
	}

	private static void instrument(HikariDataSource pool, String beanName,
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
