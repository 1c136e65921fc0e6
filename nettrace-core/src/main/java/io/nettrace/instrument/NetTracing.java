package io.nettrace.instrument;

import java.net.SocketAddress;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;

import io.nettrace.ConnectionListener;
import io.nettrace.ConnectionTarget;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.PoolInfo;
import io.nettrace.RequestInfo;
import org.jspecify.annotations.Nullable;

/**
 * Where instrumentation gets the trace of the request that it is about to send. One
 * instance serves an application; it is safe for use by several threads. Close it when
 * the application ends: clients and their pools may outlive it, and must not keep it.
 */
public final class NetTracing implements AutoCloseable {

	private static final String RETURNED_NULL = "a factory must not return null: NetTrace.NONE is no trace";

	private final Factories factories;

	private final GuardedConnectionListener connectionListener;

	private final HookCalls onCallersThread;

	private final HookCalls onSharedThreads;

	private final AtomicInteger requests = new AtomicInteger();

	private final AtomicLong connections = new AtomicLong();

	// Any thread's: all of its fields are final
	private @Nullable ConnectionTarget lastTarget;

	/**
	 * Create an instance with the factories given, whose traces have all hooks called.
	 * @param factories what makes a trace for each request, in calling order
	 */
	public NetTracing(NetTrace.Factory... factories) {
		this(constant(List.of(factories)), List::of, EnumSet.allOf(Hook.class));
	}

	/**
	 * Create an instance that asks for its factories when the first request is sent, and
	 * for its listeners when the first connection is there, not before: one of them may
	 * need a registry whose exporter itself sends through an instrumented client.
	 * @param factories supplies what makes a trace for each request, in calling order
	 * @param listeners supplies what is told of connections, in calling order
	 * @param hooks which hooks are called
	 */
	public NetTracing(Supplier<? extends List<? extends NetTrace.Factory>> factories,
			Supplier<? extends List<? extends ConnectionListener>> listeners, Set<Hook> hooks) {
		Set<Hook> called = hooks.isEmpty() ? EnumSet.noneOf(Hook.class) : EnumSet.copyOf(hooks);
		this.onCallersThread = HookCalls.onCallersThread(called,
				new HookFailures(System.getLogger(NetTracing.class.getName())));
		this.onSharedThreads = this.onCallersThread.onSharedThreads();
		this.factories = new Factories(Objects.requireNonNull(factories, "'factories' must not be null"),
				this.onSharedThreads);
		this.connectionListener = new GuardedConnectionListener(
				Objects.requireNonNull(listeners, "'listeners' must not be null"), this.onSharedThreads);
	}

	private static <T> Supplier<T> constant(T value) {
		return () -> value;
	}

	/**
	 * Make the trace of a request whose hooks are called on the current thread, which
	 * waits for the response: the traces bound to the thread, newest first, then those of
	 * the factories. The hooks of the result throw nothing but errors of the JVM, and
	 * those once the done hooks have been called.
	 * @param client the client library, as in {@link RequestInfo#client()}
	 * @param host the host that the request is for, or {@code null}
	 * @param port the host's port, or -1
	 * @return the trace, {@link RequestTrace#NONE} if nothing listens
	 */
	public RequestTrace blockingRequest(String client, @Nullable String host, int port) {
		return request(client, host, port, this.onCallersThread);
	}

	/**
	 * Make the trace of a request whose hooks are called on other threads. Call it on the
	 * thread that sends. The hooks of the result throw nothing.
	 * @param client the client library, as in {@link RequestInfo#client()}
	 * @param host the host that the request is for, or {@code null}
	 * @param port the host's port, or -1
	 * @return the trace, {@link RequestTrace#NONE} if nothing listens
	 */
	public RequestTrace request(String client, @Nullable String host, int port) {
		return request(client, host, port, this.onSharedThreads);
	}

	private RequestTrace request(String client, @Nullable String host, int port, HookCalls calls) {
		NetTraceContext context = NetTraceContext.current();
		return context.isSilent() ? RequestTrace.SILENT
				: RequestTrace.of(context, hooks(context, client, host, port, calls));
	}

	/**
	 * Make the trace of a dial that no request of the client's is known for, such as a
	 * lookup that an application asks the client's resolver for: the
	 * {@linkplain RequestTrace#dial() dial} of a
	 * {@linkplain #blockingRequest(String, String, int) request} of its own.
	 * @param client the client library, as in {@link RequestInfo#client()}
	 * @param host the host that is dialed, or {@code null}
	 * @param port the host's port, or -1
	 * @return the trace, {@link NetTrace#NONE} if nothing listens
	 */
	public NetTrace blockingDial(String client, @Nullable String host, int port) {
		return dial(client, host, port, this.onCallersThread);
	}

	/**
	 * As {@link #blockingDial}, with hooks that are called on other threads.
	 * @param client the client library, as in {@link RequestInfo#client()}
	 * @param host the host that is dialed, or {@code null}
	 * @param port the host's port, or -1
	 * @return the trace, {@link NetTrace#NONE} if nothing listens
	 */
	public NetTrace dial(String client, @Nullable String host, int port) {
		return dial(client, host, port, this.onSharedThreads);
	}

	private NetTrace dial(String client, @Nullable String host, int port, HookCalls calls) {
		NetTraceContext context = NetTraceContext.current();
		return context.isSilent() ? NetTrace.NONE : hooks(context, client, host, port, calls).forDial();
	}

	private NetTrace hooks(NetTraceContext context, String client, @Nullable String host, int port, HookCalls all) {
		Factories.Made made = this.factories.get();
		HookCalls calls = calls(context, made, all);
		NetTrace.Factory[] makers = made.factories();
		GuardedNetTrace first = null;
		if (makers.length > 0) {
			RequestInfo request = describe(client, host, port);
			for (int i = makers.length - 1; i >= 0; i--) {
				first = guarded(make(makers[i], request, calls), first, calls);
			}
		}
		return guarded(context.traces(), first, calls);
	}

	/**
	 * A trace that is bound to a thread or a request does not say which hooks it has.
	 */
	private static HookCalls calls(NetTraceContext context, Factories.Made made, HookCalls all) {
		return context.traces().isEmpty() ? made.calls(all.shared()) : all;
	}

	private RequestInfo describe(String client, @Nullable String host, int port) {
		return new RequestInfo(client, host, port, this.requests.incrementAndGet());
	}

	private static NetTrace make(NetTrace.Factory maker, RequestInfo request, HookCalls hooks) {
		try {
			return Objects.requireNonNull(maker.create(request), RETURNED_NULL);
		}
		catch (Throwable ex) {
			hooks.failedToMake(maker, ex);
			return NetTrace.NONE;
		}
	}

	/**
	 * Make the trace of a request of which nothing is bound to the current thread.
	 * @param client the client library, as in {@link RequestInfo#client()}
	 * @param host the host that the request is for, or {@code null}
	 * @param port the host's port, or -1
	 * @param bindings finds what belongs to the request, as in
	 * {@link NetTrace.Factory#create(RequestInfo, Function)}
	 * @return the trace, {@link RequestTrace#NONE} if nothing listens, or {@code null} if
	 * a factory has to see the request bound to a thread: then bind it and call
	 * {@link #request(String, String, int)}
	 */
	public @Nullable RequestTrace request(String client, @Nullable String host, int port,
			Function<Object, @Nullable Object> bindings) {
		NetTraceContext context = NetTraceContext.in(bindings);
		if (context.isSilent()) {
			return RequestTrace.SILENT;
		}
		Factories.Made made = this.factories.get();
		HookCalls calls = calls(context, made, this.onSharedThreads);
		NetTrace.Factory[] makers = made.factories();
		GuardedNetTrace first = null;
		if (makers.length > 0) {
			RequestInfo request = describe(client, host, port);
			for (int i = makers.length - 1; i >= 0; i--) {
				NetTrace trace = make(makers[i], request, bindings);
				if (trace == null) {
					return null;
				}
				first = guarded(trace, first, calls);
			}
		}
		return RequestTrace.of(context, guarded(context.traces(), first, calls));
	}

	private @Nullable NetTrace make(NetTrace.Factory maker, RequestInfo request,
			Function<Object, @Nullable Object> bindings) {
		try {
			return maker.create(request, bindings);
		}
		catch (Throwable ex) {
			this.onSharedThreads.failedToMake(maker, ex);
			return NetTrace.NONE;
		}
	}

	private static NetTrace guarded(List<NetTrace> bound, @Nullable GuardedNetTrace next, HookCalls hooks) {
		GuardedNetTrace first = next;
		for (int i = bound.size() - 1; i >= 0; i--) {
			first = guarded(bound.get(i), first, hooks);
		}
		return (first != null) ? first : NetTrace.NONE;
	}

	private static @Nullable GuardedNetTrace guarded(NetTrace trace, @Nullable GuardedNetTrace next, HookCalls hooks) {
		return (trace != NetTrace.NONE) ? new GuardedNetTrace(trace, next, hooks) : next;
	}

	/**
	 * Return what an exchange asks for a connection to. Most ask for one to where the
	 * last one went.
	 * @param host as in {@link ConnectionTarget#host()}
	 * @param port as in {@link ConnectionTarget#port()}
	 * @param secure as in {@link ConnectionTarget#secure()}
	 * @return the target
	 */
	public ConnectionTarget target(String host, int port, boolean secure) {
		ConnectionTarget last = this.lastTarget;
		if (last != null && last.port() == port && last.secure() == secure && last.host().equals(host)) {
			return last;
		}
		ConnectionTarget target = new ConnectionTarget(host, port, secure);
		this.lastTarget = target;
		return target;
	}

	/**
	 * Whether a request of the current thread calls hooks also if it finds a pooled
	 * connection. If not, its trace need not be made before a connection is set up.
	 * @return whether something listens to each exchange
	 */
	public boolean watchesExchanges() {
		return watchesExchanges(NetTraceContext.current());
	}

	/**
	 * As {@link #watchesExchanges()}, for a request of which nothing is bound to the
	 * current thread.
	 * @param bindings finds what belongs to the request, as in
	 * {@link NetTrace.Factory#create(RequestInfo, Function)}
	 * @return whether something listens to each exchange
	 */
	public boolean watchesExchanges(Function<Object, @Nullable Object> bindings) {
		return watchesExchanges(NetTraceContext.in(bindings));
	}

	private boolean watchesExchanges(NetTraceContext context) {
		if (context.isSilent()) {
			return false;
		}
		return !context.traces().isEmpty() || this.factories.watchExchanges();
	}

	/**
	 * Whether a request of the current thread calls a hook. What it takes to know when to
	 * call it is not done for nothing.
	 * @param hook the hook
	 * @return whether something listens to it
	 */
	public boolean watches(Hook hook) {
		return watches(hook, NetTraceContext.current());
	}

	/**
	 * As {@link #watches(Hook)}, for a request of which nothing is bound to the current
	 * thread.
	 * @param hook the hook
	 * @param context what is bound around the request
	 * @return whether something listens to it
	 */
	public boolean watches(Hook hook, NetTraceContext context) {
		if (context.isSilent() || !calls(hook)) {
			return false;
		}
		return !context.traces().isEmpty() || this.factories.watch(hook);
	}

	/**
	 * Whether anything listens to a hook of a trace. If not, its arguments need not be
	 * made.
	 * @param trace a trace that this class has made
	 * @param hook the hook
	 * @return whether the hook does anything when it is called
	 */
	public static boolean watches(NetTrace trace, Hook hook) {
		return (trace instanceof GuardedNetTrace guarded) ? guarded.watches(hook) : trace != NetTrace.NONE;
	}

	/**
	 * Whether a hook is called at all, if something listens to it.
	 * @param hook the hook
	 * @return {@code false} if the settings rule it out
	 */
	public boolean calls(Hook hook) {
		return this.onCallersThread.fires(hook);
	}

	/**
	 * Whether a request of the current thread would belong to anything: a trace is bound
	 * to the thread, or a factory knows a parent. Instrumentation that sees lookups of
	 * the whole JVM leaves the others alone.
	 * @return whether there is a parent
	 */
	public boolean hasParent() {
		NetTraceContext context = NetTraceContext.current();
		if (context.isSilent()) {
			return false;
		}
		return !context.traces().isEmpty() || this.factories.haveParent();
	}

	/**
	 * Return what is to be told of connections.
	 * @return a listener that tells those of the application, and throws nothing
	 */
	public ConnectionListener connectionListener() {
		return this.connectionListener;
	}

	/**
	 * Whether anything is told of connections. If not, and if
	 * {@linkplain #watchesExchanges() nothing listens} to an exchange, it need not be
	 * watched.
	 * @return whether the application has listeners
	 */
	public boolean watchesConnections() {
		return this.connectionListener.isNeeded();
	}

	/**
	 * Begin the record of a connection, which is connected, but perhaps not
	 * {@linkplain ConnectionRecord#opened() ready}.
	 * @param pool the pool that it belongs to
	 * @param localAddress this side's address, or {@code null}
	 * @param peerAddress the server's address, or the proxy's, or {@code null}
	 * @return the record, to be kept with the connection
	 */
	public ConnectionRecord connection(PoolInfo pool, @Nullable SocketAddress localAddress,
			@Nullable SocketAddress peerAddress) {
		return new ConnectionRecord(this.connectionListener, System::nanoTime, this.connections.incrementAndGet(), pool,
				localAddress, peerAddress);
	}

	/**
	 * Let go of the factories, and with them of the application. Instrumented clients go
	 * on without; a trace that is bound to a thread with {@link NetTraceContext} is
	 * called as before.
	 */
	@Override
	public void close() {
		this.factories.close();
		this.connectionListener.close();
	}

}
