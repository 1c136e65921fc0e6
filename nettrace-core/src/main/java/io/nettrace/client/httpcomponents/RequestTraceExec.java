package io.nettrace.client.httpcomponents;

import java.io.IOException;

import io.nettrace.NetTrace;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.RequestTrace;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;

/**
 * Begins and ends the trace of a request in a client's chain of interceptors.
 */
final class RequestTraceExec {

	private final NetTracing tracing;

	private RequestTraceExec(NetTracing tracing) {
		this.tracing = tracing;
	}

	static void addTo(HttpClientBuilder builder, NetTracing tracing) {
		RequestTraceExec exec = new RequestTraceExec(tracing);
		builder.addExecInterceptorFirst("nettrace-request", RequestTraceExec::request)
			.addExecInterceptorBefore(ChainElement.PROTOCOL.name(), "nettrace-exchange", exec::exchange);
	}

	/**
	 * Around the redirects and the library's retries.
	 */
	private static ClassicHttpResponse request(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
			throws IOException, HttpException {
		try {
			return chain.proceed(request, scope);
		}
		finally {
			CarriedTrace.end(scope.clientContext);
		}
	}

	/**
	 * Where the library is about to ask for a connection: around what releases it again,
	 * and asks once more if the server wants to know who the client is. If nothing
	 * listens to an exchange on a pooled connection, the trace is made by the first dial
	 * instead, which knows the target, unless it connects to a proxy.
	 */
	private ClassicHttpResponse exchange(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
			throws IOException, HttpException {
		HttpRoute route = scope.route;
		if (!this.tracing.watchesExchanges() && route.getProxyHost() == null) {
			return chain.proceed(request, scope);
		}
		RequestTrace trace = CarriedTrace.of(scope.clientContext,
				() -> this.tracing.blockingRequest(NetTraceHttpComponents.CLIENT, route.getTargetHost().getHostName(),
						route.getTargetHost().getPort()));
		return chain.proceed(request, (trace.hooks() != NetTrace.NONE) ? within(scope, trace) : scope);
	}

	private static ExecChain.Scope within(ExecChain.Scope scope, RequestTrace trace) {
		return new ExecChain.Scope(scope.exchangeId, scope.route, scope.originalRequest,
				new TracedExecRuntime(scope.execRuntime, trace, scope.route), scope.clientContext);
	}

}
