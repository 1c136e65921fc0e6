package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.Socket;

import javax.net.ssl.SSLSocket;

import io.nettrace.NetTrace;
import io.nettrace.TlsInfo;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * Calls the hooks of a TLS handshake, with a server, a proxy, or a server behind a
 * proxy's tunnel.
 */
final class TracedTlsSocketStrategy implements TlsSocketStrategy {

	private final TlsSocketStrategy delegate;

	TracedTlsSocketStrategy(TlsSocketStrategy delegate) {
		this.delegate = delegate;
	}

	@Override
	public SSLSocket upgrade(Socket socket, String target, int port, @Nullable Object attachment,
			@Nullable HttpContext context) throws IOException {
		NetTrace dial = dial(context);
		if (dial == NetTrace.NONE) {
			return this.delegate.upgrade(socket, target, port, attachment, context);
		}
		long startedAt = System.currentTimeMillis();
		TlsInfo handshake = TlsInfo.starting(target);
		dial.tlsHandshakeStart(handshake);
		try {
			SSLSocket secured = this.delegate.upgrade(socket, target, port, attachment, context);
			handshake = succeeded(target, startedAt, secured);
			return secured;
		}
		catch (Throwable ex) {
			handshake = TlsInfo.failed(target, Aborts.asCancellation(ex));
			throw ex;
		}
		finally {
			dial.tlsHandshakeDone(handshake);
		}
	}

	private static TlsInfo succeeded(String target, long startedAt, SSLSocket secured) {
		try {
			return Handshakes.succeeded(target, startedAt, secured.getSession(), secured.getApplicationProtocol());
		}
		catch (RuntimeException ex) { // of a socket of the application's own
			return TlsInfo.starting(target);
		}
	}

	/**
	 * The handshake behind a tunnel is not below the call of the operator that begins the
	 * dial.
	 */
	private static NetTrace dial(@Nullable HttpContext context) {
		NetTrace dial = CarriedByThread.DIAL.get();
		return (dial != null) ? dial : CarriedTrace.dialOf(context);
	}

}
