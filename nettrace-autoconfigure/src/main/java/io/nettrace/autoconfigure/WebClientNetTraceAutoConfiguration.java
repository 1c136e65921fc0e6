package io.nettrace.autoconfigure;

import io.nettrace.instrument.NetTracing;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Auto-configuration for {@link WebClient} on any library: binds what belongs to a
 * request to the thread that starts it.
 */
@AutoConfiguration(after = NetTraceAutoConfiguration.class)
@ConditionalOnClass({ WebClientCustomizer.class, WebClient.class })
@ConditionalOnBean(NetTracing.class)
public final class WebClientNetTraceAutoConfiguration {

	@Bean
	@Order(Ordered.LOWEST_PRECEDENCE)
	WebClientCustomizer netTraceWebClientCustomizer() {
		return (builder) -> builder.filters((filters) -> {
			if (filters.isEmpty()) {
				filters.add(new CallerContextFilter(new CallScopeFilter()));
			}
			else {
				filters.add(0, new CallerContextFilter((request, next) -> next.exchange(request)));
				filters.add(new CallScopeFilter());
			}
		});
	}

}
