package io.nettrace.autoconfigure;

import java.lang.reflect.Method;

import com.mongodb.MongoClientSettings;
import com.mongodb.spi.dns.InetAddressResolver;
import io.nettrace.client.mongodb.NetTraceMongo;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Tells of which beans of MongoDB's two kinds of client the lookups are traced. It
 * changes none: a client's settings are final. They are only in the drivers' own
 * implementation.
 */
final class MongoPostProcessor extends InstrumentingPostProcessor {

	private static final String CLIENT = "com.mongodb.client.MongoClient";

	private static final String REACTIVE_CLIENT = "com.mongodb.reactivestreams.client.MongoClient";

	/**
	 * The method of both that is called by reflection.
	 */
	static final String SETTINGS = "getSettings";

	@Override
	Object instrument(Object bean, String beanName, ConfigurableListableBeanFactory beanFactory) {
		if (isA(bean, CLIENT) || isA(bean, REACTIVE_CLIENT)) {
			tell(bean, "the MongoClient '" + beanName + "'", beanFactory.getBean(ClientCoverage.class));
		}
		return bean;
	}

	/**
	 * An application may have one of the two drivers.
	 */
	private static boolean isA(Object bean, String type) {
		return bean.getClass().getName().startsWith("com.mongodb.")
				&& ClassUtils.getAllInterfacesForClassAsSet(bean.getClass())
					.stream()
					.anyMatch((each) -> each.getName().equals(type));
	}

	private static void tell(Object bean, String client, ClientCoverage coverage) {
		MongoClientSettings settings = settings(bean);
		if (settings == null) {
			coverage.unknown(client, "it does not tell its settings (" + bean.getClass().getName() + ")");
			return;
		}
		InetAddressResolver resolver = settings.getInetAddressResolver();
		if (resolver != null && NetTraceMongo.isTraced(resolver)) {
			coverage.instrumented(client, ": dns");
		}
		else {
			coverage.notInstrumented(client, "its settings have no resolver of NetTraceMongo");
		}
	}

	private static @Nullable MongoClientSettings settings(Object client) {
		Method method = ReflectionUtils.findMethod(client.getClass(), SETTINGS);
		return (method != null && method.trySetAccessible()
				&& ReflectionUtils.invokeMethod(method, client) instanceof MongoClientSettings settings) ? settings
						: null;
	}

}
