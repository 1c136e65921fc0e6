package io.nettrace.client.httpcomponents;

import java.io.IOException;

import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.RequestTrace;
import org.apache.hc.client5.http.async.AsyncExecCallback;
import org.apache.hc.client5.http.async.AsyncExecChain;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.nio.AsyncDataConsumer;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;

/**
 * Begins and ends the trace of a request in an asynchronous client's chain of
 * interceptors.
 */
final class AsyncRequestTraceExec {

	private final AsyncConnections connections;

	private AsyncRequestTraceExec(AsyncConnections connections) {
		this.connections = connections;
	}

	static void addTo(HttpAsyncClientBuilder builder, AsyncConnections connections) {
		builder.addExecInterceptorFirst("nettrace-request", new AsyncRequestTraceExec(connections)::request);
	}

	/**
	 * Around the redirects and the library's retries, and still on the thread that
	 * executes the request: whatever is bound to it is lost where a cache, or an
	 * interceptor of the application's, goes on on another one.
	 */
	private void request(HttpRequest request, AsyncEntityProducer entityProducer, AsyncExecChain.Scope scope,
			AsyncExecChain chain, AsyncExecCallback callback) throws HttpException, IOException {
		NetTracing tracing = this.connections.tracing();
		HttpHost target = scope.route.getTargetHost();
		RequestTrace trace = tracing.request(NetTraceHttpComponentsAsync.CLIENT, target.getHostName(),
				target.getPort());
		boolean watched = tracing.watchesExchanges() || tracing.watchesConnections()
				|| scope.route.getProxyHost() != null;
		CarriedTrace carried = CarriedTrace.put(scope.clientContext, trace);
		if (carried == null) {
			chain.proceed(request, entityProducer, scope, callback);
			return;
		}
		try {
			chain.proceed(request, entityProducer, watched ? watched(scope, trace) : scope,
					new RequestEnd(callback, carried));
		}
		catch (Throwable ex) {
			carried.end();
			throw ex;
		}
	}

	private AsyncExecChain.Scope watched(AsyncExecChain.Scope scope, RequestTrace trace) {
		return new AsyncExecChain.Scope(scope.exchangeId, scope.route, scope.originalRequest,
				scope.cancellableDependency, scope.clientContext,
				new TracedAsyncExecRuntime(scope.execRuntime, this.connections, trace), scope.scheduler,
				scope.execCount);
	}

	/**
	 * Ends the trace when the request is over.
	 */
	record RequestEnd(AsyncExecCallback delegate, CarriedTrace carried) implements AsyncExecCallback {

		@Override
		public AsyncDataConsumer handleResponse(HttpResponse response, EntityDetails entityDetails)
				throws HttpException, IOException {
			return this.delegate.handleResponse(response, entityDetails);
		}

		@Override
		public void handleInformationResponse(HttpResponse response) throws HttpException, IOException {
			this.delegate.handleInformationResponse(response);
		}

		@Override
		public void completed() {
			try {
				this.delegate.completed();
			}
			finally {
				this.carried.end();
			}
		}

		@Override
		public void failed(Exception cause) {
			try {
				this.delegate.failed(cause);
			}
			finally {
				this.carried.end();
			}
		}

	}

}
