package io.nettrace.observation.jfr;

import io.nettrace.ProxyInfo;
import io.nettrace.observation.ProxyConnectContext;
import io.nettrace.observation.StepContext;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/**
 * A proxy that is asked to connect to the host.
 */
@Name("nettrace.ProxyConnect")
@Label("Proxy Connect")
final class ProxyConnectEvent extends StepEvent {

	@Label("Port")
	int port;

	@Label("Protocol")
	@Nullable String protocol;

	@Override
	void write(StepContext step, boolean hideAddresses) {
		ProxyInfo proxy = ((ProxyConnectContext) step).getProxy();
		this.port = proxy.port();
		this.protocol = proxy.protocol();
	}

}
