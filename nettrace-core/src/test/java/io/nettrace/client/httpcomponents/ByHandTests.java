package io.nettrace.client.httpcomponents;

import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@code instrument} does to a builder.
 */
class ByHandTests {

	private static final NetTraceHttpComponents classic = new NetTraceHttpComponents(new NetTracing(),
			LookupSettings.defaults(), LookupThreads.create());

	private static final NetTraceHttpComponentsAsync async = new NetTraceHttpComponentsAsync(new NetTracing(),
			LookupSettings.defaults(), LookupThreads.create());

	/**
	 * As the library's own: with the system's properties if the client has them.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void aDefaultConnectionManagerHasTheSettingsOfTheClient(boolean systemProperties)
			throws ReflectiveOperationException {
		HttpClientBuilder builder = HttpClientBuilder.create();
		HttpAsyncClientBuilder asyncBuilder = HttpAsyncClientBuilder.create();
		if (systemProperties) {
			builder.useSystemProperties();
			asyncBuilder.useSystemProperties();
		}
		assertThat(PrivateFields.isSet(PoolingHttpClientConnectionManagerBuilder.class, "systemProperties",
				NetTraceHttpComponents.defaultSettings(builder)))
			.isEqualTo(systemProperties);
		assertThat(PrivateFields.isSet(PoolingAsyncClientConnectionManagerBuilder.class, "systemProperties",
				async.defaultSettings(asyncBuilder)))
			.isEqualTo(systemProperties);
	}

	@Test
	void onceIsEnough() throws ReflectiveOperationException {
		HttpClientBuilder builder = HttpClientBuilder.create();
		HttpClientConnectionManager manager = classic.instrument(builder).getConnManager();
		assertThat(classic.instrument(builder).getConnManager()).isSameAs(manager);
		assertThat(PrivateFields.get(HttpClientBuilder.class, "execInterceptors", builder))
			.asInstanceOf(InstanceOfAssertFactories.LIST)
			.hasSize(1);
		HttpAsyncClientBuilder asyncBuilder = HttpAsyncClientBuilder.create();
		async.instrument(async.instrument(asyncBuilder));
		assertThat(PrivateFields.get(HttpAsyncClientBuilder.class, "execInterceptors", asyncBuilder))
			.asInstanceOf(InstanceOfAssertFactories.LIST)
			.hasSize(1);
	}

	@Test
	void aConnectionManagerOfTheApplicationsOwnIsLeftAlone() {
		HttpClientConnectionManager manager = new PoolingHttpClientConnectionManager();
		assertThat(classic.instrument(HttpClientBuilder.create().setConnectionManager(manager)).getConnManager())
			.isSameAs(manager);
	}

}
