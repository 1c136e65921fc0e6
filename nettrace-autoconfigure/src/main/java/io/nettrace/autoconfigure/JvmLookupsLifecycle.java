package io.nettrace.autoconfigure;

import io.nettrace.client.jdk.JvmLookups;
import io.nettrace.client.jdk.NetTraceJdk;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Traces the JVM's lookups while the application is running. Not earlier: a lookup on
 * another thread would request beans that are still being created, and wait for the
 * thread that creates them.
 */
final class JvmLookupsLifecycle implements SmartInitializingSingleton, DisposableBean {

	private final NetTraceJdk netTrace;

	JvmLookupsLifecycle(NetTraceJdk netTrace) {
		this.netTrace = netTrace;
	}

	@Override
	public void afterSingletonsInstantiated() {
		JvmLookups.traceWith(this.netTrace);
	}

	@Override
	public void destroy() {
		JvmLookups.stopTracingWith(this.netTrace);
	}

}
