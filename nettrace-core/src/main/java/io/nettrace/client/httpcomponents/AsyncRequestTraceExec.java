package io.nettrace.client.httpcomponents;

import java.io.IOException;

import io.nettrace.Hook;
import io.nettrace.NetTraceContext;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.RequestTrace;
import org.apache.hc.client5.http.async.AsyncExecCallback;
import org.apache.hc.client5.http.async.AsyncExecChain;
import org.apache.hc.client5.http.async.AsyncExecRuntime;
import org.apache.hc.client5.http.impl.async.HttpAsyncClientBuilder;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.nio.AsyncEntityProducer;

/**
 * Begins the trace of a request in an asynchronous client's chain of interceptors.
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
		boolean exchanges = tracing.watchesExchanges() || tracing.watchesConnections();
		chain.proceed(request, entityProducer, (exchanges || isTraced(tracing)) ? traced(scope, exchanges) : scope,
				callback);
	}

	/**
	 * Whether the request has hooks of a dial, or an alternate resolver, or must have
	 * none.
	 */
	private static boolean isTraced(NetTracing tracing) {
		return NetTraceContext.current() != NetTraceContext.empty() || tracing.watches(Hook.DNS)
				|| tracing.watches(Hook.CONNECT) || tracing.watches(Hook.PROXY) || tracing.watches(Hook.TLS_HANDSHAKE);
	}

	private AsyncExecChain.Scope traced(AsyncExecChain.Scope scope, boolean exchanges) {
		HttpHost target = scope.route.getTargetHost();
		RequestTrace request = this.connections.tracing()
			.request(NetTraceHttpComponentsAsync.CLIENT, target.getHostName(), target.getPort());
		AsyncExecRuntime runtime = exchanges
				? new WatchedAsyncExecRuntime(scope.execRuntime, request, this.connections, scope.cancellableDependency)
				: new TracedAsyncExecRuntime(scope.execRuntime, request);
		return new AsyncExecChain.Scope(scope.exchangeId, scope.route, scope.originalRequest,
				scope.cancellableDependency, scope.clientContext, runtime, scope.scheduler, scope.execCount);
	}

}
