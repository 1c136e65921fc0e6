package io.nettrace;

import java.net.SocketAddress;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * A proxy that is asked to connect to a host.
 *
 * @param protocol {@code http}, {@code socks4} or {@code socks5}
 * @param proxyAddress the proxy's address, {@code null} if the library does not tell
 * @param host what the proxy is to connect to
 * @param port the host's port
 * @param error why the proxy did not connect, or {@code null}
 */
public record ProxyInfo(String protocol, @Nullable SocketAddress proxyAddress, String host, int port,
		@Nullable Throwable error) {

	public ProxyInfo {
		Objects.requireNonNull(protocol, "'protocol' must not be null");
		Objects.requireNonNull(host, "'host' must not be null");
	}

}
