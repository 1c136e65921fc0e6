package io.nettrace.instrument;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Objects;

import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.DnsAnswerInfo;
import io.nettrace.Hook;
import io.nettrace.InterimResponse;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.ProxyInfo;
import io.nettrace.PutIdleInfo;
import io.nettrace.ResponseInfo;
import io.nettrace.TlsInfo;
import io.nettrace.WaitInfo;
import io.nettrace.WroteRequestInfo;
import org.jspecify.annotations.Nullable;

/**
 * Calls the hooks of a trace and then those of the next, in the same order for start and
 * done as Go does, and keeps what one of them does away from the others and from the
 * request: what it throws, what it sends itself, and on a thread that serves other
 * requests too, its interrupt. Errors of the JVM are thrown once the done hooks have been
 * called.
 */
final class GuardedNetTrace implements NetTrace {

	private static final Call<String, Object, Object> DNS_START = (trace, host, x, y) -> trace.dnsStart(host);

	private static final Call<List<InetAddress>, Boolean, Throwable> DNS_DONE = NetTrace::dnsDone;

	private static final Call<String, SocketAddress, Object> CONNECT_START = (trace, network, address, x) -> trace
		.connectStart(network, address);

	private static final Call<String, SocketAddress, Throwable> CONNECT_DONE = NetTrace::connectDone;

	private final NetTrace trace;

	private final @Nullable GuardedNetTrace next;

	private final HookCalls hooks;

	GuardedNetTrace(NetTrace trace, @Nullable GuardedNetTrace next, HookCalls hooks) {
		this.trace = trace;
		this.next = next;
		this.hooks = hooks;
	}

	boolean watches(Hook hook) {
		return this.hooks.fires(hook);
	}

	/**
	 * A call of one of the hooks, with as many arguments as the longest has.
	 */
	private interface Call<A, B, C> {

		void of(NetTrace trace, A first, B second, @Nullable C third);

	}

	/**
	 * A call of a hook with one argument.
	 */
	private interface CallWithOne<A> extends Call<A, Object, Object> {

		void of(NetTrace trace, A argument);

		@Override
		default void of(NetTrace trace, A first, Object second, @Nullable Object third) {
			of(trace, first);
		}

	}

	@Override
	public void getConn(ConnectionTarget target) {
		single(Hook.GET_CONN, NetTrace::getConn, target);
	}

	@Override
	public void waitStart(WaitInfo wait) {
		start(Hook.WAIT, NetTrace::waitStart, wait);
	}

	@Override
	public void waitDone(WaitInfo wait) {
		single(Hook.WAIT, NetTrace::waitDone, wait);
	}

	@Override
	public void dnsStart(String host) {
		start(Hook.DNS, DNS_START, host, this);
	}

	@Override
	public void dnsAnswer(DnsAnswerInfo answer) {
		start(Hook.DNS_ANSWER, NetTrace::dnsAnswer, answer);
	}

	@Override
	public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
		done(Hook.DNS, DNS_DONE, addresses, coalesced, error);
	}

	@Override
	public void connectStart(String network, SocketAddress address) {
		start(Hook.CONNECT, CONNECT_START, network, address);
	}

	@Override
	public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
		done(Hook.CONNECT, CONNECT_DONE, network, address, error);
	}

	@Override
	public void proxyStart(ProxyInfo proxy) {
		start(Hook.PROXY, NetTrace::proxyStart, proxy);
	}

	@Override
	public void proxyDone(ProxyInfo proxy) {
		single(Hook.PROXY, NetTrace::proxyDone, proxy);
	}

	@Override
	public void tlsHandshakeStart(TlsInfo handshake) {
		start(Hook.TLS_HANDSHAKE, NetTrace::tlsHandshakeStart, handshake);
	}

	@Override
	public void tlsHandshakeDone(TlsInfo handshake) {
		single(Hook.TLS_HANDSHAKE, NetTrace::tlsHandshakeDone, handshake);
	}

	@Override
	public void gotConn(ConnectionInfo connection) {
		single(Hook.GOT_CONN, NetTrace::gotConn, connection);
	}

	@Override
	public void wroteHeaders(ConnectionInfo connection) {
		single(Hook.WROTE_HEADERS, NetTrace::wroteHeaders, connection);
	}

	@Override
	public void wait100Continue(ConnectionInfo connection) {
		single(Hook.WAIT_100_CONTINUE, NetTrace::wait100Continue, connection);
	}

	@Override
	public void got100Continue(ConnectionInfo connection) {
		single(Hook.GOT_100_CONTINUE, NetTrace::got100Continue, connection);
	}

	@Override
	public void got1xxResponse(InterimResponse response) {
		single(Hook.GOT_1XX_RESPONSE, NetTrace::got1xxResponse, response);
	}

	@Override
	public void wroteRequest(WroteRequestInfo request) {
		single(Hook.WROTE_REQUEST, NetTrace::wroteRequest, request);
	}

	@Override
	public void gotFirstResponseByte(ConnectionInfo connection) {
		single(Hook.GOT_FIRST_RESPONSE_BYTE, NetTrace::gotFirstResponseByte, connection);
	}

	@Override
	public void responseDone(ResponseInfo response) {
		single(Hook.RESPONSE_DONE, NetTrace::responseDone, response);
	}

	@Override
	public void putIdleConn(PutIdleInfo connection) {
		single(Hook.PUT_IDLE_CONN, NetTrace::putIdleConn, connection);
	}

	@Override
	public NetTrace forDial() {
		GuardedNetTrace dial = dial();
		return (dial != null) ? dial : NetTrace.NONE;
	}

	private @Nullable GuardedNetTrace dial() {
		GuardedNetTrace nextDial = (this.next != null) ? this.next.dial() : null;
		NetTrace dial = this.trace;
		try {
			dial = Objects.requireNonNull(this.trace.forDial(), "a trace must not return null for a dial");
		}
		catch (Throwable ex) {
			this.hooks.failedToMake(this.trace, ex);
		}
		if (dial == NetTrace.NONE) {
			return nextDial;
		}
		return (dial == this.trace && nextDial == this.next) ? this : new GuardedNetTrace(dial, nextDial, this.hooks);
	}

	private <A> void start(Hook hook, CallWithOne<A> call, A argument) {
		start(hook, call, argument, this);
	}

	private <A, B, C> void start(Hook hook, Call<A, B, C> call, A first, B second) {
		if (this.hooks.fires(hook)) {
			callAll(call, first, second, null);
		}
	}

	private <A, B, C> void done(Hook hook, Call<A, B, C> call, A first, B second, @Nullable C third) {
		if (this.hooks.fires(hook)) {
			callAll(call, first, second, third);
			passOn();
		}
	}

	/**
	 * Call a hook that has no done, or is one.
	 */
	private <A> void single(Hook hook, CallWithOne<A> call, A argument) {
		done(hook, call, argument, this, null);
	}

	/**
	 * Whatever a hook sends itself fires no hooks, or it would be called for ever.
	 */
	private <A, B, C> void callAll(Call<A, B, C> call, A first, B second, @Nullable C third) {
		boolean interrupted = Thread.currentThread().isInterrupted();
		NetTraceContext.Scope outer = NetTraceContext.silence();
		try {
			for (GuardedNetTrace each = this; each != null; each = each.next) {
				try {
					call.of(each.trace, first, second, third);
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
