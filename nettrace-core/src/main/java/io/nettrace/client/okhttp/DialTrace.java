package io.nettrace.client.okhttp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

import io.nettrace.DnsAnswerInfo;
import io.nettrace.DnsAnswerInfo.Source;
import io.nettrace.NetTrace;
import io.nettrace.TlsInfo;
import io.nettrace.instrument.JvmAnswers;
import io.nettrace.instrument.TlsHandshake;
import okhttp3.Connection;
import okhttp3.Handshake;
import okhttp3.Protocol;
import org.jspecify.annotations.Nullable;

/**
 * The lookups, attempts and handshakes that get one exchange its connection. OkHttp lets
 * addresses race on threads of their own and goes on with the one that connects first,
 * but does not say which one that is before it has shaken hands. So an attempt has
 * connected as soon as it is known to be the one: if it is the only one under way, or
 * when the others have told that they were given up. Until then the handshake waits to be
 * told.
 */
final class DialTrace {

	private static final String TCP = "tcp";

	private final NetTrace hooks;

	private final String host;

	// All guarded by this: what one thread tells is told before another one goes on

	private final List<ConnectAttempt> underWay = new ArrayList<>(1);

	private @Nullable String lookup;

	/**
	 * Whether OkHttp shakes hands, which is perhaps not told yet.
	 */
	private boolean handshakeBegun;

	private @Nullable TlsHandshake handshake;

	private @Nullable Handshake agreed;

	private @Nullable Protocol protocol;

	private boolean opened;

	private boolean over;

	DialTrace(NetTrace hooks, String host) {
		this.hooks = hooks;
		this.host = host;
	}

	synchronized void lookupStarts(String name) {
		lookupFails(null); // of another proxy
		this.lookup = name;
		this.hooks.dnsStart(name);
	}

	synchronized void lookupEnds(List<@Nullable InetAddress> addresses) {
		if (this.lookup != null) {
			this.lookup = null;
			this.hooks.dnsDone(present(addresses), false, null);
		}
	}

	/**
	 * The application's resolver may return what it likes: OkHttp goes on with it.
	 */
	private static List<InetAddress> present(List<@Nullable InetAddress> addresses) {
		List<InetAddress> present = new ArrayList<>(addresses.size());
		for (InetAddress address : addresses) {
			if (address != null) {
				present.add(address);
			}
		}
		return List.copyOf(present);
	}

	/**
	 * A lookup has failed, if there is one. OkHttp has no event for it, but goes on to
	 * another one.
	 * @param error why, {@code null} if OkHttp does not tell
	 */
	private void lookupFails(@Nullable Throwable error) {
		String name = this.lookup;
		if (name != null) {
			this.lookup = null;
			if (error instanceof UnknownHostException unknown && JvmAnswers.isFromCache(unknown)) {
				this.hooks.dnsAnswer(DnsAnswerInfo.of(Source.JVM_CACHE, null));
			}
			this.hooks.dnsDone(List.of(), false, (error != null) ? error : new UnknownHostException(name));
		}
	}

	synchronized void connectStarts(InetSocketAddress route, Proxy proxy) {
		lookupFails(null);
		InetSocketAddress address = (proxy.type() == Proxy.Type.SOCKS
				&& proxy.address() instanceof InetSocketAddress socks) ? socks : route;
		this.underWay.add(new ConnectAttempt(address, route, Thread.currentThread()));
		this.hooks.connectStart(TCP, address);
	}

	/**
	 * An attempt has failed, or what came after it: the proxy, or the handshake.
	 * @param error why
	 */
	synchronized void fails(InetSocketAddress route, Throwable error) {
		ConnectAttempt attempt = find(route);
		if (attempt != null && this.handshakeBegun && attempt.thread() != Thread.currentThread()) {
			if (this.handshake == null) { // the others have not told yet
				connected(attempt);
				begin();
			}
			attempt = null;
		}
		if (attempt == null) {
			handshakeFails(error);
			return;
		}
		remove(attempt);
		boolean lost = this.over || this.opened || this.handshakeBegun;
		done(attempt, lost ? Failures.cancelled(error) : error);
		tellIfKnown();
	}

	private void handshakeFails(Throwable error) {
		TlsHandshake handshake = this.handshake;
		this.handshake = null;
		this.handshakeBegun = false;
		if (handshake != null) {
			handshake.failed(error);
		}
	}

	/**
	 * Of several attempts at one address, that of the current thread comes first.
	 */
	private @Nullable ConnectAttempt find(InetSocketAddress route) {
		ConnectAttempt found = null;
		for (ConnectAttempt attempt : this.underWay) {
			if (attempt.route().equals(route) && (found == null || attempt.thread() == Thread.currentThread())) {
				found = attempt;
			}
		}
		return found;
	}

	/**
	 * Another attempt at the same address may be equal.
	 */
	@SuppressWarnings("ReferenceEquality") // it is the one
	private void remove(ConnectAttempt attempt) {
		this.underWay.removeIf((each) -> each == attempt);
	}

	private void done(ConnectAttempt attempt, @Nullable Throwable error) {
		this.hooks.connectDone(TCP, attempt.address(), error);
	}

	/**
	 * OkHttp shakes hands on the connection of one of the attempts.
	 */
	synchronized void handshakeStarts() {
		this.handshakeBegun = true;
		tellIfKnown();
	}

	/**
	 * Tell that the handshake has begun once it is known which attempt has connected.
	 */
	private void tellIfKnown() {
		if (this.handshakeBegun && this.handshake == null && this.underWay.size() == 1) {
			connected(this.underWay.get(0));
			begin();
		}
	}

	private void connected(ConnectAttempt attempt) {
		remove(attempt);
		done(attempt, null);
	}

	private void begin() {
		this.handshake = TlsHandshake.start(this.hooks, this.host);
	}

	/**
	 * OkHttp has shaken hands.
	 */
	synchronized void handshakeEnds(@Nullable Handshake agreed) {
		this.agreed = agreed;
	}

	/**
	 * A connection is there.
	 * @param protocol what it speaks; {@code null} if it cannot be used, because the
	 * proxy asks for a password, and closes it
	 */
	synchronized void connects(InetSocketAddress route, @Nullable Protocol protocol) {
		ConnectAttempt attempt = find(route);
		if (attempt != null && (this.handshake == null)) {
			connected(attempt);
			if (this.handshakeBegun) {
				begin();
			}
		}
		this.protocol = protocol;
		this.opened |= protocol != null;
	}

	/**
	 * Whether a connection has been opened.
	 */
	synchronized boolean hasOpened() {
		return this.opened;
	}

	/**
	 * The exchange has a connection, whose socket tells more of its handshake than the
	 * event that ends it. What is still under way has been given up.
	 * @return what was agreed on, {@code null} if there was no handshake
	 */
	@SuppressWarnings("ReferenceEquality") // another connection may have an equal one
	synchronized @Nullable TlsInfo got(Connection connection) {
		TlsHandshake handshake = this.handshake;
		Handshake agreed = this.agreed;
		TlsInfo info = null;
		if (handshake != null && agreed != null) {
			this.handshake = null;
			if (connection.handshake() == agreed) {
				info = succeeded(handshake, agreed, connection);
			}
			else {
				succeeded(handshake, agreed); // it uses another call's
			}
		}
		this.over = true;
		if (isUnderWay()) { // an exception takes its stack trace
			end(Failures.cancelled(null));
		}
		return info;
	}

	private boolean isUnderWay() {
		return this.lookup != null || !this.underWay.isEmpty() || this.handshakeBegun || this.handshake != null;
	}

	private TlsInfo succeeded(TlsHandshake handshake, Handshake agreed, Connection connection) {
		try {
			if (connection.socket() instanceof SSLSocket socket) {
				SSLSession session = socket.getSession();
				return handshake.succeeded(session, protocol(socket));
			}
		}
		catch (RuntimeException ex) {
			// a socket of the application's own, which need not tell
		}
		return succeeded(handshake, agreed);
	}

	/**
	 * OkHttp does not say whether the session was resumed.
	 */
	private TlsInfo succeeded(TlsHandshake handshake, Handshake agreed) {
		return handshake.succeeded(agreed.tlsVersion().javaName(), agreed.cipherSuite().javaName(),
				(this.protocol == Protocol.HTTP_2) ? Protocol.HTTP_2.toString() : "", agreed.peerCertificates());
	}

	private static @Nullable String protocol(SSLSocket socket) {
		try {
			return socket.getApplicationProtocol();
		}
		catch (UnsupportedOperationException ex) {
			return null;
		}
	}

	/**
	 * End what is under way.
	 * @param error why the exchange needs it no more
	 */
	synchronized void end(Throwable error) {
		this.over = true;
		lookupFails(Failures.ofLookup(error));
		List<ConnectAttempt> given = List.copyOf(this.underWay);
		this.underWay.clear();
		given.forEach((attempt) -> done(attempt, error));
		handshakeFails(error);
	}

}
