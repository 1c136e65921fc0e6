package io.nettrace.client.httpcomponents;

import java.io.IOException;

import io.nettrace.NetTrace;
import io.nettrace.ProxyInfo;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/**
 * Calls the hooks of a {@code CONNECT}, by which an HTTP proxy is asked for a tunnel.
 */
final class ProxyStep implements ExchangeHooks {

	private final NetTrace dial;

	private final HttpHost target;

	private volatile @Nullable ProxyInfo proxy;

	private int status;

	ProxyStep(NetTrace dial, HttpHost target) {
		this.dial = dial;
		this.target = target;
	}

	@Override
	public void sends(TracedConnection connection) {
		ProxyInfo proxy = new ProxyInfo("http", connection.getRemoteAddress(), this.target.getHostName(),
				this.target.getPort(), null);
		this.proxy = proxy;
		this.dial.proxyStart(proxy);
	}

	@Override
	public void received(int status) {
		this.status = status;
	}

	/**
	 * The library has the proxy's answer.
	 */
	void executed() {
		done((this.status == HttpStatus.SC_OK) ? null : new IOException("the proxy has answered " + this.status));
	}

	/**
	 * There is no answer.
	 * @param error why
	 */
	void failed(Throwable error) {
		done(error);
	}

	private void done(@Nullable Throwable error) {
		ProxyInfo started = this.proxy;
		if (started != null) {
			this.dial.proxyDone(
					new ProxyInfo(started.protocol(), started.proxyAddress(), started.host(), started.port(), error));
		}
	}

	@Override
	public void wroteHead() {
	}

	@Override
	public void waitsToContinue() {
	}

	@Override
	public void wrote(@Nullable Throwable error) {
	}

	@Override
	public void pooled() {
	}

	@Override
	public void closed(@Nullable Throwable error) {
	}

}
