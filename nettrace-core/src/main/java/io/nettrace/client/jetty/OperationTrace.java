package io.nettrace.client.jetty;

import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.List;

import io.nettrace.NetTrace;
import org.jspecify.annotations.Nullable;

/**
 * The trace of a lookup and its attempts, as the addresses of the answer carry it. Below
 * TLS and HTTP/2 a connection keeps all of these addresses for as long as it lives. Once
 * it is connected the trace is therefore only lent by the request that sent: should the
 * handshake with TLS or with a proxy fail, Jetty goes on to the next address.
 */
final class OperationTrace implements NetTrace {

	private final WeakReference<NetTrace> lent;

	private volatile @Nullable NetTrace owned;

	OperationTrace(NetTrace trace) {
		this.lent = new WeakReference<>(trace);
		this.owned = trace;
	}

	/**
	 * Return the trace itself, for one attempt.
	 * @return the trace, {@link NetTrace#NONE} if the operation is over
	 */
	NetTrace current() {
		NetTrace trace = this.owned;
		trace = (trace != null) ? trace : this.lent.get();
		return (trace != null) ? trace : NetTrace.NONE;
	}

	/**
	 * An attempt has connected.
	 */
	void connected() {
		this.owned = null;
	}

	@Override
	public void dnsStart(String host) {
		current().dnsStart(host);
	}

	@Override
	public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
		current().dnsDone(addresses, coalesced, error);
	}

	@Override
	public void connectStart(String network, SocketAddress address) {
		current().connectStart(network, address);
	}

	@Override
	public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
		current().connectDone(network, address, error);
	}

}
