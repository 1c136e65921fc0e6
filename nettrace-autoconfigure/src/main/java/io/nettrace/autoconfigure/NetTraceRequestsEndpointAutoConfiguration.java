package io.nettrace.autoconfigure;

import io.nettrace.observation.RequestRecorder;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * Auto-configuration of the endpoints {@code nettracerequests} and {@code nettracehar}.
 * Unless one of them is exposed, nothing is recorded for them.
 */
@AutoConfiguration(after = NetTraceObservationAutoConfiguration.class)
@ConditionalOnClass({ Endpoint.class, ConditionalOnAvailableEndpoint.class, RequestRecorder.class })
@ConditionalOnBean({ NetTraceProperties.class, RequestRecorder.class })
@EnableConfigurationProperties(NetTraceEndpointProperties.class)
public final class NetTraceRequestsEndpointAutoConfiguration {

	/**
	 * The last requests.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnAvailableEndpoint(NetTraceRequestsEndpoint.class)
	@Import({ RecentRequestsConfiguration.class, ShownRequests.class })
	static class Requests {

		@Bean
		NetTraceRequestsEndpoint netTraceRequestsEndpoint(ShownRequests requests) {
			return new NetTraceRequestsEndpoint(requests);
		}

		@Bean
		@ConditionalOnAvailableEndpoint(endpoint = NetTraceRequestsEndpoint.class, exposure = EndpointExposure.WEB)
		NetTraceRequestsEndpointWebExtension netTraceRequestsEndpointWebExtension(ShownRequests requests) {
			return new NetTraceRequestsEndpointWebExtension(requests);
		}

	}

	/**
	 * The HAR file.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnAvailableEndpoint(NetTraceHarEndpoint.class)
	@Import({ RecentRequestsConfiguration.class, ShownRequests.class })
	static class HarFile {

		@Bean
		NetTraceHarEndpoint netTraceHarEndpoint(ShownRequests requests) {
			return new NetTraceHarEndpoint(requests);
		}

		@Bean
		@ConditionalOnAvailableEndpoint(endpoint = NetTraceHarEndpoint.class, exposure = EndpointExposure.WEB)
		NetTraceHarEndpointWebExtension netTraceHarEndpointWebExtension(ShownRequests requests) {
			return new NetTraceHarEndpointWebExtension(requests);
		}

	}

}
