package io.nettrace.autoconfigure;

import io.nettrace.NetTraceContext;
import io.nettrace.NetTraceContextAccessor;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;

/**
 * The outermost filter: puts the {@link NetTraceContext} of the subscribing thread into
 * Reactor's context, so that it survives filters that switch threads. WebClient calls its
 * filters on subscription.
 */
final class CallerContextFilter implements ExchangeFilterFunction {

	private final ExchangeFilterFunction next;

	/**
	 * Create a filter.
	 * @param next the next filter. One filter is cheaper than two: for each request
	 * Spring makes an object between them.
	 */
	CallerContextFilter(ExchangeFilterFunction next) {
		this.next = next;
	}

	@Override
	public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction exchange) {
		NetTraceContext caller = NetTraceContext.current();
		Mono<ClientResponse> response = this.next.filter(request, exchange);
		if (caller == NetTraceContext.empty()) {
			return response;
		}
		return response.contextWrite((context) -> context.hasKey(NetTraceContextAccessor.KEY) ? context
				: context.put(NetTraceContextAccessor.KEY, caller));
	}

}
