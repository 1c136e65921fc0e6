package io.nettrace.client.httpcomponents;

import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.http.io.HttpConnectionFactory;
import org.jspecify.annotations.Nullable;

/**
 * Gives its connection managers a traced operator. The resolver is wrapped there, outside
 * of any address filter, and not by {@code setDnsResolver}: that would put it in place of
 * the filter.
 */
final class TracedConnectionManagerBuilder extends PoolingHttpClientConnectionManagerBuilder {

	private final NetTraceHttpComponents netTrace;

	private @Nullable HttpClientConnectionOperator operator;

	TracedConnectionManagerBuilder(NetTraceHttpComponents netTrace) {
		this.netTrace = netTrace;
	}

	@Override
	protected HttpClientConnectionOperator createConnectionOperator(@Nullable SchemePortResolver schemePortResolver,
			@Nullable DnsResolver dnsResolver, TlsSocketStrategy tlsSocketStrategy) {
		DnsResolver resolver = (dnsResolver != null) ? dnsResolver : SystemDefaultDnsResolver.INSTANCE;
		HttpClientConnectionOperator operator = this.netTrace.connectionOperator(schemePortResolver, resolver,
				RegistryBuilder.<TlsSocketStrategy>create()
					.register(URIScheme.HTTPS.id, this.netTrace.traced(tlsSocketStrategy))
					.build());
		this.operator = operator;
		return operator;
	}

	@Override
	public PoolingHttpClientConnectionManager build() {
		HttpConnectionFactory<ManagedHttpClientConnection> own = connectionFactory();
		if (own != null) {
			NetTraceHttpComponents netTrace = this.netTrace;
			setConnectionFactory((socket) -> netTrace.traced(own.createConnection(socket)));
		}
		try {
			return this.netTrace.built(super.build(), this.operator);
		}
		finally {
			this.operator = null;
			if (own != null) {
				setConnectionFactory(own);
			}
		}
	}

	/**
	 * What the library's builder has no getter for.
	 * @return the factory, or {@code null} if it cannot be read: its connections then
	 * have no record
	 */
	@SuppressWarnings("unchecked")
	private @Nullable HttpConnectionFactory<ManagedHttpClientConnection> connectionFactory() {
		try {
			Object factory = PrivateFields.get(PoolingHttpClientConnectionManagerBuilder.class, "connectionFactory",
					this);
			return (factory != null) ? (HttpConnectionFactory<ManagedHttpClientConnection>) factory
					: ManagedHttpClientConnectionFactory.INSTANCE;
		}
		catch (ReflectiveOperationException | RuntimeException ex) {
			this.netTrace.connectionsNotTraced(ex);
			return null;
		}
	}

}
