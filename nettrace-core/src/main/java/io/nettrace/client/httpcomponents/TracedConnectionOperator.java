package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

import io.nettrace.NetTrace;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.RequestTrace;
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
 * Looks up, connects and secures one connection: a dial. Lookups and TCP connects call
 * their hooks from the resolver and the sockets that it is given. A Unix domain socket
 * does not come from the socket factory, so its hooks are called here.
 */
class TracedConnectionOperator extends DefaultHttpClientConnectionOperator {

	private final NetTracing tracing;

	TracedConnectionOperator(NetTracing tracing, DetachedSocketFactory socketFactory,
			@Nullable SchemePortResolver schemePortResolver, DnsResolver dnsResolver,
			Lookup<TlsSocketStrategy> tlsStrategies) {
		super(socketFactory, schemePortResolver, dnsResolver, tlsStrategies);
		this.tracing = tracing;
	}

	/**
	 * What HttpClient 5.5 calls.
	 */
	@Override
	public final void connect(ManagedHttpClientConnection connection, HttpHost host,
			@Nullable NamedEndpoint endpointName, @Nullable InetSocketAddress localAddress,
			@Nullable Timeout connectTimeout, SocketConfig socketConfig, @Nullable Object attachment,
			HttpContext context) throws IOException {
		NetTrace dial = beginDial(host, context);
		NetTrace outer = CarriedByThread.DIAL.begin(dial);
		try {
			if (races(host, socketConfig)) {
				race(connection, host, endpointName, localAddress, connectTimeout, socketConfig, attachment, context);
			}
			else {
				super.connect(connection, host, endpointName, localAddress, connectTimeout, socketConfig, attachment,
						context);
			}
			connected(connection, dial);
		}
		finally {
			CarriedByThread.DIAL.end(outer);
		}
	}

	/**
	 * What later ones call.
	 */
	@Override
	public final void connect(ManagedHttpClientConnection connection, HttpHost host,
			@Nullable NamedEndpoint endpointName, @Nullable Path unixDomainSocket,
			@Nullable InetSocketAddress localAddress, @Nullable Timeout connectTimeout, SocketConfig socketConfig,
			@Nullable Object attachment, HttpContext context) throws IOException {
		NetTrace dial = beginDial(host, context);
		NetTrace outer = CarriedByThread.DIAL.begin(dial);
		try {
			if (unixDomainSocket == null && races(host, socketConfig)) {
				race(connection, host, endpointName, localAddress, connectTimeout, socketConfig, attachment, context);
			}
			else if (unixDomainSocket == null) {
				super.connect(connection, host, endpointName, null, localAddress, connectTimeout, socketConfig,
						attachment, context);
			}
			else {
				connectToUnixSocket(dial, connection, host, endpointName, unixDomainSocket, localAddress,
						connectTimeout, socketConfig, attachment, context);
			}
			connected(connection, dial);
		}
		finally {
			CarriedByThread.DIAL.end(outer);
		}
	}

	private static void connected(ManagedHttpClientConnection connection, NetTrace dial) {
		if (connection instanceof TracedConnection traced) {
			traced.connected(dial);
		}
	}

	/**
	 * If nothing listens to an exchange on a pooled connection, the trace of its request
	 * is made here.
	 */
	private NetTrace beginDial(HttpHost firstHop, HttpContext context) {
		RequestTrace request = CarriedTrace.of(context, () -> {
			ConnectionSetup setup = CarriedByThread.SETUP.get();
			HttpHost target = (setup != null) ? setup.target() : null;
			HttpHost host = (target != null) ? target : firstHop;
			return this.tracing.blockingRequest(NetTraceHttpComponents.CLIENT, host.getHostName(), host.getPort());
		});
		return CarriedTrace.beginDial(context, request);
	}

	/**
	 * In the tunnel of a proxy, or because the server switches to TLS.
	 */
	@Override
	public final void upgrade(ManagedHttpClientConnection connection, HttpHost host,
			@Nullable NamedEndpoint endpointName, @Nullable Object attachment, HttpContext context) throws IOException {
		super.upgrade(connection, host, endpointName, attachment, context);
		if (connection instanceof TracedConnection traced) {
			traced.upgraded();
		}
	}

	private void connectToUnixSocket(NetTrace dial, ManagedHttpClientConnection connection, HttpHost host,
			@Nullable NamedEndpoint endpointName, Path unixDomainSocket, @Nullable InetSocketAddress localAddress,
			@Nullable Timeout connectTimeout, SocketConfig socketConfig, @Nullable Object attachment,
			HttpContext context) throws IOException {
		UnixDomainSocketAddress address = UnixDomainSocketAddress.of(unixDomainSocket);
		Throwable error = null;
		dial.connectStart("unix", address);
		try {
			super.connect(connection, host, endpointName, unixDomainSocket, localAddress, connectTimeout, socketConfig,
					attachment, context);
		}
		catch (Throwable ex) {
			error = ex;
			throw ex;
		}
		finally {
			dial.connectDone("unix", address, error);
		}
	}

	/**
	 * Whether the addresses of a host race, instead of being tried one after the other.
	 */
	boolean races(HttpHost host, SocketConfig socketConfig) {
		return false;
	}

	/**
	 * Connect to the address of a host that wins the race.
	 */
	void race(ManagedHttpClientConnection connection, HttpHost host, @Nullable NamedEndpoint endpointName,
			@Nullable InetSocketAddress localAddress, @Nullable Timeout connectTimeout, SocketConfig socketConfig,
			@Nullable Object attachment, HttpContext context) throws IOException {
		throw new IllegalStateException("nothing races");
	}

}
