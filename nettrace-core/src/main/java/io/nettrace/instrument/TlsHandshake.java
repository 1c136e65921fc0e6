package io.nettrace.instrument;

import java.security.cert.Certificate;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

import io.nettrace.NetTrace;
import io.nettrace.TlsInfo;
import org.jspecify.annotations.Nullable;

/**
 * One TLS handshake. It calls {@link NetTrace#tlsHandshakeStart} when it is made, and
 * {@link NetTrace#tlsHandshakeDone} once, however often it is told that it has ended: a
 * library may tell of a failure and of the close that follows. Safe for use by several
 * threads.
 */
public final class TlsHandshake {

	private final NetTrace hooks;

	private final String serverName;

	private final long startMillis = System.currentTimeMillis();

	private final AtomicBoolean ended = new AtomicBoolean();

	private TlsHandshake(NetTrace hooks, String serverName) {
		this.hooks = hooks;
		this.serverName = serverName;
	}

	/**
	 * Start a handshake.
	 * @param hooks the hooks of the dial
	 * @param serverName as in {@link TlsInfo#serverName()}
	 * @return the handshake, to be ended
	 */
	public static TlsHandshake start(NetTrace hooks, String serverName) {
		TlsHandshake handshake = new TlsHandshake(hooks, serverName);
		hooks.tlsHandshakeStart(TlsInfo.starting(serverName));
		return handshake;
	}

	/**
	 * Start the handshake of an engine.
	 * @param hooks the hooks of the dial
	 * @param engine has the name that is sent, which an application may set, or else the
	 * host
	 * @return the handshake, to be ended
	 */
	public static TlsHandshake start(NetTrace hooks, SSLEngine engine) {
		return start(hooks, serverName(engine));
	}

	private static String serverName(SSLEngine engine) {
		List<SNIServerName> names = engine.getSSLParameters().getServerNames();
		if (names != null) {
			for (SNIServerName name : names) {
				if (name instanceof SNIHostName host) {
					return host.getAsciiName();
				}
			}
		}
		return (engine.getPeerHost() != null) ? engine.getPeerHost() : "";
	}

	/**
	 * End the handshake with what was agreed on. A session that was created before the
	 * handshake began is resumed; the JDK tells it in no other way.
	 * @param session the session
	 * @param negotiatedProtocol what ALPN has chosen, or {@code null}
	 * @return what was agreed on. A session of the application's own may tell nothing
	 */
	public TlsInfo succeeded(@Nullable SSLSession session, @Nullable String negotiatedProtocol) {
		TlsInfo agreed = agreed(session, negotiatedProtocol);
		if (this.ended.compareAndSet(false, true)) {
			this.hooks.tlsHandshakeDone(agreed);
		}
		return agreed;
	}

	/**
	 * End the handshake with what the library says was agreed on, if it does not show the
	 * session.
	 * @param version as in {@link TlsInfo#version()}
	 * @param cipherSuite as in {@link TlsInfo#cipherSuite()}
	 * @param negotiatedProtocol what ALPN has chosen, empty if nothing
	 * @param peerCertificates as in {@link TlsInfo#peerCertificates()}
	 * @return what was agreed on
	 */
	public TlsInfo succeeded(String version, String cipherSuite, String negotiatedProtocol,
			List<Certificate> peerCertificates) {
		TlsInfo agreed = new TlsInfo(this.serverName, version, cipherSuite, negotiatedProtocol, false, peerCertificates,
				null);
		if (this.ended.compareAndSet(false, true)) {
			this.hooks.tlsHandshakeDone(agreed);
		}
		return agreed;
	}

	private TlsInfo agreed(@Nullable SSLSession session, @Nullable String negotiatedProtocol) {
		if (session == null) {
			return TlsInfo.starting(this.serverName);
		}
		try {
			boolean resumed = session.getCreationTime() < this.startMillis;
			return new TlsInfo(this.serverName, session.getProtocol(), session.getCipherSuite(),
					(negotiatedProtocol != null) ? negotiatedProtocol : "", resumed, certificates(session), null);
		}
		catch (RuntimeException ex) {
			return TlsInfo.starting(this.serverName);
		}
	}

	/**
	 * Without any, if the client has agreed with the server on none.
	 */
	private static List<Certificate> certificates(SSLSession session) {
		try {
			return List.of(session.getPeerCertificates());
		}
		catch (SSLPeerUnverifiedException ex) {
			return List.of();
		}
	}

	/**
	 * End the handshake without a session.
	 * @param error why it failed
	 */
	public void failed(Throwable error) {
		if (this.ended.compareAndSet(false, true)) {
			this.hooks.tlsHandshakeDone(TlsInfo.failed(this.serverName, error));
		}
	}

}
