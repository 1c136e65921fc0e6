package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.Objects;

import javax.net.ssl.SSLSocket;

import io.nettrace.client.httpcomponents.SocketConnector.Attempt;
import io.nettrace.concurrent.Threads;
import io.nettrace.dial.DialHandle;
import io.nettrace.dial.Dialer;
import io.nettrace.instrument.NetTraceAddress;
import io.nettrace.instrument.NetTracing;
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
import org.apache.hc.core5.io.Closer;
import org.apache.hc.core5.net.NamedEndpoint;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Lets the addresses of a host race (Happy Eyeballs) where the library tries one after
 * the other; all else is as in the library. Each attempt has the connect timeout of its
 * own. If the handshake with the winner fails, the addresses that have not failed yet
 * race again, so that the handshake is tried with each one that connects. When all have
 * failed, it is the last one's exception that counts. Through a SOCKS proxy there is
 * nothing to race: the proxy connects.
 */
final class RacingConnectionOperator extends TracedConnectionOperator {

	private final Dialer dialer;

	private final SchemePortResolver schemePortResolver;

	private final DnsResolver dnsResolver;

	private final Lookup<TlsSocketStrategy> tlsStrategies;

	RacingConnectionOperator(NetTracing tracing, DetachedSocketFactory socketFactory,
			@Nullable SchemePortResolver schemePortResolver, DnsResolver dnsResolver,
			Lookup<TlsSocketStrategy> tlsStrategies, Dialer dialer) {
		super(tracing, socketFactory, schemePortResolver, dnsResolver, tlsStrategies);
		this.dialer = dialer;
		this.schemePortResolver = (schemePortResolver != null) ? schemePortResolver
				: DefaultSchemePortResolver.INSTANCE;
		this.dnsResolver = dnsResolver;
		this.tlsStrategies = tlsStrategies;
	}

	@Override
	boolean races(HttpHost host, SocketConfig socketConfig) {
		return socketConfig.getSocksProxyAddress() == null && host.getAddress() == null;
	}

	@Override
	void race(ManagedHttpClientConnection connection, HttpHost host, @Nullable NamedEndpoint endpointName,
			@Nullable InetSocketAddress localAddress, @Nullable Timeout connectTimeout, SocketConfig socketConfig,
			@Nullable Object attachment, HttpContext context) throws IOException {
		int port = this.schemePortResolver.resolve(host.getSchemeName(), host);
		List<InetSocketAddress> resolved = this.dnsResolver.resolve(host.getHostName(), port);
		if (resolved.isEmpty()) {
			return; // as in the library: the request then fails for want of a connection
		}
		List<InetSocketAddress> addresses = resolved.stream().filter(Objects::nonNull).toList();
		if (addresses.isEmpty()) {
			throw new IllegalArgumentException("connect: The address can't be null"); // Socket's
		}
		try {
			connect(connection, host, endpointName, addresses,
					new SocketConnector(localAddress, connectTimeout, socketConfig), connectTimeout, attachment,
					context);
		}
		finally {
			addresses.forEach(NetTraceAddress::release); // what keeps one must not keep
															// the trace
		}
	}

	private void connect(ManagedHttpClientConnection connection, HttpHost host, @Nullable NamedEndpoint endpointName,
			List<InetSocketAddress> addresses, SocketConnector connector, @Nullable Timeout connectTimeout,
			@Nullable Object attachment, HttpContext context) throws IOException {
		for (List<InetSocketAddress> left = addresses; !left.isEmpty(); left = connector.notFailed(left)) {
			Attempt winner = race(connection, host, left, connector);
			if (winner == null) {
				continue;
			}
			try {
				connection.bind(winner.socket());
				TlsSocketStrategy strategy = this.tlsStrategies.lookup(host.getSchemeName());
				if (strategy != null) {
					NamedEndpoint tlsName = (endpointName != null) ? endpointName : host;
					secure(connection, winner.socket(), strategy, tlsName, connectTimeout, attachment, context);
				}
				return;
			}
			catch (IOException ex) {
				Closer.closeQuietly(winner);
				connector.failed(winner, ex);
			}
			catch (RuntimeException | Error ex) {
				Closer.closeQuietly(winner);
				throw ex;
			}
		}
		throw asInTheLibrary(connector.lastFailure(addresses), host);
	}

	/**
	 * Connect to the first address that answers.
	 * @return the winner, or {@code null} if every address has failed
	 */
	private @Nullable Attempt race(ManagedHttpClientConnection connection, HttpHost host,
			List<InetSocketAddress> addresses, SocketConnector connector) throws IOException {
		// An interrupt ends a connect of a Socket on a virtual thread only
		boolean interruptible = Threads.isVirtual(Thread.currentThread());
		DialHandle handle = new DialHandle(interruptible);
		AbortSocket standIn = new AbortSocket(handle);
		connection.bind(standIn);
		try {
			return this.dialer.dial("tcp", addresses, connector, handle);
		}
		catch (IOException | RuntimeException | Error ex) {
			// first: the address that this thread was connecting to has failed of it
			if (interruptible && Thread.currentThread().isInterrupted()) {
				throw new SocketException("Closed by interrupt");
			}
			if (connector.notFailed(addresses).isEmpty()) {
				return null;
			}
			if (standIn.isClosed()) {
				throw new SocketException("Socket closed");
			}
			throw asInTheLibrary(ex, host);
		}
	}

	private static IOException asInTheLibrary(Throwable failure, HttpHost host) {
		if (failure instanceof RuntimeException unchecked) {
			throw unchecked;
		}
		if (failure instanceof Error error) {
			throw error;
		}
		return ConnectExceptionSupport.enhance((IOException) failure, host);
	}

	/**
	 * As the library's own method, which is private; {@link #upgrade} knows nothing of
	 * the handshake's timeout.
	 */
	private static void secure(ManagedHttpClientConnection connection, Socket socket, TlsSocketStrategy strategy,
			NamedEndpoint name, @Nullable Timeout connectTimeout, @Nullable Object attachment, HttpContext context)
			throws IOException {
		Timeout timeout = (attachment instanceof TlsConfig config) ? config.getHandshakeTimeout() : null;
		if (timeout == null) {
			timeout = connectTimeout;
		}
		int soTimeout = socket.getSoTimeout();
		if (timeout != null) {
			socket.setSoTimeout(timeout.toMillisecondsIntBound());
		}
		SSLSocket secured = strategy.upgrade(socket, name.getHostName(), name.getPort(), attachment, context);
		socket.setSoTimeout(soTimeout); // the connection remembers it when it is bound
		connection.bind(secured, socket);
	}

	/**
	 * Stands for all sockets of the race while there is no winner: aborting a request
	 * closes the socket that its connection is bound to. It never is a socket itself:
	 * what the connection asks and sets would make the JDK open one.
	 */
	@SuppressWarnings("UnsynchronizedOverridesSynchronized") // nothing is shared
	private static final class AbortSocket extends Socket {

		private final DialHandle handle;

		AbortSocket(DialHandle handle) {
			this.handle = handle;
		}

		@Override
		public int getSoTimeout() {
			return 0;
		}

		@Override
		public void setSoLinger(boolean on, int seconds) {
			// There is nothing to linger
		}

		@Override
		public void close() throws IOException {
			super.close(); // first: it says why the race has ended
			this.handle.close();
		}

	}

}
