package io.nettrace.client.httpcomponents;

import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManager;
import org.apache.hc.client5.http.impl.nio.PoolingAsyncClientConnectionManagerBuilder;
import org.apache.hc.client5.http.nio.AsyncClientConnectionOperator;
import org.apache.hc.core5.http.nio.ssl.TlsStrategy;
import org.jspecify.annotations.Nullable;

/**
 * Gives its connection managers a traced resolver, whichever is set.
 */
final class TracedAsyncConnectionManagerBuilder extends PoolingAsyncClientConnectionManagerBuilder {

	private final NetTraceHttpComponentsAsync netTrace;

	private boolean traced;

	TracedAsyncConnectionManagerBuilder(NetTraceHttpComponentsAsync netTrace) {
		this.netTrace = netTrace;
	}

	@Override
	protected AsyncClientConnectionOperator createConnectionOperator(TlsStrategy tlsStrategy,
			@Nullable SchemePortResolver schemePortResolver, @Nullable DnsResolver dnsResolver) {
		this.traced = true;
		return super.createConnectionOperator(tlsStrategy, schemePortResolver,
				this.netTrace.orSystemDefault(dnsResolver));
	}

	@Override
	public PoolingAsyncClientConnectionManager build() {
		this.traced = false;
		PoolingAsyncClientConnectionManager manager = super.build();
		if (!this.traced) {
			this.netTrace.lookupsNotTraced();
		}
		return manager;
	}

}
