package io.nettrace.autoconfigure;

import io.micrometer.observation.Observation;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.util.context.ContextView;

/**
 * Knows the observation that requests belong to where it is not in Reactor's context.
 */
interface ReactorParent {

	/**
	 * Find the observation.
	 * @param context the context of the request
	 * @return {@code null} if it is not known, or the one in the context is right
	 */
	@Nullable Observation find(ContextView context);

	/**
	 * Put what is found into the context in which a client connects, for those requests
	 * only.
	 * @param client a client that is instrumented already
	 * @return the client that looks for it
	 */
	default HttpClient addTo(HttpClient client) {
		return client.mapConnect((connect) -> Mono.deferContextual((context) -> {
			Observation parent = find(context);
			return (parent != null)
					? connect.contextWrite((inner) -> inner.put(ObservationThreadLocalAccessor.KEY, parent)) : connect;
		}));
	}

}
