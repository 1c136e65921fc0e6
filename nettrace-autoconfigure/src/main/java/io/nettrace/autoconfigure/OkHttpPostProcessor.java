package io.nettrace.autoconfigure;

import io.nettrace.client.okhttp.NetTraceOkHttp;
import okhttp3.OkHttpClient;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Instruments beans of {@link OkHttpClient} and of its builder.
 */
final class OkHttpPostProcessor extends InstrumentingPostProcessor {

	@Override
	Object instrument(Object bean, String beanName, ConfigurableListableBeanFactory beanFactory) {
		if (bean instanceof OkHttpClient client) {
			return instrumented(client, beanName, beanFactory);
		}
		return (bean instanceof OkHttpClient.Builder builder) ? instrumented(builder, beanName, beanFactory) : bean;
	}

	private static OkHttpClient instrumented(OkHttpClient client, String beanName,
			ConfigurableListableBeanFactory beanFactory) {
		ClientCoverage coverage = beanFactory.getBean(ClientCoverage.class);
		if (client.getClass() != OkHttpClient.class) {
			coverage.notInstrumented("the OkHttpClient '" + beanName + "'", "it is of a class of its own ("
					+ client.getClass().getName() + "), of which nettrace can derive no client");
			return client;
		}
		OkHttpClient instrumented = beanFactory.getBean(NetTraceOkHttp.class).instrument(client);
		coverage.instrumented("the OkHttpClient '" + beanName + "'", ": " + ClientInstrumentation.EVERYTHING);
		return instrumented;
	}

	private static OkHttpClient.Builder instrumented(OkHttpClient.Builder builder, String beanName,
			ConfigurableListableBeanFactory beanFactory) {
		OkHttpClient.Builder instrumented = beanFactory.getBean(NetTraceOkHttp.class).instrument(builder);
		beanFactory.getBean(ClientCoverage.class)
			.instrumented("clients of the OkHttpClient.Builder '" + beanName + "'",
					": " + ClientInstrumentation.EVERYTHING);
		return instrumented;
	}

}
