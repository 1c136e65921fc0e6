package io.nettrace.autoconfigure;

import io.nettrace.client.okhttp.NetTraceOkHttp;
import io.nettrace.instrument.NetTracing;
import okhttp3.OkHttpClient;
import okhttp3.TrailersSource;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for OkHttp: for beans of {@link OkHttpClient} and of its builder. Of
 * OkHttp 4 there is no {@link TrailersSource}.
 */
@AutoConfiguration(after = NetTraceAutoConfiguration.class)
@ConditionalOnClass({ OkHttpClient.class, TrailersSource.class })
@ConditionalOnBean(NetTracing.class)
@ConditionalOnBooleanProperty(name = "nettrace.libraries.okhttp.enabled", matchIfMissing = true)
public final class OkHttpNetTraceAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	NetTraceOkHttp netTraceOkHttp(NetTracing tracing) {
		return new NetTraceOkHttp(tracing);
	}

	@Bean
	static OkHttpPostProcessor netTraceOkHttpPostProcessor() {
		return new OkHttpPostProcessor();
	}

}
