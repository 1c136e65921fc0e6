package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

import io.nettrace.NetTrace;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.io.DetachedSocketFactory;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Lookup;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.net.NamedEndpoint;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Looks up, connects and secures one connection. Lookups and TCP connects fire their
 * hooks from the resolver and the sockets it is given; a Unix domain socket does not come
 * from the socket factory, so its hooks are fired here.
 */
class TracedConnectionOperator extends DefaultHttpClientConnectionOperator {

	private final NetTracing tracing;

	TracedConnectionOperator(NetTracing tracing, DetachedSocketFactory socketFactory,
			@Nullable SchemePortResolver schemePortResolver, DnsResolver dnsResolver,
			Lookup<TlsSocketStrategy> tlsStrategies) {
		super(socketFactory, schemePortResolver, dnsResolver, tlsStrategies);
		this.tracing = tracing;
	}

	@Override
	public void connect(ManagedHttpClientConnection connection, HttpHost host, @Nullable NamedEndpoint endpointName,
			@Nullable Path unixDomainSocket, @Nullable InetSocketAddress localAddress, @Nullable Timeout connectTimeout,
			SocketConfig socketConfig, @Nullable Object attachment, HttpContext context) throws IOException {
		if (unixDomainSocket == null) {
			super.connect(connection, host, endpointName, null, localAddress, connectTimeout, socketConfig, attachment,
					context);
			return;
		}
		NetTrace trace = this.tracing.blockingRequest(NetTraceHttpComponents.CLIENT, host.getHostName(), host.getPort())
			.dial();
		UnixDomainSocketAddress address = UnixDomainSocketAddress.of(unixDomainSocket);
		Throwable error = null;
		trace.connectStart("unix", address);
		try {
			super.connect(connection, host, endpointName, unixDomainSocket, localAddress, connectTimeout, socketConfig,
					attachment, context);
		}
		catch (Throwable ex) {
			error = ex;
			throw ex;
		}
		finally {
			trace.connectDone("unix", address, error);
		}
	}

}
