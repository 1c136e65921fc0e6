package io.nettrace.client.jdbc;

import java.io.IOException;
import java.net.Socket;
import java.util.Properties;

import javax.net.ssl.SSLSocket;

import io.nettrace.NetTrace;
import org.jspecify.annotations.Nullable;
import org.postgresql.ssl.LibPQFactory;
import org.postgresql.ssl.WrappedFactory;
import org.postgresql.util.PSQLException;

/**
 * The {@code sslfactory} of PostgreSQL's driver, which makes it by its name. It is the
 * driver's default one, but for the hooks of the handshake; see {@link NetTraceJdbc}.
 */
public final class PostgresqlSslFactory extends WrappedFactory {

	private final @Nullable LibPQFactory libpq;

	private final @Nullable PSQLException failure;

	/**
	 * Called by the driver for each connection. What is wrong with the settings is thrown
	 * by {@link #createSocket(Socket, String, int, boolean)}: the driver would wrap it,
	 * but not what its default factory throws.
	 * @param info the properties of the connection
	 */
	public PostgresqlSslFactory(Properties info) {
		LibPQFactory libpq = null;
		PSQLException failure = null;
		try {
			libpq = new LibPQFactory(info);
			this.factory = libpq;
		}
		catch (PSQLException ex) {
			failure = ex;
		}
		this.libpq = libpq;
		this.failure = failure;
	}

	@Override
	public Socket createSocket(Socket socket, String host, int port, boolean autoClose) throws IOException {
		if (this.failure != null) {
			PostgresqlSslFactory.<RuntimeException>rethrow(this.failure);
		}
		NetTrace dial = (socket instanceof TracedSocket traced) ? traced.takeDial() : NetTrace.NONE;
		Socket secured = super.createSocket(socket, host, port, autoClose);
		return (secured instanceof SSLSocket tls) ? new TracedSslSocket(tls, dial, host, this::rethrowOfKeyManager)
				: secured;
	}

	/**
	 * The driver asks its default factory, after a handshake, what was wrong with the
	 * client's key.
	 */
	private void rethrowOfKeyManager() {
		if (this.libpq == null) {
			return;
		}
		try {
			this.libpq.throwKeyManagerException();
		}
		catch (PSQLException ex) {
			PostgresqlSslFactory.<RuntimeException>rethrow(ex);
		}
	}

	/**
	 * The driver's own exception, which the method that the driver calls does not
	 * declare, but the driver's caller does.
	 */
	@SuppressWarnings("unchecked")
	private static <X extends Throwable> void rethrow(Throwable failure) throws X {
		throw (X) failure;
	}

}
