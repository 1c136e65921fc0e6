package io.nettrace.autoconfigure;

import io.nettrace.client.okhttp.NetTraceOkHttp;
import okhttp3.OkHttpClient;
import org.springframework.aop.SpringProxy;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;

/**
 * Instruments beans of {@link OkHttpClient} and of its builder. As in
 * {@link BuilderPostProcessor}, the bean post-processor is the first one in the bean
 * factory.
 */
final class OkHttpPostProcessor implements BeanFactoryPostProcessor, PriorityOrdered {

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		beanFactory.addBeanPostProcessor(new BeanPostProcessor() {

			@Override
			public Object postProcessAfterInitialization(Object bean, String beanName) {
				if (bean instanceof OkHttpClient client) {
					return instrumented(client, beanName, beanFactory);
				}
				return (bean instanceof OkHttpClient.Builder builder) ? instrumented(builder, beanName, beanFactory)
						: bean;
			}

		});
	}

	private static OkHttpClient instrumented(OkHttpClient client, String beanName,
			ConfigurableListableBeanFactory beanFactory) {
		if (client instanceof SpringProxy) {
			return client; // its target is a separate bean
		}
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
