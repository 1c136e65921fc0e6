package io.nettrace.client.jdbc;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Properties;

import javax.net.SocketFactory;

import io.nettrace.NetTrace;
import io.nettrace.dns.IpLiteral;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.RequestTrace;
import org.jspecify.annotations.Nullable;

/**
 * The {@code socketFactory} of PostgreSQL's driver, which makes it by its name. Its
 * sockets are the driver's default ones, but traced; see {@link NetTraceJdbc}.
 */
public final class PostgresqlSocketFactory extends SocketFactory {

	static final String CLIENT = "postgresql";

	/**
	 * The property that has the id of the application.
	 */
	static final String ARGUMENT = "socketFactoryArg";

	private final @Nullable String application;

	private final @Nullable String host;

	/**
	 * Called by the driver for each connection.
	 * @param info the properties of the connection
	 */
	public PostgresqlSocketFactory(Properties info) {
		this.application = info.getProperty(ARGUMENT);
		this.host = lookedUp(info);
	}

	/**
	 * Return the host that the driver looks up when it has got its socket, and before it
	 * connects that. It does not tell which one of several it tries, nor are there only
	 * lookups of the host if it has to find a local address.
	 */
	private static @Nullable String lookedUp(Properties info) {
		String host = info.getProperty("PGHOST");
		boolean other = host == null || host.startsWith("[") || host.indexOf(',') >= 0
				|| info.getProperty("localSocketAddress") != null || System.getProperty("socksProxyHost") != null;
		return (other || IpLiteral.matches(host)) ? null : host;
	}

	@Override
	public Socket createSocket() {
		NetTracing tracing = NetTraceJdbc.tracing(this.application);
		NetTrace dial = (tracing != null) ? dial(tracing) : NetTrace.NONE;
		return (dial != NetTrace.NONE) ? new TracedSocket(dial, this.host) : new Socket();
	}

	private NetTrace dial(NetTracing tracing) {
		RequestTrace carried = PostgresqlConnectExecutor.carried();
		return (carried != null) ? carried.dial() : tracing.blockingDial(CLIENT, this.host, -1);
	}

	@Override
	public Socket createSocket(String host, int port) throws IOException {
		return SocketFactory.getDefault().createSocket(host, port);
	}

	@Override
	public Socket createSocket(String host, int port, InetAddress localAddress, int localPort) throws IOException {
		return SocketFactory.getDefault().createSocket(host, port, localAddress, localPort);
	}

	@Override
	public Socket createSocket(InetAddress address, int port) throws IOException {
		return SocketFactory.getDefault().createSocket(address, port);
	}

	@Override
	public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
			throws IOException {
		return SocketFactory.getDefault().createSocket(address, port, localAddress, localPort);
	}

}
