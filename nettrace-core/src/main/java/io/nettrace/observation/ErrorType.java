package io.nettrace.observation;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;

/**
 * One vocabulary for {@code error.type}, whatever the client: each has exceptions of its
 * own for the same fault. The class of an exception decides where it can, then the error
 * number, and last the text. The values are those of .NET's {@code dns.lookup.duration}
 * and {@code socket connect}, in so far as they fit.
 */
public final class ErrorType {

	static final String HOST_NOT_FOUND = "host_not_found";

	private static final String TIMED_OUT = "timed_out";

	private static final String CONNECTION_CLOSED = "connection_closed";

	static final String TRY_AGAIN = "try_again";

	/**
	 * The JVM answered from its cache of failures, and what it had been told is not
	 * known.
	 */
	static final String UNKNOWN_CACHED = "unknown_cached";

	private static final int MAX_CAUSES = 8;

	/**
	 * Classes of client libraries and of Spring Boot, by name: this package knows none of
	 * them.
	 */
	private static final Map<String, String> CLASSES = Map.ofEntries(
			Map.entry("io.netty.channel.ConnectTimeoutException", TIMED_OUT),
			Map.entry("io.netty.handler.ssl.SslHandshakeTimeoutException", TIMED_OUT),
			Map.entry("io.netty.handler.timeout.ReadTimeoutException", TIMED_OUT),
			Map.entry("io.netty.handler.timeout.WriteTimeoutException", TIMED_OUT),
			Map.entry("io.netty.resolver.dns.DnsNameResolverTimeoutException", TIMED_OUT),
			Map.entry("java.net.http.HttpConnectTimeoutException", TIMED_OUT),
			Map.entry("java.net.http.HttpTimeoutException", TIMED_OUT),
			Map.entry("org.apache.hc.core5.http.ConnectionRequestTimeoutException", TIMED_OUT),
			Map.entry("io.netty.handler.ssl.NotSslRecordException", "not_tls"),
			Map.entry("io.netty.handler.ssl.StacklessSSLHandshakeException", CONNECTION_CLOSED),
			Map.entry("org.apache.hc.core5.http.ConnectionClosedException", CONNECTION_CLOSED),
			Map.entry("org.apache.hc.core5.http.NoHttpResponseException", CONNECTION_CLOSED),
			Map.entry("reactor.netty.channel.AbortedException", CONNECTION_CLOSED),
			Map.entry("reactor.netty.http.client.PrematureCloseException", CONNECTION_CLOSED),
			Map.entry("org.springframework.boot.http.client.FilteredHostException", "address_filtered"));

	/**
	 * What Netty's resolver says, always in English; the name is in another exception.
	 */
	private static final String NETTY_RESOLVER = "io.netty.resolver.dns.";

	private static final Map<String, String> NETTY_RESOLVER_WORDS = Map.of("SERVFAIL", TRY_AGAIN, "NXDOMAIN",
			HOST_NOT_FOUND, "No matching", HOST_NOT_FOUND);

	private static final String NETTY_PROXY = "io.netty.handler.proxy.";

	/**
	 * What Netty says of a proxy that it has connected to, always in English, after the
	 * addresses.
	 */
	private static final Map<String, String> NETTY_PROXY_WORDS = Map.of("timeout", TIMED_OUT, "disconnected",
			CONNECTION_CLOSED);

	/**
	 * .NET's word for a proxy that has answered, and does not connect
	 * ({@code HttpRequestError.ProxyTunnelError}).
	 */
	private static final String PROXY_TUNNEL_ERROR = "proxy_tunnel_error";

	/**
	 * What is said of it about HttpComponents, and by OkHttp.
	 */
	private static final List<String> PROXY_WORDS = List.of("the proxy has answered ",
			"Unexpected response code for CONNECT: ", "Failed to authenticate with proxy");

	private static final String JETTY_RESPONSE = "org.eclipse.jetty.client.HttpResponseException";

	private static final Set<String> CANCELLED_WORDS = Set.of("Socket closed", "Closed by interrupt");

	private ErrorType() {
	}

	/**
	 * Name the kind of a failure.
	 * @param failure the error that a done hook was given
	 * @return a value of the vocabulary, else the class name of the failure
	 */
	public static String of(Throwable failure) {
		String type = known(failure);
		if (failure instanceof UnknownHostException) {
			return (type != null) ? ofLookup(type) : last(failure).getClass().getName();
		}
		return (type != null) ? type : failure.getClass().getName();
	}

	/**
	 * Whether a failure is one of the vocabulary: of the network, or a time-out.
	 */
	static boolean isKnown(Throwable failure) {
		return known(failure) != null;
	}

	/**
	 * Name the kind of a failure, if there was one.
	 * @return {@code none} if there was none
	 */
	static String orNone(@Nullable Throwable failure) {
		return (failure != null) ? of(failure) : NetTraceObservationDocumentation.NONE;
	}

	static String ofStep(StepContext context) {
		return orNone(context.getError());
	}

	/**
	 * Read what has to be read before a failure can be named. A process that has no file
	 * descriptor left could not do it when it has to say so.
	 */
	static void prepare() {
		SystemErrors.isKnown("");
	}

	/**
	 * A name server that cannot be reached says nothing about the name.
	 */
	private static String ofLookup(String type) {
		return switch (type) {
			case "connection_refused", "connection_reset", "network_unreachable", "host_unreachable" -> TRY_AGAIN;
			default -> type;
		};
	}

	/**
	 * What the classes say that are made for one fault comes before what a class says
	 * that the JDK uses for several.
	 */
	private static @Nullable String known(Throwable failure) {
		String likely = null;
		Throwable cause = failure;
		for (int i = 0; cause != null && i < MAX_CAUSES; i++, cause = cause.getCause()) {
			String type = byClass(cause);
			if (type == null) {
				type = TlsErrors.ofCertificate(cause);
			}
			if (type == null) {
				type = byNumberOrText(cause);
			}
			if (type != null) {
				return type;
			}
			if (likely == null) {
				likely = likely(cause);
			}
		}
		return likely;
	}

	private static @Nullable String byClass(Throwable failure) {
		String type = CLASSES.get(failure.getClass().getName());
		if (type != null) {
			return type;
		}
		if (failure instanceof TimeoutException || failure instanceof SocketTimeoutException) {
			return TIMED_OUT;
		}
		if (failure instanceof CancellationException || failure instanceof InterruptedException
				|| failure instanceof InterruptedIOException || failure instanceof AsynchronousCloseException) {
			return "cancelled";
		}
		if (failure instanceof UnresolvedAddressException) {
			return HOST_NOT_FOUND;
		}
		if (failure instanceof PortUnreachableException) {
			return "connection_refused";
		}
		return null;
	}

	private static @Nullable String byNumberOrText(Throwable failure) {
		String message = failure.getMessage();
		if (failure instanceof UnknownHostException unknownHost) {
			return LookupErrors.of(unknownHost);
		}
		if (message != null && failure.getClass().getName().startsWith(NETTY_RESOLVER)) {
			return ofNettyResolver(message);
		}
		if (message != null && failure.getClass().getName().startsWith(NETTY_PROXY)) {
			return ofNettyProxy(message);
		}
		if (message != null && isRefusedTunnel(failure, message)) {
			return PROXY_TUNNEL_ERROR;
		}
		if (!(failure instanceof IOException)) {
			return null;
		}
		if (failure instanceof SocketException && message != null && CANCELLED_WORDS.contains(message)) {
			return "cancelled";
		}
		String type = SystemErrors.of(failure);
		return (type == null && failure instanceof NoRouteToHostException) ? noRoute(message) : type;
	}

	private static @Nullable String ofNettyProxy(String message) {
		String type = NETTY_PROXY_WORDS.get(message.substring(message.lastIndexOf(' ') + 1));
		return (type == null && message.contains("status: ")) ? PROXY_TUNNEL_ERROR : type;
	}

	private static boolean isRefusedTunnel(Throwable failure, String message) {
		if (failure.getClass() == IOException.class) {
			return PROXY_WORDS.stream().anyMatch(message::startsWith);
		}
		return failure.getClass().getName().equals(JETTY_RESPONSE) && message.contains("[CONNECT ");
	}

	private static @Nullable String ofNettyResolver(String message) {
		for (Map.Entry<String, String> entry : NETTY_RESOLVER_WORDS.entrySet()) {
			if (message.contains(entry.getKey())) {
				return entry.getValue();
			}
		}
		return null;
	}

	/**
	 * Netty's native transports have no words for a network that is unreachable
	 * (io.netty.channel.unix.Errors); the address is added to them.
	 */
	private static String noRoute(@Nullable String message) {
		return (message == null || message.startsWith("null: ")) ? "network_unreachable" : "host_unreachable";
	}

	/**
	 * The JDK makes these two of several errors; that of a text in a language unknown
	 * here is most likely the one that happens most. A subclass may mean something else,
	 * a proxy's answer for one.
	 */
	private static @Nullable String likely(Throwable failure) {
		if (failure.getClass() == ConnectException.class) {
			return "connection_refused";
		}
		if (failure instanceof EOFException || failure instanceof ClosedChannelException) {
			return CONNECTION_CLOSED;
		}
		return (failure.getClass() == BindException.class) ? "address_not_available" : TlsErrors.likely(failure);
	}

	private static Throwable last(Throwable failure) {
		Throwable last = failure;
		for (int i = 1; last.getCause() != null && i < MAX_CAUSES; i++) {
			last = last.getCause();
		}
		return last;
	}

}
