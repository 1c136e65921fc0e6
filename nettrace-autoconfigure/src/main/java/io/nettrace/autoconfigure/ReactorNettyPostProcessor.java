package io.nettrace.autoconfigure;

import java.util.List;

import io.nettrace.client.reactor.NetTraceReactorNetty;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import reactor.netty.http.client.HttpClient;

/**
 * Instruments beans of Reactor Netty's {@link HttpClient}.
 */
final class ReactorNettyPostProcessor extends InstrumentingPostProcessor {

	/**
	 * What {@link HttpClient#create()} makes. Another one is a mock, or decorates a
	 * client in ways that nettrace does not know.
	 */
	private static final List<String> KNOWN = List.of("reactor.netty.http.client.HttpClientConnect");

	@Override
	Object instrument(Object bean, String beanName, ConfigurableListableBeanFactory beanFactory) {
		return (bean instanceof HttpClient client) ? instrumented(client, beanName, beanFactory) : bean;
	}

	private static HttpClient instrumented(HttpClient client, String beanName,
			ConfigurableListableBeanFactory beanFactory) {
		ClientCoverage coverage = beanFactory.getBean(ClientCoverage.class);
		String name = "the Reactor Netty HttpClient '" + beanName + "'";
		if (!KNOWN.contains(client.getClass().getName())) {
			coverage.notInstrumented(name,
					"it is of a class that nettrace does not know (" + client.getClass().getName() + ")");
			return client;
		}
		try {
			HttpClient instrumented = beanFactory.getBean(NetTraceReactorNetty.class).instrument(client);
			for (ReactorParent parent : beanFactory.getBeanProvider(ReactorParent.class)) {
				instrumented = parent.addTo(instrumented);
			}
			coverage.instrumented(name, ": " + ClientInstrumentation.EVERYTHING);
			return instrumented;
		}
		catch (LinkageError ex) {
			coverage.notInstrumented(name, "nettrace does not support this version: " + ex);
			return client;
		}
	}

}
