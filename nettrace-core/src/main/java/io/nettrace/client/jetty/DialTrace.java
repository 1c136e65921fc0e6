package io.nettrace.client.jetty;

import java.lang.ref.WeakReference;

import io.nettrace.NetTrace;
import io.nettrace.instrument.ForwardingNetTrace;
import org.jspecify.annotations.Nullable;

/**
 * The hooks of a dial, as the addresses of the answer carry it. Below TLS and HTTP/2 a
 * connection keeps all of these addresses for as long as it lives. Once it is connected
 * the trace is therefore only lent by the request: should the handshake with TLS or with
 * a proxy fail, Jetty goes on to the next address.
 */
final class DialTrace extends ForwardingNetTrace {

	private final WeakReference<NetTrace> lent;

	private volatile @Nullable NetTrace owned;

	DialTrace(NetTrace trace) {
		this.lent = new WeakReference<>(trace);
		this.owned = trace;
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

}
