package io.nettrace.client.reactor;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.reflect.Field;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.nettrace.instrument.HookFailures;
import io.netty.channel.ChannelException;
import org.jspecify.annotations.Nullable;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClientConfig;
import reactor.netty.transport.AddressUtils;
import reactor.netty.transport.ProxyProvider;

/**
 * Tells of an attempt that has no socket, because no descriptor is left, for one. There
 * is no channel then, and Reactor Netty says nowhere where it was to connect: that is
 * worked out from the settings of the request, as it does.
 */
final class UnmadeSocket {

	private static final System.Logger logger = System.getLogger(UnmadeSocket.class.getName());

	/**
	 * {@code socket(2)} by Netty's native transports, and by those of the JDK. A lookup
	 * makes sockets for datagrams.
	 */
	private static final Pattern NATIVE = Pattern.compile("newSocket(Stream|Domain)\\b.*", Pattern.DOTALL);

	private static final Pattern JDK = Pattern.compile("Failed to open a (unix domain )?socket\\..*", Pattern.DOTALL);

	private static final Pattern URL = Pattern
		.compile("(?:(\\w+)://)?(?:\\[([^]]+)]|([^/?#:]+))(?::(\\d+))?(?:[/?#].*)?", Pattern.DOTALL);

	/**
	 * The settings of the request. Reactor Netty shows them only by operators that every
	 * request would pay for.
	 */
	private static final @Nullable Field CONFIG = config();

	private UnmadeSocket() {
	}

	private static @Nullable Field config() {
		try {
			Field field = Class.forName("reactor.netty.http.client.HttpClientConnect$MonoHttpConnect")
				.getDeclaredField("config");
			field.setAccessible(true);
			return field;
		}
		catch (ReflectiveOperationException | RuntimeException ex) {
			logger.log(Level.DEBUG, "Attempts for which no socket can be made will not be shown", ex);
			return null;
		}
	}

	/**
	 * Load what is needed. A process that has no file descriptor left could not.
	 */
	static void prepare() {
		URL.matcher("").matches();
		AddressUtils.createUnresolved("127.0.0.1", 80);
	}

	/**
	 * Whether a request has failed because it has no socket.
	 */
	static boolean isCauseOf(Throwable failure) {
		return failure.getClass() == ChannelException.class && failure.getCause() instanceof IOException cause
				&& (NATIVE.matcher(String.valueOf(cause.getMessage())).matches()
						|| JDK.matcher(String.valueOf(failure.getMessage())).matches());
	}

	/**
	 * Return where a request was to connect to: the proxy or the host of its URL. After a
	 * redirect that is the first one's.
	 * @param connect connects the request
	 * @return {@code null} if it is not known
	 */
	static @Nullable SocketAddress address(Mono<?> connect) {
		try {
			HttpClientConfig config = config(connect);
			return (config != null) ? address(config) : null;
		}
		catch (Throwable ex) { // the application has a say in it
			HookFailures.throwIfFatal(ex);
			logger.log(Level.DEBUG, "An attempt for which no socket can be made is not shown", ex);
			return null;
		}
	}

	/**
	 * The client may have been given operators of the application's own.
	 */
	private static @Nullable HttpClientConfig config(Mono<?> connect) throws IllegalAccessException {
		Object source = connect;
		while (source instanceof Scannable operator) {
			source = operator.scanUnsafe(Scannable.Attr.PARENT);
		}
		return (CONFIG != null && CONFIG.getDeclaringClass().isInstance(source)) ? (HttpClientConfig) CONFIG.get(source)
				: null;
	}

	private static @Nullable SocketAddress address(HttpClientConfig config) {
		SocketAddress server = server(config);
		ProxyProvider proxy = proxy(config);
		return (proxy != null && proxy.shouldProxy(server)) ? proxy.getProxyAddress() : server;
	}

	private static @Nullable ProxyProvider proxy(HttpClientConfig config) {
		Supplier<ProxyProvider> perRequest = config.proxyProviderSupplier();
		return (config.proxyProvider() == null && perRequest != null) ? perRequest.get() : config.proxyProvider();
	}

	private static @Nullable SocketAddress server(HttpClientConfig config) {
		String url = isAbsolute(config.uri()) ? config.uri() : config.baseUrl();
		if (!isAbsolute(url)) {
			return ConnectTraceHandler.withoutNetty(config.remoteAddress().get());
		}
		Matcher parts = URL.matcher(Objects.requireNonNull(url));
		if (!parts.matches()) {
			return null;
		}
		String host = (parts.group(2) != null) ? parts.group(2) : parts.group(3);
		int port = (parts.group(4) != null) ? Integer.parseInt(parts.group(4)) : port(config, parts.group(1));
		return AddressUtils.createUnresolved(host, port);
	}

	private static boolean isAbsolute(@Nullable String url) {
		return url != null && !url.startsWith("/");
	}

	private static int port(HttpClientConfig config, @Nullable String scheme) {
		boolean secure = (scheme != null) ? scheme.equalsIgnoreCase("https") || scheme.equalsIgnoreCase("wss")
				: config.isSecure();
		return secure ? 443 : 80;
	}

}
