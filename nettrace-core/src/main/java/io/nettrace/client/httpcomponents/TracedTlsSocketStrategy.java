package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.Socket;

import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

import io.nettrace.NetTrace;
import io.nettrace.TlsInfo;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.TlsHandshake;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * Watches the TLS handshake with a server, a proxy, or a server behind a proxy's tunnel.
 */
final class TracedTlsSocketStrategy implements TlsSocketStrategy {

	private final TlsSocketStrategy delegate;

	private final NetTracing tracing;

	TracedTlsSocketStrategy(TlsSocketStrategy delegate, NetTracing tracing) {
		this.delegate = delegate;
		this.tracing = tracing;
	}

	@Override
	public SSLSocket upgrade(Socket socket, String target, int port, @Nullable Object attachment,
			@Nullable HttpContext context) throws IOException {
		NetTrace dial = dial(context);
		if (dial == NetTrace.NONE && !this.tracing.watchesConnections()) {
			return this.delegate.upgrade(socket, target, port, attachment, context);
		}
		TlsHandshake handshake = TlsHandshake.start(dial, target);
		SSLSocket secured;
		try {
			secured = this.delegate.upgrade(socket, target, port, attachment, context);
		}
		catch (Throwable ex) {
			handshake.failed(Failures.asCancellation(ex));
			throw ex;
		}
		succeeded(handshake, secured);
		return secured;
	}

	private static void succeeded(TlsHandshake handshake, SSLSocket secured) {
		SSLSession session = null;
		String protocol = null;
		try {
			session = secured.getSession();
			protocol = secured.getApplicationProtocol();
		}
		catch (RuntimeException ex) {
			// a socket of the application's own does not tell
		}
		TlsInfo agreed = handshake.succeeded(session, protocol);
		ConnectionSetup setup = CarriedByThread.SETUP.get();
		if (setup != null) {
			setup.secured(agreed);
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
