package io.nettrace.client.jetty;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import javax.net.ssl.SSLEngine;

import io.nettrace.NetTrace;
import io.nettrace.TlsInfo;
import io.nettrace.instrument.TlsHandshake;
import org.jspecify.annotations.Nullable;

/**
 * The TLS handshakes of one connection. Each begins when there is something to be sent,
 * which may be long after the connect.
 */
final class Handshakes {

	private final @Nullable DialTrace dial;

	// The rest is guarded by this

	/**
	 * Those that are not over. With a TLS proxy there may be two, one after the other.
	 */
	private final List<Handshake> pending = new ArrayList<>(0);

	private @Nullable Runnable whenSecured;

	private boolean failed;

	/**
	 * Create the handshakes of a connection.
	 * @param dial the dial that has set it up, {@code null} if nothing listened
	 */
	Handshakes(@Nullable DialTrace dial) {
		this.dial = dial;
	}

	/**
	 * A connection for TLS is open.
	 */
	synchronized void add(SSLEngine engine) {
		this.pending.add(new Handshake(engine));
	}

	/**
	 * Something is to be sent: if there is a handshake to come, it begins now. If one has
	 * failed already nothing happens.
	 * @param step what happens once the handshake is over
	 */
	void beginBefore(Runnable step) {
		Handshake next;
		synchronized (this) {
			if (this.failed) {
				return;
			}
			next = next();
			if (next != null) {
				this.whenSecured = step;
			}
		}
		if (next != null) {
			start(next);
		}
		else {
			step.run();
		}
	}

	/**
	 * Jetty begins to shake hands, if there is a handshake to come.
	 */
	void begin() {
		Handshake next = next();
		if (next != null) {
			start(next);
		}
	}

	private TlsHandshake start(Handshake handshake) {
		return handshake.start(DialTrace.hooksOf(this.dial));
	}

	private synchronized @Nullable Handshake next() {
		return this.pending.isEmpty() ? null : this.pending.get(0);
	}

	private @Nullable Handshake of(SSLEngine engine) {
		Handshake next = next();
		return (next != null && next.engine == engine) ? next : null;
	}

	/**
	 * Whether a handshake is the one to come.
	 */
	boolean isNext(SSLEngine engine) {
		Handshake next = of(engine);
		if (next != null) {
			start(next);
		}
		return next != null;
	}

	/**
	 * A handshake has succeeded. It is not over before {@link #end}.
	 * @return what was agreed on, {@code null} if the handshake is not known
	 */
	@Nullable TlsInfo succeeded(SSLEngine engine) {
		Handshake handshake = of(engine);
		return (handshake != null) ? start(handshake).succeeded(engine.getSession(), engine.getApplicationProtocol())
				: null;
	}

	/**
	 * The handshake that has succeeded is over.
	 * @return what happens next, {@code null} if nothing waits for it
	 */
	synchronized @Nullable Runnable end() {
		this.pending.remove(0);
		Runnable step = this.whenSecured;
		this.whenSecured = null;
		return step;
	}

	/**
	 * A handshake has failed.
	 * @param engine whose handshake it is
	 * @param error tells why
	 */
	void failed(SSLEngine engine, Supplier<Throwable> error) {
		Handshake handshake = of(engine);
		if (handshake != null) {
			start(handshake).failed(error.get());
			synchronized (this) {
				this.pending.remove(handshake);
				this.whenSecured = null;
				this.failed = true;
			}
		}
	}

	synchronized boolean haveSucceeded() {
		return this.pending.isEmpty() && !this.failed;
	}

	/**
	 * The connection is being closed: nothing waits for a handshake any more.
	 */
	synchronized void giveUp() {
		this.whenSecured = null;
	}

	/**
	 * The connection is closed. Jetty does not always say that a handshake has failed.
	 * @param error tells why
	 */
	void closed(Supplier<Throwable> error) {
		Handshake next = next();
		TlsHandshake started = (next != null) ? next.started : null;
		if (started != null) {
			started.failed(error.get());
		}
	}

	/**
	 * A handshake. While one thread begins it, another one may read that it fails.
	 */
	private static final class Handshake {

		private final SSLEngine engine;

		private volatile @Nullable TlsHandshake started;

		Handshake(SSLEngine engine) {
			this.engine = engine;
		}

		synchronized TlsHandshake start(NetTrace hooks) {
			TlsHandshake started = this.started;
			if (started == null) {
				started = TlsHandshake.start(hooks, this.engine);
				this.started = started;
			}
			return started;
		}

	}

}
