package io.nettrace.client.httpcomponents;

import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Gives its connection managers a traced operator. The resolver is wrapped there, outside
 * of any address filter, and not by {@code setDnsResolver}: that would put it in place of
 * the filter.
 */
final class TracedConnectionManagerBuilder extends PoolingHttpClientConnectionManagerBuilder {

	private final NetTraceHttpComponents netTrace;

	private boolean traced;

	TracedConnectionManagerBuilder(NetTraceHttpComponents netTrace) {
		this.netTrace = netTrace;
	}

	@Override
	protected HttpClientConnectionOperator createConnectionOperator(@Nullable SchemePortResolver schemePortResolver,
			@Nullable DnsResolver dnsResolver, TlsSocketStrategy tlsSocketStrategy) {
		this.traced = true;
		DnsResolver resolver = (dnsResolver != null) ? dnsResolver : SystemDefaultDnsResolver.INSTANCE;
		return this.netTrace.connectionOperator(schemePortResolver, resolver,
				RegistryBuilder.<TlsSocketStrategy>create().register(URIScheme.HTTPS.id, tlsSocketStrategy).build());
	}

	@Override
	public PoolingHttpClientConnectionManager build() {
		this.traced = false;
		PoolingHttpClientConnectionManager manager = super.build();
		this.netTrace.built(manager, this.traced);
		return manager;
	}

}
