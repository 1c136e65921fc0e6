package io.nettrace;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Calls the hooks of several traces in order, for start and done alike as Go does, and
 * keeps what one of them throws away from the others and from the request.
 */
final class GuardedNetTrace implements NetTrace {

	private final NetTrace[] traces;

	private final NetTracing tracing;

	GuardedNetTrace(NetTrace[] traces, NetTracing tracing) {
		this.traces = traces;
		this.tracing = tracing;
	}

	@Override
	public void dnsStart(String host) {
		if (!this.tracing.firesDns()) {
			return;
		}
		for (NetTrace trace : this.traces) {
			try {
				trace.dnsStart(host);
			}
			catch (Throwable ex) {
				this.tracing.report(trace, ex);
			}
		}
	}

	@Override
	public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
		if (!this.tracing.firesDns()) {
			return;
		}
		for (NetTrace trace : this.traces) {
			try {
				trace.dnsDone(addresses, coalesced, error);
			}
			catch (Throwable ex) {
				this.tracing.report(trace, ex);
			}
		}
	}

	@Override
	public void connectStart(String network, SocketAddress address) {
		if (!this.tracing.firesConnect()) {
			return;
		}
		for (NetTrace trace : this.traces) {
			try {
				trace.connectStart(network, address);
			}
			catch (Throwable ex) {
				this.tracing.report(trace, ex);
			}
		}
	}

	@Override
	public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
		if (!this.tracing.firesConnect()) {
			return;
		}
		for (NetTrace trace : this.traces) {
			try {
				trace.connectDone(network, address, error);
			}
			catch (Throwable ex) {
				this.tracing.report(trace, ex);
			}
		}
	}

}
