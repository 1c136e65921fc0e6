package io.nettrace.autoconfigure;

import java.lang.ref.WeakReference;
import java.net.URI;
import java.util.Set;

import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/**
 * Spring Cloud Gateway keeps the observation of what it sends in an attribute of the
 * exchange; in Reactor's context is the one of the request that it has received. The
 * attribute is set while the gateway's filters run, and again for each repetition, so it
 * is read when the client connects.
 */
final class GatewayParent implements ReactorParent, GlobalFilter, Ordered {

	private static final Set<String> WEB_SOCKET = Set.of("ws", "wss");

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

	/**
	 * Weak: an HTTP/2 connection holds the context of the request that has opened it.
	 */
	@Override
	public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
		return chain.filter(exchange)
			.contextWrite((context) -> context.put(GatewayParent.class, new WeakReference<>(exchange)));
	}

	@Override
	public @Nullable Observation find(ContextView context) {
		return (context.getOrDefault(GatewayParent.class, null) instanceof WeakReference<?> reference
				&& reference.get() instanceof ServerWebExchange exchange && !isWebSocket(exchange)
				&& exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_OBSERVATION_ATTR) instanceof Observation parent)
						? parent : null;
	}

	/**
	 * The gateway starts an observation for a WebSocket, too, but never ends it: a span
	 * below it would have a parent that is never exported.
	 */
	private static boolean isWebSocket(ServerWebExchange exchange) {
		return exchange.getAttribute(ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR) instanceof URI uri
				&& WEB_SOCKET.contains(String.valueOf(uri.getScheme()));
	}

}
