package io.nettrace.autoconfigure;

import io.nettrace.client.reactor.NetTraceReactorNetty;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.web.reactive.socket.client.ReactorNettyWebSocketClient;

/**
 * Instruments the HttpClient in beans of Spring's {@link ReactorNettyWebSocketClient}.
 * One that was made with a bean of the HttpClient has got that one instrumented.
 */
final class ReactorNettyWebSocketPostProcessor extends InstrumentingPostProcessor {

	@Override
	Object instrument(Object bean, String beanName, ConfigurableListableBeanFactory beanFactory) {
		if (bean.getClass() == ReactorNettyWebSocketClient.class) {
			new FinishedReactorClient<>(ReactorNettyWebSocketClient.class,
					(client) -> beanFactory.getBean(NetTraceReactorNetty.class).instrument(client))
				.accept((ReactorNettyWebSocketClient) bean);
			beanFactory.getBean(ClientCoverage.class)
				.instrumented("the WebSocket client '" + beanName + "'",
						" on Reactor Netty: " + ClientInstrumentation.EVERYTHING);
		}
		return bean;
	}

}
