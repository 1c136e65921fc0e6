package io.nettrace.autoconfigure;

import io.nettrace.NetTraceContext;
import io.nettrace.NetTraceContextAccessor;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;

/**
 * The outermost filter: puts the {@link NetTraceContext} of the thread that subscribes
 * into Reactor's context, where it outlasts filters that go on to another thread.
 * WebClient asks its filters when it is subscribed to.
 */
final class CallerContextFilter implements ExchangeFilterFunction {

	@Override
	public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
		NetTraceContext caller = NetTraceContext.current();
		Mono<ClientResponse> response = next.exchange(request);
		if (caller == NetTraceContext.empty()) {
			return response;
		}
		return response.contextWrite((context) -> context.hasKey(NetTraceContextAccessor.KEY) ? context
				: context.put(NetTraceContextAccessor.KEY, caller));
	}

}
