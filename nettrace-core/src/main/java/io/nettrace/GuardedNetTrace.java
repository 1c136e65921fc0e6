package io.nettrace;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Calls the hooks of a trace and then those of the next, in the same order for start and
 * done as Go does, and keeps what one of them does away from the others and from the
 * request: what it throws, what it sends itself, and on a thread that serves other
 * requests too, its interrupt. Errors of the JVM are thrown once the done hooks have been
 * called.
 */
final class GuardedNetTrace implements NetTrace {

	private static final Hook<String, Object, Object> DNS_START = (trace, host, x, y) -> trace.dnsStart(host);

	private static final Hook<List<InetAddress>, Boolean, Throwable> DNS_DONE = NetTrace::dnsDone;

	private static final Hook<String, SocketAddress, Object> CONNECT_START = (trace, network, address, x) -> trace
		.connectStart(network, address);

	private static final Hook<String, SocketAddress, Throwable> CONNECT_DONE = NetTrace::connectDone;

	private final NetTrace trace;

	private final @Nullable GuardedNetTrace next;

	private final NetTracing.Hooks hooks;

	GuardedNetTrace(NetTrace trace, @Nullable GuardedNetTrace next, NetTracing.Hooks hooks) {
		this.trace = trace;
		this.next = next;
		this.hooks = hooks;
	}

	/**
	 * One of the hooks, with as many arguments as the longest has.
	 */
	private interface Hook<A, B, C> {

		void call(NetTrace trace, A first, B second, @Nullable C third);

	}

	@Override
	public void dnsStart(String host) {
		if (this.hooks.firesDns()) {
			callAll(DNS_START, host, this, null);
		}
	}

	@Override
	public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
		if (this.hooks.firesDns()) {
			callAll(DNS_DONE, addresses, coalesced, error);
			passOn();
		}
	}

	@Override
	public void connectStart(String network, SocketAddress address) {
		if (this.hooks.firesConnect()) {
			callAll(CONNECT_START, network, address, null);
		}
	}

	@Override
	public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
		if (this.hooks.firesConnect()) {
			callAll(CONNECT_DONE, network, address, error);
			passOn();
		}
	}

	/**
	 * Whatever a hook sends itself fires no hooks, or it would be called for ever.
	 */
	private <A, B, C> void callAll(Hook<A, B, C> hook, A first, B second, @Nullable C third) {
		boolean interrupted = Thread.currentThread().isInterrupted();
		NetTraceContext.Scope outer = NetTraceContext.silence();
		try {
			for (GuardedNetTrace each = this; each != null; each = each.next) {
				try {
					hook.call(each.trace, first, second, third);
				}
				catch (Throwable ex) {
					this.hooks.owe(this, this.hooks.failed(each.trace, ex));
				}
			}
		}
		finally {
			NetTraceContext.endSilence(outer);
			if (!interrupted && this.hooks.clearsInterrupts()) {
				Thread.interrupted();
			}
		}
	}

	private void passOn() {
		VirtualMachineError error = this.hooks.takeOwed(this);
		if (error != null) {
			throw error;
		}
	}

}
