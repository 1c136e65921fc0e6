package io.nettrace.autoconfigure;

import java.util.Set;
import java.util.stream.Stream;

import io.nettrace.client.jdk.NetTraceJdk;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;

/**
 * Says what is known of beans of AWS SDK 2. It changes none of them: what a client sends
 * with is private to it. The SDK's classes are known by name, so that nothing here needs
 * them.
 */
final class AwsClients extends InstrumentingPostProcessor {

	static final String SDK = "software.amazon.awssdk.";

	private static final String RECIPES = "; nettrace's docs/libraries.md has recipes";

	private static final Set<String> HTTP_CLIENTS = Set.of(SDK + "http.SdkHttpClient",
			SDK + "http.async.SdkAsyncHttpClient");

	private static final Set<String> SERVICE_CLIENTS = Set.of(SDK + "core.SdkClient");

	@Override
	Object instrument(Object bean, String beanName, ConfigurableListableBeanFactory beanFactory) {
		String client = "the " + ClassUtils.getShortName(bean.getClass()) + " '" + beanName + "'";
		if (isOneOf(HTTP_CLIENTS, bean.getClass())) {
			tell(client, bean.getClass().getName(), beanFactory);
		}
		else if (isOneOf(SERVICE_CLIENTS, bean.getClass())) {
			beanFactory.getBean(ClientCoverage.class)
				.unknown(client, "it does not say which HTTP client it has" + RECIPES);
		}
		return bean;
	}

	private static boolean isOneOf(Set<String> names, @Nullable Class<?> type) {
		return type != null && (names.contains(type.getName()) || isOneOf(names, type.getSuperclass())
				|| Stream.of(type.getInterfaces()).anyMatch((each) -> isOneOf(names, each)));
	}

	private static void tell(String client, String type, ConfigurableListableBeanFactory beanFactory) {
		ClientCoverage coverage = beanFactory.getBean(ClientCoverage.class);
		switch (type) {
			case SDK + "http.urlconnection.UrlConnectionHttpClient" -> tellOfUrlConnection(client, beanFactory);
			case SDK + "http.crt.AwsCrtHttpClient", SDK + "http.crt.AwsCrtAsyncHttpClient" ->
				coverage.notInstrumented(client, "it is native code without hooks");
			default -> coverage.unknown(client, "it does not say what it was built with" + RECIPES);
		}
	}

	private static void tellOfUrlConnection(String client, ConfigurableListableBeanFactory beanFactory) {
		ClientCoverage coverage = beanFactory.getBean(ClientCoverage.class);
		// there is one only if the JVM's resolver is in use
		if (beanFactory.getBeanNamesForType(NetTraceJdk.class, true, false).length > 0) {
			coverage.instrumented(client, ": " + JdkNetTraceAutoConfiguration.LOOKUPS);
		}
		else {
			coverage.notInstrumented(client,
					"HttpURLConnection has no hooks; nettrace-jvm-resolver shows dns on Java 18"
							+ " or later, and changes nothing");
		}
	}

}
