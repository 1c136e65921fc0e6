package io.nettrace;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * A request of which a trace is asked for: one call of the client library, with its
 * redirects and the library's own retries.
 *
 * @param client the client library that sends the request: {@code httpcomponents},
 * {@code httpcomponents-async}, {@code reactor-netty}, {@code jetty}, {@code okhttp},
 * {@code lettuce}, {@code grpc}, {@code mongodb}, {@code postgresql},
 * {@code r2dbc-postgresql} or {@code jdk}
 * @param host the host that the request is for, as the request has it, of the first
 * exchange if there are redirects; {@code null} if the library does not tell it before
 * the first hook, as the JDK's clients
 * @param port the host's port, -1 if the library does not tell it before the first hook
 * @param id tells the request from others of the application: counted up from 1, and
 * again after 2<sup>32</sup> requests
 */
public record RequestInfo(String client, @Nullable String host, int port, int id) {

	public RequestInfo {
		Objects.requireNonNull(client, "'client' must not be null");
	}

}
