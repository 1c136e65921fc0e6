package io.nettrace.client;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

import io.nettrace.CloseInfo;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionListener;
import io.nettrace.InterimResponse;
import io.nettrace.NetTrace;
import io.nettrace.ProxyInfo;
import io.nettrace.PutIdleInfo;
import io.nettrace.ResponseInfo;
import io.nettrace.TlsInfo;
import io.nettrace.WaitInfo;
import io.nettrace.WroteRequestInfo;
import io.nettrace.observation.ErrorType;
import org.jspecify.annotations.Nullable;

/**
 * Writes down every hook of a request or every event of connections, by name, with what
 * went wrong, and keeps the arguments. Leaves out waits that are noticed when they end,
 * unless it is asked for them: on a busy machine any request may have one.
 */
public final class RecordedHooks {

	private final boolean noticedWaits;

	private final Function<Throwable, String> errorNames;

	private final List<String> names = Collections.synchronizedList(new ArrayList<>());

	private final List<Object> arguments = Collections.synchronizedList(new ArrayList<>());

	/**
	 * Create a record without the waits that are noticed when they end.
	 */
	public RecordedHooks() {
		this(false, (error) -> error.getClass().getSimpleName());
	}

	private RecordedHooks(boolean noticedWaits, Function<Throwable, String> errorNames) {
		this.noticedWaits = noticedWaits;
		this.errorNames = errorNames;
	}

	/**
	 * Create a record with the waits that are noticed when they end, too.
	 * @return the record
	 */
	public static RecordedHooks withNoticedWaits() {
		return new RecordedHooks(true, (error) -> error.getClass().getSimpleName());
	}

	/**
	 * Create a record that names an error by its type, which is the same on every client,
	 * and not by its class.
	 * @return the record
	 */
	public static RecordedHooks withErrorTypes() {
		return new RecordedHooks(false, ErrorType::of);
	}

	/**
	 * Return a trace that is written down here.
	 * @return the trace
	 */
	public NetTrace trace() {
		return recording(NetTrace.class);
	}

	/**
	 * Return a listener that is written down here.
	 * @return the listener
	 */
	public ConnectionListener listener() {
		return recording(ConnectionListener.class);
	}

	private <T> T recording(Class<T> type) {
		return type
			.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, (proxy, method, arguments) -> {
				if (method.getName().equals("forDial")) {
					return proxy;
				}
				if (method.getDeclaringClass() == Object.class) {
					return ofObject(proxy, method, arguments);
				}
				write(method.getName(), arguments);
				return null;
			}));
	}

	private static Object ofObject(Object proxy, Method method, Object @Nullable [] arguments) {
		return switch (method.getName()) {
			case "equals" -> arguments != null && proxy == arguments[0];
			case "hashCode" -> System.identityHashCode(proxy);
			default -> "recorded";
		};
	}

	private synchronized void write(String name, Object[] arguments) {
		Object last = arguments[arguments.length - 1];
		Throwable error = error(last);
		String reason = (last instanceof CloseInfo close) ? " " + close.reason() : "";
		String status = (last instanceof ResponseInfo response) ? " " + response.status()
				: (last instanceof InterimResponse response) ? " " + response.status() : "";
		if (last instanceof WaitInfo wait) {
			if (!this.noticedWaits && !wait.elapsed().isZero()) {
				return;
			}
			reason = " " + ((wait.outcome() != null) ? wait.outcome() : wait.reason());
		}
		this.names.add(name + reason + status + ((error != null) ? " " + this.errorNames.apply(error) : ""));
		Stream.of(arguments).filter((argument) -> argument != null).forEach(this.arguments::add);
	}

	private static @Nullable Throwable error(@Nullable Object argument) {
		if (argument instanceof Throwable error) {
			return error;
		}
		if (argument instanceof TlsInfo info) {
			return info.error();
		}
		if (argument instanceof ProxyInfo info) {
			return info.error();
		}
		if (argument instanceof WaitInfo info) {
			return info.error();
		}
		if (argument instanceof WroteRequestInfo info) {
			return info.error();
		}
		if (argument instanceof ResponseInfo info) {
			return info.error();
		}
		return (argument instanceof PutIdleInfo info) ? info.error() : null;
	}

	/**
	 * Return what was called.
	 * @return the names, in calling order
	 */
	public List<String> names() {
		synchronized (this.names) {
			return List.copyOf(this.names);
		}
	}

	/**
	 * Return the arguments of one type.
	 * @param <T> the type
	 * @param type the type
	 * @return the arguments, in calling order
	 */
	public <T> List<T> all(Class<T> type) {
		synchronized (this.arguments) {
			return this.arguments.stream().filter(type::isInstance).map(type::cast).toList();
		}
	}

	/**
	 * Return the connections that exchanges have got.
	 * @return the connections, in calling order
	 */
	public List<ConnectionInfo> connections() {
		return all(ConnectionInfo.class);
	}

}
