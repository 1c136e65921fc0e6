package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;

import io.nettrace.NetTracing;
import io.nettrace.dial.DialHandle;
import io.nettrace.dial.DialSettings;
import io.nettrace.dial.Dialer;
import org.apache.hc.client5.http.ConnectExceptionSupport;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.DefaultSchemePortResolver;
import org.apache.hc.client5.http.io.DetachedSocketFactory;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Lookup;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.net.NamedEndpoint;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Lets the addresses of a host race (Happy Eyeballs) where the library tries one after
 * the other. Through a SOCKS proxy there is nothing to race: the proxy connects. Each
 * attempt has the connect timeout of its own, as without a race.
 */
final class RacingConnectionOperator extends TracedConnectionOperator {

	private final DialSettings settings;

	private final Executor executor;

	private final SchemePortResolver schemePortResolver;

	private final DnsResolver dnsResolver;

	private final Lookup<TlsSocketStrategy> tlsStrategies;

	RacingConnectionOperator(NetTracing tracing, DetachedSocketFactory socketFactory,
			@Nullable SchemePortResolver schemePortResolver, DnsResolver dnsResolver,
			Lookup<TlsSocketStrategy> tlsStrategies, DialSettings settings, Executor executor) {
		super(tracing, socketFactory, schemePortResolver, dnsResolver, tlsStrategies);
		this.settings = settings;
		this.executor = executor;
		this.schemePortResolver = (schemePortResolver != null) ? schemePortResolver
				: DefaultSchemePortResolver.INSTANCE;
		this.dnsResolver = dnsResolver;
		this.tlsStrategies = tlsStrategies;
	}

	@Override
	public void connect(ManagedHttpClientConnection connection, HttpHost host, @Nullable NamedEndpoint endpointName,
			@Nullable Path unixDomainSocket, @Nullable InetSocketAddress localAddress, @Nullable Timeout connectTimeout,
			SocketConfig socketConfig, @Nullable Object attachment, HttpContext context) throws IOException {
		if (unixDomainSocket != null || socketConfig.getSocksProxyAddress() != null || host.getAddress() != null) {
			super.connect(connection, host, endpointName, unixDomainSocket, localAddress, connectTimeout, socketConfig,
					attachment, context);
			return;
		}
		int port = this.schemePortResolver.resolve(host.getSchemeName(), host);
		List<InetSocketAddress> addresses = this.dnsResolver.resolve(host.getHostName(), port);
		if (addresses.isEmpty()) {
			return; // as without a race: the request then fails for want of a connection
		}
		onBeforeSocketConnect(context, host);
		Socket socket = dial(connection, host, addresses, new SocketConnector(localAddress, socketConfig),
				connectTimeout);
		try {
			connection.bind(socket);
			onAfterSocketConnect(context, host);
			if (this.tlsStrategies.lookup(host.getSchemeName()) != null) {
				upgradeToTls(connection, socket, host, endpointName, connectTimeout, attachment, context);
			}
		}
		catch (IOException | RuntimeException ex) {
			socket.close();
			throw ex;
		}
	}

	private Socket dial(ManagedHttpClientConnection connection, HttpHost host, List<InetSocketAddress> addresses,
			SocketConnector connector, @Nullable Timeout connectTimeout) throws IOException {
		Duration attemptTimeout = (connectTimeout != null && TimeValue.isPositive(connectTimeout))
				? connectTimeout.toDuration() : null;
		Dialer dialer = new Dialer(this.settings.withAttemptTimeout(attemptTimeout), this.executor);
		DialHandle handle = new DialHandle();
		AbortSocket standIn = new AbortSocket(handle);
		connection.bind(standIn);
		try {
			return dialer.dial("tcp", addresses, connector, handle);
		}
		catch (IOException ex) {
			standIn.close();
			throw ConnectExceptionSupport.enhance(ex, host);
		}
	}

	/**
	 * With the handshake's own timeout, which {@link #upgrade} knows nothing of.
	 */
	private void upgradeToTls(ManagedHttpClientConnection connection, Socket socket, HttpHost host,
			@Nullable NamedEndpoint endpointName, @Nullable Timeout connectTimeout, @Nullable Object attachment,
			HttpContext context) throws IOException {
		Timeout handshakeTimeout = (attachment instanceof TlsConfig config) ? config.getHandshakeTimeout() : null;
		if (handshakeTimeout == null) {
			handshakeTimeout = connectTimeout;
		}
		int soTimeout = socket.getSoTimeout();
		if (handshakeTimeout != null) {
			socket.setSoTimeout(handshakeTimeout.toMillisecondsIntBound());
		}
		upgrade(connection, host, endpointName, attachment, context);
		socket.setSoTimeout(soTimeout);
	}

	/**
	 * Stands for all sockets of the race while there is no winner: aborting a request
	 * closes the socket that its connection is bound to.
	 */
	private static final class AbortSocket extends Socket {

		private final DialHandle handle;

		AbortSocket(DialHandle handle) {
			this.handle = handle;
		}

		/**
		 * Asked when it is bound; the JDK would open a socket to answer.
		 */
		@Override
		@SuppressWarnings("UnsynchronizedOverridesSynchronized") // nothing is shared
		public int getSoTimeout() {
			return 0;
		}

		@Override
		public synchronized void close() throws IOException {
			this.handle.close();
			super.close();
		}

	}

}
