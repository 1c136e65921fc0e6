package io.nettrace.client.httpcomponents;

import java.io.IOException;

import io.nettrace.NetTrace;
import io.nettrace.instrument.ProxyStep;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.nio.AsyncClientExchangeHandler;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * Calls the hooks of a proxy step around the {@code CONNECT} that asks for a tunnel.
 */
final class TunnelHandler extends SessionHandler {

	private final NetTrace dial;

	private final HttpHost target;

	private final Runnable whenItStands;

	private volatile @Nullable ProxyStep step;

	/**
	 * Create a handler.
	 * @param delegate the library's handler
	 * @param dial the trace of the dial
	 * @param target what the proxy is asked for
	 * @param whenItStands what to do if the proxy agrees
	 */
	TunnelHandler(AsyncClientExchangeHandler delegate, NetTrace dial, HttpHost target, Runnable whenItStands) {
		super(delegate);
		this.dial = dial;
		this.target = target;
		this.whenItStands = whenItStands;
	}

	@Override
	void boundTo(TracedSession session) {
		if (this.dial != NetTrace.NONE) {
			this.step = ProxyStep.start(this.dial, "http", session.getRemoteAddress(), this.target.getHostName(),
					this.target.getPort());
		}
	}

	@Override
	public void consumeResponse(HttpResponse response, @Nullable EntityDetails entityDetails, HttpContext context)
			throws HttpException, IOException {
		if (response.getCode() == HttpStatus.SC_OK) {
			this.whenItStands.run();
			done(null);
		}
		else {
			done(new IOException("the proxy has answered " + response.getCode()));
		}
		super.consumeResponse(response, entityDetails, context);
	}

	@Override
	public void failed(Exception cause) {
		done(cause);
		super.failed(cause);
	}

	@Override
	public void cancel() {
		done(Failures.cancelled());
		super.cancel();
	}

	private void done(@Nullable Throwable error) {
		ProxyStep started = this.step;
		if (started != null) {
			started.done(error);
		}
	}

}
