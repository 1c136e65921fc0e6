package io.nettrace.client.jetty;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;

import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.DnsAnswerInfo;
import io.nettrace.InterimResponse;
import io.nettrace.NetTrace;
import io.nettrace.ProxyInfo;
import io.nettrace.PutIdleInfo;
import io.nettrace.ResponseInfo;
import io.nettrace.TlsInfo;
import io.nettrace.WaitInfo;
import io.nettrace.WroteRequestInfo;
import org.jspecify.annotations.Nullable;

/**
 * The hooks of a request that something happens to before the thread that has queued it
 * says so. Only that thread knows whose hooks they are. Until then the calls are kept,
 * and then they are made, in their order, by that thread. No thread waits for another
 * one: a hook may need what it holds.
 */
final class DeferredTrace implements NetTrace {

	private final Queue<Consumer<NetTrace>> calls = new ArrayDeque<>(); // guarded by this

	private volatile @Nullable NetTrace hooks;

	/**
	 * The hooks are known: call what would have been called.
	 */
	void become(NetTrace hooks) {
		Consumer<NetTrace> call = next(hooks);
		while (call != null) {
			call.accept(hooks);
			call = next(hooks);
		}
	}

	private synchronized @Nullable Consumer<NetTrace> next(NetTrace hooks) {
		Consumer<NetTrace> next = this.calls.poll();
		if (next == null) {
			this.hooks = hooks;
		}
		return next;
	}

	private void call(Consumer<NetTrace> call) {
		NetTrace hooks = known(call);
		if (hooks != null) {
			call.accept(hooks);
		}
	}

	/**
	 * Keep a call if the hooks are not known, or not up to date.
	 */
	private synchronized @Nullable NetTrace known(Consumer<NetTrace> call) {
		if (this.hooks == null) {
			this.calls.add(call);
		}
		return this.hooks;
	}

	@Override
	public NetTrace forDial() {
		NetTrace hooks = this.hooks;
		if (hooks != null) {
			return hooks.forDial();
		}
		DeferredTrace dial = new DeferredTrace();
		call((known) -> dial.become(known.forDial()));
		return dial;
	}

	@Override
	public void getConn(ConnectionTarget target) {
		call((hooks) -> hooks.getConn(target));
	}

	@Override
	public void waitStart(WaitInfo wait) {
		call((hooks) -> hooks.waitStart(wait));
	}

	@Override
	public void waitDone(WaitInfo wait) {
		call((hooks) -> hooks.waitDone(wait));
	}

	@Override
	public void dnsStart(String host) {
		call((hooks) -> hooks.dnsStart(host));
	}

	@Override
	public void dnsAnswer(DnsAnswerInfo answer) {
		call((hooks) -> hooks.dnsAnswer(answer));
	}

	@Override
	public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
		call((hooks) -> hooks.dnsDone(addresses, coalesced, error));
	}

	@Override
	public void connectStart(String network, SocketAddress address) {
		call((hooks) -> hooks.connectStart(network, address));
	}

	@Override
	public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
		call((hooks) -> hooks.connectDone(network, address, error));
	}

	@Override
	public void proxyStart(ProxyInfo proxy) {
		call((hooks) -> hooks.proxyStart(proxy));
	}

	@Override
	public void proxyDone(ProxyInfo proxy) {
		call((hooks) -> hooks.proxyDone(proxy));
	}

	@Override
	public void tlsHandshakeStart(TlsInfo handshake) {
		call((hooks) -> hooks.tlsHandshakeStart(handshake));
	}

	@Override
	public void tlsHandshakeDone(TlsInfo handshake) {
		call((hooks) -> hooks.tlsHandshakeDone(handshake));
	}

	@Override
	public void gotConn(ConnectionInfo connection) {
		call((hooks) -> hooks.gotConn(connection));
	}

	@Override
	public void wroteHeaders(ConnectionInfo connection) {
		call((hooks) -> hooks.wroteHeaders(connection));
	}

	@Override
	public void wait100Continue(ConnectionInfo connection) {
		call((hooks) -> hooks.wait100Continue(connection));
	}

	@Override
	public void got100Continue(ConnectionInfo connection) {
		call((hooks) -> hooks.got100Continue(connection));
	}

	@Override
	public void got1xxResponse(InterimResponse response) {
		call((hooks) -> hooks.got1xxResponse(response));
	}

	@Override
	public void wroteRequest(WroteRequestInfo request) {
		call((hooks) -> hooks.wroteRequest(request));
	}

	@Override
	public void gotFirstResponseByte(ConnectionInfo connection) {
		call((hooks) -> hooks.gotFirstResponseByte(connection));
	}

	@Override
	public void responseDone(ResponseInfo response) {
		call((hooks) -> hooks.responseDone(response));
	}

	@Override
	public void putIdleConn(PutIdleInfo connection) {
		call((hooks) -> hooks.putIdleConn(connection));
	}

}
