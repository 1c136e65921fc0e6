package io.nettrace.client.jetty;

import java.lang.ref.WeakReference;

import io.nettrace.NetTrace;
import io.nettrace.instrument.ForwardingNetTrace;
import io.nettrace.instrument.ProxyStep;
import org.eclipse.jetty.client.transport.HttpDestination;
import org.jspecify.annotations.Nullable;

/**
 * The hooks of a dial, as the addresses of the answer carry it. Below TLS and HTTP/2 a
 * connection keeps all of these addresses for as long as it lives. Once it is connected
 * the trace is therefore only lent by the request: should the handshake with TLS or with
 * a proxy fail, Jetty goes on to the next address.
 */
final class DialTrace extends ForwardingNetTrace {

	private final @Nullable HttpDestination destination;

	private final WeakReference<JettyRequest> request;

	private final WeakReference<NetTrace> lent;

	private volatile @Nullable NetTrace owned;

	private volatile @Nullable ProxyStep proxyStep;

	/**
	 * Create the hooks of a dial.
	 * @param trace the hooks
	 * @param destination the pool that the connection is for, if Jetty tells
	 * @param request the request that makes Jetty dial
	 */
	DialTrace(NetTrace trace, @Nullable HttpDestination destination, JettyRequest request) {
		this.request = new WeakReference<>(request);
		this.destination = destination;
		this.lent = new WeakReference<>(trace);
		this.owned = trace;
	}

	@Nullable HttpDestination destination() {
		return this.destination;
	}

	boolean isOf(JettyRequest request) {
		return this.request.refersTo(request);
	}

	/**
	 * Return the trace itself, for one attempt.
	 * @return the trace, {@link NetTrace#NONE} if the dial is over
	 */
	NetTrace current() {
		NetTrace trace = this.owned;
		trace = (trace != null) ? trace : this.lent.get();
		return (trace != null) ? trace : NetTrace.NONE;
	}

	/**
	 * Return the hooks of a dial.
	 * @param dial the dial, {@code null} if nothing listened
	 */
	static NetTrace hooksOf(@Nullable DialTrace dial) {
		return (dial != null) ? dial.current() : NetTrace.NONE;
	}

	@Override
	protected NetTrace delegate() {
		return current();
	}

	/**
	 * An attempt has connected.
	 */
	void connected() {
		this.owned = null;
	}

	/**
	 * The proxy is asked to connect to the host.
	 */
	void asks(ProxyStep step) {
		this.proxyStep = step;
	}

	/**
	 * The proxy has answered, or failed.
	 * @param error why there is no tunnel, or {@code null}
	 */
	void proxyAnswered(@Nullable Throwable error) {
		ProxyStep step = this.proxyStep;
		this.proxyStep = null;
		if (step != null) {
			step.done(error);
		}
	}

}
