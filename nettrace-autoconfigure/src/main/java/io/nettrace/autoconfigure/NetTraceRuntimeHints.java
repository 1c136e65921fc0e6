package io.nettrace.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * What a native image must keep because core finds it by reflection. Names, not classes:
 * any of the libraries may be absent.
 */
final class NetTraceRuntimeHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		// io.nettrace.client.httpcomponents.TracedManagerMarker
		hints.reflection()
			.registerTypeIfPresent(classLoader,
					"org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder",
					MemberCategory.ACCESS_DECLARED_FIELDS)
			.registerTypeIfPresent(classLoader, "org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager",
					(hint) -> hint.withField("connFactory"))
			// io.nettrace.client.httpcomponents.NetTraceHttpComponentsAsync
			.registerTypeIfPresent(classLoader,
					"org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder",
					(hint) -> hint.withField("dnsResolver"))
			// io.nettrace.observation.OpenTelemetryBridge
			.registerTypeIfPresent(classLoader, "io.micrometer.tracing.otel.bridge.OtelSpan");
	}

}
