package io.nettrace.autoconfigure;

import io.lettuce.core.resource.ClientResources;
import io.nettrace.client.lettuce.NetTraceLettuce;
import org.springframework.aop.SpringProxy;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;

/**
 * Tells which beans of {@link ClientResources} are traced. It changes none: only a
 * builder can be given a customizer. As in {@link BuilderPostProcessor}, the bean
 * post-processor is the first one in the bean factory.
 */
final class LettucePostProcessor implements BeanFactoryPostProcessor, PriorityOrdered {

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
		beanFactory.addBeanPostProcessor(new BeanPostProcessor() {

			@Override
			public Object postProcessAfterInitialization(Object bean, String beanName) {
				if (bean instanceof ClientResources resources && !(bean instanceof SpringProxy)) {
					tell(resources, beanName, beanFactory.getBean(ClientCoverage.class));
				}
				return bean;
			}

		});
	}

	private static void tell(ClientResources resources, String beanName, ClientCoverage coverage) {
		String client = "Lettuce with '" + beanName + "'";
		if (NetTraceLettuce.isTraced(resources)) {
			coverage.instrumented(client, ": " + ClientInstrumentation.EVERYTHING);
		}
		else {
			coverage.notInstrumented(client,
					"these ClientResources were built without the customizer of NetTraceLettuce");
		}
	}

}
