package io.nettrace.contract.stress;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.nettrace.ConnectionTarget;
import io.nettrace.NetTrace;
import io.nettrace.ProxyInfo;
import io.nettrace.TlsInfo;
import org.jspecify.annotations.Nullable;

/**
 * Holds the hooks of one dial to their order, whatever the timing. A dial may go on when
 * its request is over.
 */
final class DialChecker implements NetTrace {

	private final TrackedRequest request;

	private final boolean races;

	// Guarded by the request's hooks

	private final List<SocketAddress> connecting = new ArrayList<>();

	private final Set<SocketAddress> connected = new HashSet<>();

	private boolean lookedUp;

	private @Nullable String lookingUp;

	private @Nullable ProxyInfo proxy;

	private @Nullable TlsInfo handshake;

	DialChecker(TrackedRequest request, boolean races) {
		this.request = request;
		this.races = races;
	}

	boolean isOver() {
		return this.lookingUp == null && this.connecting.isEmpty() && this.proxy == null && this.handshake == null;
	}

	/**
	 * Whether the dial has connected to an address.
	 */
	boolean hasConnectedTo(@Nullable SocketAddress address) {
		return this.connected.contains(address);
	}

	private void check(boolean valid, String rule) {
		this.request.check(valid, rule);
	}

	private void at(Moment moment, @Nullable Object detail, Runnable rules) {
		this.request.hook(moment, detail, rules);
	}

	@Override
	public void dnsStart(String host) {
		at(Moment.DNS_START, host, () -> {
			check(!this.lookedUp, "a dial looks up once");
			check(this.request.mayAskFor(host), "a host of the request is looked up");
			this.lookedUp = true;
			this.lookingUp = host;
		});
	}

	@Override
	public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
		at(Moment.DNS_DONE, error, () -> {
			check(this.lookingUp != null, "dnsDone after dnsStart, once");
			check(error != null || !addresses.isEmpty(), "an answer has addresses");
			this.lookingUp = null;
		});
	}

	@Override
	public void connectStart(String network, SocketAddress address) {
		at(Moment.CONNECT_START, address, () -> {
			check(this.lookingUp == null, "no connect before the answer");
			check(this.races || this.connecting.isEmpty(), "one address after the other");
			check(this.races || this.connected.isEmpty(), "no connect after one that has connected");
			check(address instanceof InetSocketAddress inet && !inet.isUnresolved(), "an address is resolved");
			this.connecting.add(address);
		});
	}

	@Override
	public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
		at(Moment.CONNECT_DONE, (error != null) ? error : address, () -> {
			check(this.connecting.removeIf((each) -> each == address), "connectDone after its connectStart, once");
			if (error == null) {
				this.connected.add(address);
			}
		});
	}

	@Override
	public void proxyStart(ProxyInfo proxy) {
		at(Moment.PROXY_START, proxy, () -> {
			check(this.proxy == null && this.handshake == null, "one step after the other");
			check(!this.connected.isEmpty(), "the proxy is connected");
			check(proxy.error() == null, "no error before the end");
			this.proxy = proxy;
		});
	}

	@Override
	public void proxyDone(ProxyInfo proxy) {
		at(Moment.PROXY_DONE, proxy.error(), () -> {
			ProxyInfo started = this.proxy;
			check(started != null, "proxyDone after proxyStart, once");
			check(started == null || (started.host().equals(proxy.host()) && started.port() == proxy.port()),
					"proxyDone says what proxyStart said");
			this.proxy = null;
		});
	}

	@Override
	public void tlsHandshakeStart(TlsInfo handshake) {
		at(Moment.TLS_START, handshake.serverName(), () -> {
			check(this.handshake == null && this.proxy == null, "one step after the other");
			check(!this.connected.isEmpty(), "a handshake needs a connection");
			this.handshake = handshake;
		});
	}

	@Override
	public void tlsHandshakeDone(TlsInfo handshake) {
		at(Moment.TLS_DONE, handshake.error(), () -> {
			TlsInfo started = this.handshake;
			check(started != null, "tlsHandshakeDone after tlsHandshakeStart, once");
			check(started == null || started.serverName().equals(handshake.serverName()),
					"tlsHandshakeDone says what tlsHandshakeStart said");
			check((handshake.error() == null) == (handshake.version() != null), "a version or an error");
			this.handshake = null;
			if (handshake.error() != null && this.request.dialsOnAfterHandshake()) {
				this.connected.clear();
			}
		});
	}

	@Override
	public void getConn(ConnectionTarget target) {
		at(Moment.GET_CONN, target, () -> check(false, "a dial has no hooks of an exchange"));
	}

}
