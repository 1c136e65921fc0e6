package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;

import io.nettrace.NetTrace;
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

	private final AtomicReference<@Nullable ProxyStep> step = new AtomicReference<>();

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
			this.step.set(ProxyStep.start(this.dial, session.getRemoteAddress(), this.target));
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
		done(TracedSession.cancellation());
		super.cancel();
	}

	private void done(@Nullable Throwable error) {
		ProxyStep started = this.step.getAndSet(null);
		if (started != null) {
			started.done(error);
		}
	}

}
