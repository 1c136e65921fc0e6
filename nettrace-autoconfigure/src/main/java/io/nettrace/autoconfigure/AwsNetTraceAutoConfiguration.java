package io.nettrace.autoconfigure;

import io.nettrace.instrument.NetTracing;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for AWS SDK 2: names its clients at startup. Tracing one takes a
 * line of the application.
 */
@AutoConfiguration(after = NetTraceAutoConfiguration.class)
@ConditionalOnClass(name = AwsClients.SDK + "http.SdkHttpClient")
@ConditionalOnBean(NetTracing.class)
public final class AwsNetTraceAutoConfiguration {

	@Bean
	static AwsClients netTraceAwsClients() {
		return new AwsClients();
	}

}
