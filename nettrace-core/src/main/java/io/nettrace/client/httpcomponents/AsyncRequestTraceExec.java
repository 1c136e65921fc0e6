package io.nettrace.client.httpcomponents;

import java.io.IOException;

import io.nettrace.instrument.NetTracing;
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

	private final NetTracing tracing;

	private AsyncRequestTraceExec(NetTracing tracing) {
		this.tracing = tracing;
	}

	static void addTo(HttpAsyncClientBuilder builder, NetTracing tracing) {
		builder.addExecInterceptorFirst("nettrace-request", new AsyncRequestTraceExec(tracing)::request);
	}

	/**
	 * Around the redirects and the library's retries, and still on the thread that
	 * executes the request: whatever is bound to it is lost where a cache, or an
	 * interceptor of the application's, goes on on another one.
	 */
	private void request(HttpRequest request, AsyncEntityProducer entityProducer, AsyncExecChain.Scope scope,
			AsyncExecChain chain, AsyncExecCallback callback) throws HttpException, IOException {
		HttpHost target = scope.route.getTargetHost();
		CarriedTrace carried = CarriedTrace.put(scope.clientContext,
				this.tracing.request(NetTraceHttpComponentsAsync.CLIENT, target.getHostName(), target.getPort()));
		if (carried == null) {
			chain.proceed(request, entityProducer, scope, callback);
			return;
		}
		try {
			chain.proceed(request, entityProducer, scope, new RequestEnd(callback, carried));
		}
		catch (Throwable ex) {
			carried.end();
			throw ex;
		}
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
