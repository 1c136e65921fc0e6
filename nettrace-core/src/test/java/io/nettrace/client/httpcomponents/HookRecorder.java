package io.nettrace.client.httpcomponents;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;

import io.nettrace.CloseInfo;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionListener;
import io.nettrace.ConnectionTarget;
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
 * Keeps the hooks of all requests, and what connections tell, as text.
 */
final class HookRecorder implements NetTrace, ConnectionListener {

	private final List<String> events = new ArrayList<>();

	private final List<ConnectionInfo> connections = new ArrayList<>();

	private final List<WaitInfo> waits = new ArrayList<>();

	private final List<CloseInfo> closes = new ArrayList<>();

	private final List<TlsInfo> handshakes = new ArrayList<>();

	private final List<ProxyInfo> proxies = new ArrayList<>();

	private final List<ConnectionTarget> targets = new ArrayList<>();

	private final List<Throwable> errors = new ArrayList<>();

	private volatile String awaited = "none";

	private volatile Runnable action = () -> {
	};

	/**
	 * Do something when something is called for the first time.
	 */
	void when(String event, Runnable action) {
		this.action = action;
		this.awaited = event;
	}

	private void add(String event) {
		synchronized (this) {
			this.events.add(event);
		}
		if (event.equals(this.awaited)) {
			this.awaited = "none";
			this.action.run();
		}
	}

	private synchronized String error(@Nullable Throwable error) {
		if (error == null) {
			return "";
		}
		this.errors.add(error);
		return " " + error.getClass().getSimpleName();
	}

	/**
	 * Return what was called so far, and forget it.
	 */
	synchronized List<String> take() {
		List<String> taken = List.copyOf(this.events);
		this.events.clear();
		return taken;
	}

	synchronized List<String> events() {
		return List.copyOf(this.events);
	}

	/**
	 * Return what {@code gotConn} was told.
	 */
	synchronized List<ConnectionInfo> connections() {
		return List.copyOf(this.connections);
	}

	/**
	 * Return what {@code closed} was told.
	 */
	synchronized List<CloseInfo> closes() {
		return List.copyOf(this.closes);
	}

	/**
	 * Return what {@code waitDone} was told.
	 */
	synchronized List<WaitInfo> waits() {
		return List.copyOf(this.waits);
	}

	/**
	 * Return what {@code tlsHandshakeDone} was told.
	 */
	synchronized List<TlsInfo> handshakes() {
		return List.copyOf(this.handshakes);
	}

	/**
	 * Return what {@code proxyDone} was told.
	 */
	synchronized List<ProxyInfo> proxies() {
		return List.copyOf(this.proxies);
	}

	/**
	 * Return what {@code getConn} was told.
	 */
	synchronized List<ConnectionTarget> targets() {
		return List.copyOf(this.targets);
	}

	/**
	 * Return all errors that hooks were told.
	 */
	synchronized List<Throwable> errors() {
		return List.copyOf(this.errors);
	}

	@Override
	public synchronized void getConn(ConnectionTarget target) {
		this.targets.add(target);
		add("getConn");
	}

	@Override
	public void waitStart(WaitInfo wait) {
		add("waitStart " + wait.reason());
	}

	@Override
	public synchronized void waitDone(WaitInfo wait) {
		this.waits.add(wait);
		add("waitDone " + wait.outcome() + error(wait.error()));
	}

	@Override
	public void dnsStart(String host) {
		add("dnsStart");
	}

	@Override
	public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
		add("dnsDone" + error(error));
	}

	@Override
	public void connectStart(String network, SocketAddress address) {
		add("connectStart");
	}

	@Override
	public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
		add("connectDone" + error(error));
	}

	@Override
	public void proxyStart(ProxyInfo proxy) {
		add("proxyStart");
	}

	@Override
	public synchronized void proxyDone(ProxyInfo proxy) {
		this.proxies.add(proxy);
		add("proxyDone" + error(proxy.error()));
	}

	@Override
	public void tlsHandshakeStart(TlsInfo handshake) {
		add("tlsHandshakeStart");
	}

	@Override
	public synchronized void tlsHandshakeDone(TlsInfo handshake) {
		this.handshakes.add(handshake);
		add("tlsHandshakeDone" + error(handshake.error()));
	}

	@Override
	public synchronized void gotConn(ConnectionInfo connection) {
		this.connections.add(connection);
		add("gotConn");
	}

	@Override
	public void wroteHeaders(ConnectionInfo connection) {
		add("wroteHeaders");
	}

	@Override
	public void wait100Continue(ConnectionInfo connection) {
		add("wait100Continue");
	}

	@Override
	public void got100Continue(ConnectionInfo connection) {
		add("got100Continue");
	}

	@Override
	public void got1xxResponse(InterimResponse response) {
		add("got1xxResponse " + response.status());
	}

	@Override
	public void wroteRequest(WroteRequestInfo request) {
		add("wroteRequest" + error(request.error()));
	}

	@Override
	public void gotFirstResponseByte(ConnectionInfo connection) {
		add("gotFirstResponseByte");
	}

	@Override
	public void responseDone(ResponseInfo response) {
		add("responseDone " + response.status() + error(response.error())
				+ ((response.goAway() != ResponseInfo.NO_GOAWAY) ? " GOAWAY " + response.goAway() : ""));
	}

	@Override
	public void putIdleConn(PutIdleInfo connection) {
		add("putIdleConn" + error(connection.error()));
	}

	@Override
	public void opened(ConnectionInfo connection) {
		add("opened");
	}

	@Override
	public void acquired(ConnectionInfo connection) {
		add("acquired " + connection.requests());
	}

	@Override
	public void released(ConnectionInfo connection) {
		add("released");
	}

	@Override
	public synchronized void closed(ConnectionInfo connection, CloseInfo close) {
		this.closes.add(close);
		add("closed " + close.reason());
	}

}
