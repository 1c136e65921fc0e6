package io.nettrace.autoconfigure;

import io.micrometer.observation.ObservationRegistry;
import io.nettrace.observation.RequestSpan;
import io.nettrace.observation.recent.RecentRequest;
import io.nettrace.observation.recent.RecentRequests;
import io.nettrace.observation.recent.RequestStepRecorder;
import org.springframework.aot.hint.annotation.RegisterReflectionForBinding;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.util.function.SingletonSupplier;

/**
 * Keeps the last requests with their steps. What shows them imports this configuration,
 * from an auto-configuration after {@link NetTraceObservationAutoConfiguration} that is
 * conditional on a {@link io.nettrace.observation.RequestRecorder}; without an import
 * nothing is kept. The bean to ask is {@link RecentRequests}.
 */
@Configuration(proxyBeanMethods = false)
@RegisterReflectionForBinding(RecentRequest.class)
public class RecentRequestsConfiguration {

	@Bean
	RecentRequests netTraceRecentRequests(NetTraceProperties properties, ObjectProvider<RequestSpan.Finder> spans) {
		NetTraceProperties.Observations observations = properties.observations();
		return new RecentRequests(properties.requests().keep(), observations.hideAddresses(), observations.patterns(),
				spans.getIfAvailable(() -> RequestSpan.Finder.NONE));
	}

	/**
	 * Told before the others, whose work would be in the times of its steps.
	 */
	@Bean
	@Order(Ordered.HIGHEST_PRECEDENCE)
	RequestStepRecorder netTraceRequestStepRecorder(RecentRequests requests,
			ObjectProvider<ObservationRegistry> registry) {
		return new RequestStepRecorder(requests, SingletonSupplier.of(registry::getObject));
	}

}
