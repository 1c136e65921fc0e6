package io.nettrace;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Calls the hooks of a trace and then those of the next, in the same order for start and
 * done as Go does, and keeps what one of them throws away from the others and from the
 * request.
 */
final class GuardedNetTrace implements NetTrace {

	private final NetTrace trace;

	private final @Nullable GuardedNetTrace next;

	private final NetTracing tracing;

	GuardedNetTrace(NetTrace trace, @Nullable GuardedNetTrace next, NetTracing tracing) {
		this.trace = trace;
		this.next = next;
		this.tracing = tracing;
	}

	@Override
	public void dnsStart(String host) {
		if (!this.tracing.firesDns()) {
			return;
		}
		try {
			this.trace.dnsStart(host);
		}
		catch (Throwable ex) {
			this.tracing.report(this.trace, ex);
		}
		if (this.next != null) {
			this.next.dnsStart(host);
		}
	}

	@Override
	public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
		if (!this.tracing.firesDns()) {
			return;
		}
		try {
			this.trace.dnsDone(addresses, coalesced, error);
		}
		catch (Throwable ex) {
			this.tracing.report(this.trace, ex);
		}
		if (this.next != null) {
			this.next.dnsDone(addresses, coalesced, error);
		}
	}

	@Override
	public void connectStart(String network, SocketAddress address) {
		if (!this.tracing.firesConnect()) {
			return;
		}
		try {
			this.trace.connectStart(network, address);
		}
		catch (Throwable ex) {
			this.tracing.report(this.trace, ex);
		}
		if (this.next != null) {
			this.next.connectStart(network, address);
		}
	}

	@Override
	public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
		if (!this.tracing.firesConnect()) {
			return;
		}
		try {
			this.trace.connectDone(network, address, error);
		}
		catch (Throwable ex) {
			this.tracing.report(this.trace, ex);
		}
		if (this.next != null) {
			this.next.connectDone(network, address, error);
		}
	}

}
