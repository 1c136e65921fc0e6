package io.nettrace.client.reactor;

import java.lang.System.Logger.Level;
import java.lang.reflect.Field;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.nettrace.ConnectionTarget;
import io.nettrace.instrument.HookFailures;
import org.jspecify.annotations.Nullable;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClientConfig;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.transport.AddressUtils;
import reactor.netty.transport.ProxyProvider;

/**
 * Where a request is to go, known before there is a channel. Reactor Netty works it out
 * from the settings of the request and does not tell; it is worked out here as it does.
 */
final class RequestSettings {

	private static final System.Logger logger = System.getLogger(RequestSettings.class.getName());

	private static final Pattern URL = Pattern
		.compile("((?:\\w+://)?(?:\\[([^]]+)]|([^/?#:]+))(?::(\\d+))?)(?:[/?#].*)?", Pattern.DOTALL);

	/**
	 * What the URL before named. The next one most often names the same.
	 */
	private static volatile @Nullable NamedTarget lastNamed;

	/**
	 * The settings of the request. Reactor Netty shows them only by operators that every
	 * request would pay for.
	 */
	private static final @Nullable Field CONFIG = config();

	private RequestSettings() {
	}

	private static @Nullable Field config() {
		try {
			Field field = Class.forName("reactor.netty.http.client.HttpClientConnect$MonoHttpConnect")
				.getDeclaredField("config");
			field.setAccessible(true);
			return field;
		}
		catch (ReflectiveOperationException | RuntimeException ex) {
			logger.log(Level.DEBUG, "Where a request is to go will not be known before it has a channel", ex);
			return null;
		}
	}

	/**
	 * Load what is needed: see {@link UnmadeSocket#prepare}.
	 */
	static void prepare() {
		URL.matcher("").matches();
		AddressUtils.createUnresolved("127.0.0.1", 80);
	}

	/**
	 * Return the host that a request is for. After a redirect that is the first one's.
	 * @param connect connects the request
	 * @return {@code null} if it is not known, and for a Unix domain socket
	 */
	static @Nullable ConnectionTarget target(Mono<?> connect) {
		try {
			HttpClientConfig config = config(connect);
			return (config != null) ? target(config) : null;
		}
		catch (Throwable ex) { // the application has a say in it
			unknown(ex);
			return null;
		}
	}

	/**
	 * Return what a request was to connect to: the proxy or the host of its URL. After a
	 * redirect that is the first one's.
	 * @param connect connects the request
	 * @return {@code null} if it is not known
	 */
	static @Nullable SocketAddress firstHop(Mono<?> connect) {
		try {
			HttpClientConfig config = config(connect);
			return (config != null) ? firstHop(config) : null;
		}
		catch (Throwable ex) { // as above
			unknown(ex);
			return null;
		}
	}

	/**
	 * Have a request observed if it is watched, as far as its settings can be reached.
	 * @param connect connects the request
	 * @param watched whether something listens to its exchanges or connections
	 */
	static void observe(Mono<?> connect, boolean watched) {
		try {
			HttpClientConfig config = config(connect);
			if (config != null) {
				TracedObserver.keep(config, watched);
				if (watched) {
					AskedProxy.hearOf(config);
				}
			}
		}
		catch (Throwable ex) { // as above
			unknown(ex);
		}
	}

	/**
	 * Return what a request for a host connects to: the host, or the proxy for it.
	 * @param connect connects the request
	 * @param target the host
	 * @return {@code null} if it is not known: see {@link AskedProxy}
	 */
	static @Nullable ConnectionTarget firstHop(Mono<?> connect, ConnectionTarget target) {
		try {
			HttpClientConfig config = config(connect);
			if (config == null || !config.hasProxy()) {
				return target;
			}
			return (config.proxyProvider() != null) ? firstHop(config.proxyProvider(), target) : null;
		}
		catch (Throwable ex) { // as above
			unknown(ex);
			return null;
		}
	}

	/**
	 * Return what a request for a host connects to.
	 * @param proxy the proxy, unless the host is one that it is not for
	 * @param target the host
	 * @return {@code null} if it is not known
	 */
	static @Nullable ConnectionTarget firstHop(ProxyProvider proxy, ConnectionTarget target) {
		try {
			SocketAddress hop = proxy.shouldProxy(AddressUtils.createUnresolved(target.host(), target.port()))
					? proxy.getProxyAddress() : null;
			return (hop instanceof InetSocketAddress address)
					? new ConnectionTarget(address.getHostString(), address.getPort(), target.secure()) : target;
		}
		catch (Throwable ex) { // as above
			unknown(ex);
			return null;
		}
	}

	/**
	 * Return the pools that a request gets its connection from.
	 * @param connect connects the request
	 * @return {@code null} if they are not known
	 */
	static @Nullable ConnectionProvider pools(Mono<?> connect) {
		try {
			HttpClientConfig config = config(connect);
			return (config != null) ? config.connectionProvider() : null;
		}
		catch (Throwable ex) { // as above
			unknown(ex);
			return null;
		}
	}

	/**
	 * Whether the pools of a request tell of each exchange that waits.
	 * @param connect connects the request
	 */
	static boolean poolsTellOfWaits(Mono<?> connect) {
		try {
			HttpClientConfig config = config(connect);
			return config != null && PoolSettings.tellsOfWaits(config.connectionProvider());
		}
		catch (Throwable ex) { // as above
			unknown(ex);
			return false;
		}
	}

	private static void unknown(Throwable failure) {
		HookFailures.throwIfFatal(failure);
		logger.log(Level.DEBUG, "Where a request is to go is not known before it has a channel", failure);
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

	private static @Nullable SocketAddress firstHop(HttpClientConfig config) {
		SocketAddress server = server(config);
		ProxyProvider proxy = proxy(config);
		return (proxy != null && proxy.shouldProxy(server)) ? proxy.getProxyAddress() : server;
	}

	private static @Nullable ProxyProvider proxy(HttpClientConfig config) {
		Supplier<ProxyProvider> perRequest = config.proxyProviderSupplier();
		return (config.proxyProvider() == null && perRequest != null) ? perRequest.get() : config.proxyProvider();
	}

	private static @Nullable SocketAddress server(HttpClientConfig config) {
		if (url(config) == null) {
			return ChannelTraceHandler.withoutNetty(config.remoteAddress().get());
		}
		ConnectionTarget target = target(config);
		return (target != null) ? AddressUtils.createUnresolved(target.host(), target.port()) : null;
	}

	private static @Nullable ConnectionTarget target(HttpClientConfig config) {
		String url = url(config);
		boolean secure = isSecure(config);
		if (url == null) {
			return (config.remoteAddress().get() instanceof InetSocketAddress server)
					? new ConnectionTarget(server.getHostString(), server.getPort(), secure) : null;
		}
		return target(url, secure);
	}

	/**
	 * Return the host that a URL names.
	 * @param url the URL, perhaps without a scheme
	 * @param secure whether it is over TLS
	 * @return {@code null} if it names none
	 */
	static @Nullable ConnectionTarget target(String url, boolean secure) {
		NamedTarget last = lastNamed;
		if (last != null && last.isNamedBy(url, secure)) {
			return last.target();
		}
		Matcher parts = URL.matcher(url);
		if (!parts.matches()) {
			return null;
		}
		String host = (parts.group(2) != null) ? parts.group(2) : parts.group(3);
		int port = (parts.group(4) != null) ? Integer.parseInt(parts.group(4)) : secure ? 443 : 80;
		ConnectionTarget target = new ConnectionTarget(host, port, secure);
		lastNamed = new NamedTarget(parts.group(1), target);
		return target;
	}

	/**
	 * A host, and how URLs begin that name it.
	 */
	private record NamedTarget(String origin, ConnectionTarget target) {

		boolean isNamedBy(String url, boolean secure) {
			int end = this.origin.length();
			return secure == this.target.secure() && url.startsWith(this.origin)
					&& (url.length() == end || "/?#".indexOf(url.charAt(end)) >= 0);
		}

	}

	private static @Nullable String url(HttpClientConfig config) {
		String url = isAbsolute(config.uri()) ? config.uri() : config.baseUrl();
		return isAbsolute(url) ? url : null;
	}

	private static boolean isAbsolute(@Nullable String url) {
		return url != null && !url.startsWith("/");
	}

	private static boolean isSecure(HttpClientConfig config) {
		String url = url(config);
		int scheme = (url != null) ? url.indexOf("://") : -1;
		return (url != null && scheme >= 0) ? isOfScheme(url, scheme, "https") || isOfScheme(url, scheme, "wss")
				: config.isSecure();
	}

	private static boolean isOfScheme(String url, int end, String scheme) {
		return end == scheme.length() && url.regionMatches(true, 0, scheme, 0, end);
	}

}
