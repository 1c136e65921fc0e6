package io.nettrace.dial;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Function;

import io.nettrace.instrument.IpText;
import org.jspecify.annotations.Nullable;

/**
 * Why there is no connection: the error about one address, and what became of others.
 * Only within the dialer; its callers get an {@link IOException}. Go: {@code OpError}.
 */
final class DialFailure extends Exception {

	private static final long serialVersionUID = 1L;

	private static final Map<Class<?>, Function<String, IOException>> SAME_CLASS = Map.of(IOException.class,
			IOException::new, SocketException.class, SocketException::new, ConnectException.class,
			ConnectException::new, BindException.class, BindException::new, NoRouteToHostException.class,
			NoRouteToHostException::new, PortUnreachableException.class, PortUnreachableException::new,
			SocketTimeoutException.class, SocketTimeoutException::new, CancellationException.class,
			InterruptedIOException::new);

	// How many other addresses a message names, and how many of their errors are
	// suppressed
	private static final int MOST_SHOWN = 10;

	private final InetSocketAddress address;

	private final Throwable error;

	private final transient List<DialFailure> others;

	DialFailure(InetSocketAddress address, Throwable error) {
		this(address, error, List.of());
	}

	private DialFailure(InetSocketAddress address, Throwable error, List<DialFailure> others) {
		super(null, error, false, false);
		this.address = address;
		this.error = error;
		this.others = others;
	}

	/**
	 * What a connect hook is told of an attempt that was given up.
	 */
	static CancellationException cancelled(@Nullable Throwable cause) {
		if (cause instanceof CancellationException already) {
			return already;
		}
		CancellationException cancelled = new CancellationException("operation was canceled");
		if (cause != null) {
			cancelled.initCause(cause);
		}
		return cancelled;
	}

	static SocketTimeoutException timedOut() {
		return new SocketTimeoutException("i/o timeout");
	}

	/**
	 * Make one failure of several: the first one's error, with the others beside it.
	 */
	static DialFailure firstOf(List<DialFailure> failures) {
		List<DialFailure> others = new ArrayList<>();
		failures.forEach((failure) -> {
			others.add(failure);
			others.addAll(failure.others);
		});
		DialFailure first = others.remove(0);
		return new DialFailure(first.address, first.error, others);
	}

	/**
	 * Make the exception for the caller of the dialer: of the error's class, naming the
	 * addresses, with the errors about other addresses suppressed; of very many addresses
	 * the first ones.
	 */
	IOException toException(String network, List<? extends InetSocketAddress> addresses) {
		Function<String, IOException> sameClass = SAME_CLASS.get(this.error.getClass());
		Throwable result;
		if (sameClass != null) {
			result = sameClass.apply(message(network, addresses)).initCause(this.error);
		}
		else {
			result = this.error;
		}
		this.others.stream().limit(MOST_SHOWN).forEach((other) -> suppress(result, other.error));
		if (result instanceof RuntimeException unchecked) {
			throw unchecked;
		}
		if (result instanceof Error severe) {
			throw severe;
		}
		return (IOException) result;
	}

	private static void suppress(Throwable result, Throwable error) {
		if (error != result) {
			result.addSuppressed(error);
		}
	}

	private String message(String network, List<? extends InetSocketAddress> addresses) {
		StringBuilder message = new StringBuilder("dial ").append(network).append(' ').append(describe());
		List<InetSocketAddress> untried = new ArrayList<>(addresses);
		untried.remove(this.address);
		this.others.forEach((other) -> untried.remove(other.address));
		append(message, this.others, "; ", DialFailure::describe);
		if (!untried.isEmpty()) {
			message.append("; not tried:");
			append(message, untried, " ", DialFailure::text);
		}
		return message.toString();
	}

	private static <T> void append(StringBuilder message, List<T> items, String separator, Function<T, String> text) {
		items.stream().limit(MOST_SHOWN).forEach((item) -> message.append(separator).append(text.apply(item)));
		if (items.size() > MOST_SHOWN) {
			message.append(separator).append("and ").append(items.size() - MOST_SHOWN).append(" more");
		}
	}

	private String describe() {
		return text(this.address) + ": "
				+ ((this.error.getMessage() != null) ? this.error.getMessage() : this.error.getClass().getName());
	}

	private static String text(InetSocketAddress address) {
		if (address.getAddress() == null) {
			return address.getHostString() + ":" + address.getPort();
		}
		String literal = IpText.of(address.getAddress());
		return ((literal.indexOf(':') < 0) ? literal : "[" + literal + "]") + ":" + address.getPort();
	}

}
