package io.nettrace.client.httpcomponents;

import java.io.IOException;

import io.nettrace.NetTrace;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.RequestTrace;
import org.apache.hc.client5.http.EndpointInfo;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.classic.ExecRuntime;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.core5.concurrent.CancellableDependency;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * Begins the exchanges of a request, hands each one to the connection that executes it,
 * and ends it.
 */
final class TracedExecRuntime implements ExecRuntime {

	private final ExecRuntime delegate;

	private final NetTracing tracing;

	private @Nullable RequestTrace request;

	private volatile @Nullable HttpRoute route;

	private volatile @Nullable ExchangeTrace exchange;

	TracedExecRuntime(ExecRuntime delegate, NetTracing tracing) {
		this.delegate = delegate;
		this.tracing = tracing;
	}

	@Override
	public void acquireEndpoint(String id, HttpRoute route, @Nullable Object state, HttpClientContext context)
			throws IOException {
		this.route = route;
		NetTrace hooks = isExecutionAborted() ? NetTrace.NONE : request(route).hooks();
		ExchangeTrace exchange = (hooks != NetTrace.NONE)
				? ExchangeTrace.prepare(hooks, Routes.target(route, this.tracing)) : null;
		this.exchange = exchange;
		if (exchange == null) {
			this.delegate.acquireEndpoint(id, route, state, context);
			return;
		}
		ExchangeTrace outer = CarriedByThread.EXCHANGE.begin(exchange);
		try {
			this.delegate.acquireEndpoint(id, route, state, context);
		}
		finally {
			CarriedByThread.EXCHANGE.end(outer);
		}
	}

	/**
	 * The redirects and the library's retries of a request share this object.
	 */
	private RequestTrace request(HttpRoute route) {
		RequestTrace request = this.request;
		if (request == null) {
			HttpHost target = route.getTargetHost();
			request = this.tracing.blockingRequest(NetTraceHttpComponents.CLIENT, target.getHostName(),
					target.getPort());
			this.request = request;
		}
		return request;
	}

	@Override
	public ClassicHttpResponse execute(String id, ClassicHttpRequest request, HttpClientContext context)
			throws IOException, HttpException {
		return execute(id, request, null, context);
	}

	@Override
	public ClassicHttpResponse execute(String id, ClassicHttpRequest request,
			@Nullable HttpResponseInformationCallback informationCallback, HttpClientContext context)
			throws IOException, HttpException {
		if (!isEndpointConnected()) {
			carryRequest(context);
		}
		ExchangeTrace exchange = Method.CONNECT.isSame(request.getMethod()) ? null : exchange();
		if (exchange == null) {
			return delegated(id, request, informationCallback, context);
		}
		ExchangeTrace outer = CarriedByThread.EXCHANGE.begin(exchange);
		try {
			ClassicHttpResponse response = delegated(id, request, informationCallback, context);
			exchange.executed();
			return response;
		}
		catch (Throwable ex) {
			exchange.failed(isExecutionAborted() ? Failures.cancelled(ex) : Failures.asCancellation(ex));
			throw ex;
		}
		finally {
			CarriedByThread.EXCHANGE.end(outer);
		}
	}

	private ClassicHttpResponse delegated(String id, ClassicHttpRequest request,
			@Nullable HttpResponseInformationCallback informationCallback, HttpClientContext context)
			throws IOException, HttpException {
		return (informationCallback != null) ? this.delegate.execute(id, request, informationCallback, context)
				: this.delegate.execute(id, request, context);
	}

	/**
	 * The exchange that has asked for the connection, or another one on the same: an
	 * interceptor of the application's may execute more than one request on it.
	 */
	private @Nullable ExchangeTrace exchange() {
		ExchangeTrace exchange = this.exchange;
		HttpRoute route = this.route;
		if (exchange != null && !exchange.isNew() && route != null) {
			exchange = ExchangeTrace.begin(request(route).hooks(), Routes.target(route, this.tracing));
			this.exchange = exchange;
		}
		return exchange;
	}

	/**
	 * What the library calls once it has read the response to its end.
	 */
	@Override
	public void releaseEndpoint() {
		ExchangeTrace exchange = this.exchange;
		if (exchange != null) {
			exchange.completed();
		}
		this.delegate.releaseEndpoint();
	}

	@Override
	public void discardEndpoint() {
		abandoned();
		this.delegate.discardEndpoint();
	}

	@Override
	public void disconnectEndpoint() throws IOException {
		abandoned();
		this.delegate.disconnectEndpoint();
	}

	private void abandoned() {
		ExchangeTrace exchange = this.exchange;
		if (exchange != null) {
			exchange.abandoned();
		}
	}

	@Override
	public boolean isExecutionAborted() {
		return this.delegate.isExecutionAborted();
	}

	@Override
	public boolean isEndpointAcquired() {
		return this.delegate.isEndpointAcquired();
	}

	@Override
	public boolean isEndpointConnected() {
		return this.delegate.isEndpointConnected();
	}

	@Override
	public void connectEndpoint(HttpClientContext context) throws IOException {
		carryRequest(context);
		this.delegate.connectEndpoint(context);
	}

	/**
	 * So that the dial finds it. A request on a pooled connection has none.
	 */
	private void carryRequest(HttpClientContext context) {
		RequestTrace request = this.request;
		if (request != null) {
			CarriedTrace.carry(context, request);
		}
	}

	@Override
	public void upgradeTls(HttpClientContext context) throws IOException {
		this.delegate.upgradeTls(context);
	}

	@Override
	public EndpointInfo getEndpointInfo() {
		return this.delegate.getEndpointInfo();
	}

	@Override
	public boolean isConnectionReusable() {
		return this.delegate.isConnectionReusable();
	}

	@Override
	public void markConnectionReusable(Object state, TimeValue validityTime) {
		this.delegate.markConnectionReusable(state, validityTime);
	}

	@Override
	public void markConnectionNonReusable() {
		this.delegate.markConnectionNonReusable();
	}

	/**
	 * For something that goes on in the background, as the refreshing of a cache. It is
	 * not part of the request.
	 */
	@Override
	public ExecRuntime fork(CancellableDependency cancellableAware) {
		return this.delegate.fork(cancellableAware);
	}

}
