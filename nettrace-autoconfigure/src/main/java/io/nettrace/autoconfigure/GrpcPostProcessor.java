package io.nettrace.autoconfigure;

import io.grpc.ManagedChannel;
import io.nettrace.client.grpc.NetTraceGrpc;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;

/**
 * Tells which beans of {@link ManagedChannel}, and which factories of Spring gRPC, are
 * not traced. A channel does not tell what its builder had, so if any builder of the
 * application was given something, it cannot be told.
 */
final class GrpcPostProcessor extends InstrumentingPostProcessor {

	private static final String RECIPE = "its builder has nothing of NetTraceGrpc";

	private static final String CANNOT_TELL = "a channel does not tell whether its builder had the resolver and the channel factory of NetTraceGrpc";

	private static final String SPRING_GRPC = "org.springframework.grpc.client.";

	private static final String FACTORY = SPRING_GRPC + "GrpcChannelFactory";

	@Override
	Object instrument(Object bean, String beanName, ConfigurableListableBeanFactory beanFactory) {
		if (bean instanceof ManagedChannel) {
			tell("the gRPC channel '" + beanName + "'", beanFactory);
		}
		else if (isFactory(bean.getClass())) {
			// its channels come later
			beanFactory.getBean(ClientCoverage.class)
				.unknown("gRPC channels of the GrpcChannelFactory '" + beanName + "'", CANNOT_TELL);
		}
		return bean;
	}

	/**
	 * Of Spring gRPC's own, which an application may be without.
	 */
	private static boolean isFactory(Class<?> type) {
		return type.getName().startsWith(SPRING_GRPC) && ClassUtils.getAllInterfacesForClassAsSet(type)
			.stream()
			.anyMatch((each) -> each.getName().equals(FACTORY));
	}

	private static void tell(String client, ConfigurableListableBeanFactory beanFactory) {
		ClientCoverage coverage = beanFactory.getBean(ClientCoverage.class);
		if (beanFactory.getBean(NetTraceGrpc.class).isUsed()) {
			coverage.unknown(client, CANNOT_TELL);
		}
		else {
			coverage.notInstrumented(client, RECIPE);
		}
	}

}
