package io.nettrace.client.httpcomponents;

import java.io.IOException;

import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;

/**
 * Begins and ends the trace of a request in a client's chain of interceptors.
 */
final class RequestTraceExec {

	private final NetTracing tracing;

	private final NextElements nextElements = new NextElements();

	private RequestTraceExec(NetTracing tracing) {
		this.tracing = tracing;
	}

	static void addTo(HttpClientBuilder builder, NetTracing tracing) {
		builder.addExecInterceptorFirst("nettrace", new RequestTraceExec(tracing)::execute);
	}

	/**
	 * Around the redirects and the library's retries. If nothing listens to an exchange
	 * on a pooled connection, the trace is made by the first dial, if there is one.
	 */
	private ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
			throws IOException, HttpException {
		try {
			ExecChain.Scope traced = this.tracing.watchesExchanges() ? watched(scope) : scope;
			NextElement next = this.nextElements.of(chain);
			return (next != null) ? next.execute(request, traced) : chain.proceed(request, traced);
		}
		finally {
			CarriedTrace.end(scope.clientContext);
		}
	}

	private ExecChain.Scope watched(ExecChain.Scope scope) {
		return new ExecChain.Scope(scope.exchangeId, scope.route, scope.originalRequest,
				new TracedExecRuntime(scope.execRuntime, this.tracing), scope.clientContext);
	}

}
