package io.nettrace.autoconfigure;

import io.nettrace.NetTraceContext;
import io.nettrace.NetTraceContextAccessor;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;
import reactor.util.context.Context;

/**
 * The outermost filter: puts the {@link NetTraceContext} of the thread that subscribes
 * into Reactor's context, where it outlasts filters that go on to another thread.
 */
final class CallerContextFilter implements ExchangeFilterFunction {

	@Override
	public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
		return next.exchange(request).contextWrite(CallerContextFilter::withCallerContext);
	}

	private static Context withCallerContext(Context context) {
		NetTraceContext caller = NetTraceContext.current();
		return (caller == NetTraceContext.empty() || context.hasKey(NetTraceContextAccessor.KEY)) ? context
				: context.put(NetTraceContextAccessor.KEY, caller);
	}

}
