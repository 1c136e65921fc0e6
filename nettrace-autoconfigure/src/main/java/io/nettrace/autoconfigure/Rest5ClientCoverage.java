package io.nettrace.autoconfigure;

import co.elastic.clients.transport.rest5_client.low_level.Rest5Client;
import io.nettrace.client.httpcomponents.NetTraceHttpComponentsAsync;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;

/**
 * Looks whether the clients of Elasticsearch are instrumented: an application may build
 * one without Boot, or give it a client of its own.
 */
final class Rest5ClientCoverage implements BeanFactoryPostProcessor, PriorityOrdered {

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		beanFactory.addBeanPostProcessor(new BeanPostProcessor() {

			@Override
			public Object postProcessAfterInitialization(Object bean, String beanName) {
				if (bean instanceof Rest5Client client) {
					look(client, "Elasticsearch's Rest5Client '" + beanName + "'", beanFactory);
				}
				return bean;
			}

		});
	}

	private static void look(Rest5Client client, String name, ConfigurableListableBeanFactory beanFactory) {
		ClientCoverage coverage = beanFactory.getBean(ClientCoverage.class);
		if (beanFactory.getBean(NetTraceHttpComponentsAsync.class).isInstrumented(client.getHttpClient())) {
			coverage.instrumented(name, ": " + ClientInstrumentation.EVERYTHING);
		}
		else {
			coverage.notInstrumented(name, "its client was built without nettrace; to see it, build it with an injected"
					+ " Rest5ClientBuilder");
		}
	}

}
