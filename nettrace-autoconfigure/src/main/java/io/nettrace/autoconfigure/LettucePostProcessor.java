package io.nettrace.autoconfigure;

import io.lettuce.core.resource.ClientResources;
import io.nettrace.client.lettuce.NetTraceLettuce;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Tells which beans of {@link ClientResources} are traced. It changes none: only a
 * builder can be given a customizer.
 */
final class LettucePostProcessor extends InstrumentingPostProcessor {

	@Override
	Object instrument(Object bean, String beanName, ConfigurableListableBeanFactory beanFactory) {
		if (bean instanceof ClientResources resources) {
			tell(resources, beanName, beanFactory.getBean(ClientCoverage.class));
		}
		return bean;
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
