package io.nettrace;

import java.util.Objects;

/**
 * What an exchange asks for a connection to.
 *
 * @param host the name or IP address, as the request has it
 * @param port the port
 * @param secure whether the exchange is over TLS
 */
public record ConnectionTarget(String host, int port, boolean secure) {

	public ConnectionTarget {
		Objects.requireNonNull(host, "'host' must not be null");
	}

}
