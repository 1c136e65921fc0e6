package io.nettrace;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Where instrumentation gets the trace of the operation that it is about to run. One
 * instance serves an application; it is safe for use by several threads.
 */
public final class NetTracing {

	private static final System.Logger logger = System.getLogger(NetTracing.class.getName());

	private final Supplier<? extends List<? extends NetTrace.Factory>> factorySupplier;

	private final boolean firesDns;

	private final boolean firesConnect;

	private volatile NetTrace.Factory @Nullable [] factories;

	private final NetTraceRequest noRequest = new NetTraceRequest(this, NetTraceContext.empty(), List.of());

	private final Set<Class<?>> reported = ConcurrentHashMap.newKeySet();

	/**
	 * Create an instance with the factories given.
	 * @param factories what makes a trace for each operation, in calling order
	 */
	public NetTracing(NetTrace.Factory... factories) {
		this(constant(List.of(factories)), true, true);
	}

	/**
	 * Create an instance that asks for its factories when the first operation starts, not
	 * before: a factory may need a registry whose exporter itself sends through an
	 * instrumented client.
	 * @param factories supplies what makes a trace for each operation, in calling order
	 * @param firesDns whether the hooks of lookups are called
	 * @param firesConnect whether the hooks of connects are called
	 */
	public NetTracing(Supplier<? extends List<? extends NetTrace.Factory>> factories, boolean firesDns,
			boolean firesConnect) {
		this.factorySupplier = Objects.requireNonNull(factories, "'factories' must not be null");
		this.firesDns = firesDns;
		this.firesConnect = firesConnect;
	}

	private static <T> Supplier<T> constant(T value) {
		return () -> value;
	}

	/**
	 * Compose the trace of an operation: the traces bound to the current thread, newest
	 * first, then those of the factories. Call it on the thread that asks. The result
	 * never throws.
	 * @param client the client library that asks, as in
	 * {@link NetTrace.Factory#create(String)}
	 * @return the trace, {@link NetTrace#NONE} if nobody listens
	 */
	public NetTrace capture(String client) {
		NetTraceContext context = NetTraceContext.bound();
		NetTrace.Factory[] makers = factories();
		if ((context == null && makers.length == 0) || (context != null && context.isSilent())) {
			return NetTrace.NONE;
		}
		GuardedNetTrace first = null;
		for (int i = makers.length - 1; i >= 0; i--) {
			first = guarded(make(makers[i], client), first);
		}
		return guarded((context != null) ? context.traces() : List.of(), first);
	}

	private NetTrace make(NetTrace.Factory maker, String client) {
		try {
			return Objects.requireNonNull(maker.create(client));
		}
		catch (Throwable ex) {
			report(maker, ex);
			return NetTrace.NONE;
		}
	}

	/**
	 * Compose the trace of an operation of whose request nothing is bound to the current
	 * thread. The result never throws.
	 * @param client the client library that asks, as in
	 * {@link NetTrace.Factory#create(String)}
	 * @param bindings finds what belongs to the request, as in
	 * {@link NetTrace.Factory#create(String, Function)}
	 * @return the trace, {@link NetTrace#NONE} if nobody listens, or {@code null} if a
	 * factory has to see the request bound to a thread: then bind it and call
	 * {@link #request(String)}
	 */
	public @Nullable NetTrace capture(String client, Function<Object, @Nullable Object> bindings) {
		NetTraceContext context = NetTraceContext.in(bindings);
		if (context.isSilent()) {
			return NetTrace.NONE;
		}
		NetTrace.Factory[] makers = factories();
		GuardedNetTrace first = null;
		for (int i = makers.length - 1; i >= 0; i--) {
			NetTrace trace = make(makers[i], client, bindings);
			if (trace == null) {
				return null;
			}
			first = guarded(trace, first);
		}
		return guarded(context.traces(), first);
	}

	private @Nullable NetTrace make(NetTrace.Factory maker, String client,
			Function<Object, @Nullable Object> bindings) {
		try {
			return maker.create(client, bindings);
		}
		catch (Throwable ex) {
			report(maker, ex);
			return NetTrace.NONE;
		}
	}

	/**
	 * Fix what the current thread knows of a request whose operations start later or on
	 * other threads. Call it on the thread that sends.
	 * @param client the client library that asks, as in
	 * {@link NetTrace.Factory#create(String)}
	 * @return makes the trace of each operation
	 */
	public NetTraceRequest request(String client) {
		NetTraceContext context = NetTraceContext.current();
		NetTrace.Factory[] makers = context.isSilent() ? new NetTrace.Factory[0] : factories();
		if (context == NetTraceContext.empty() && makers.length == 0) {
			return this.noRequest;
		}
		List<Supplier<NetTrace>> suppliers = new ArrayList<>(makers.length);
		for (NetTrace.Factory maker : makers) {
			suppliers.add(forRequest(maker, client));
		}
		return new NetTraceRequest(this, context, suppliers);
	}

	private Supplier<NetTrace> forRequest(NetTrace.Factory maker, String client) {
		try {
			return Objects.requireNonNull(maker.forRequest(client));
		}
		catch (Throwable ex) {
			report(maker, ex);
			return () -> NetTrace.NONE;
		}
	}

	/**
	 * Whether an operation of the current thread would belong to anything: a trace is
	 * bound to the thread, or a factory knows a parent. Instrumentation that sees
	 * operations of the whole JVM leaves the others alone.
	 * @return whether somebody waits for this thread's operations
	 */
	public boolean hasParent() {
		NetTraceContext context = NetTraceContext.current();
		if (context.isSilent()) {
			return false;
		}
		return !context.traces().isEmpty() || Stream.of(factories()).anyMatch(this::hasParent);
	}

	private boolean hasParent(NetTrace.Factory maker) {
		try {
			return maker.hasParent();
		}
		catch (Throwable ex) {
			report(maker, ex);
			return false;
		}
	}

	private NetTrace.Factory[] factories() {
		NetTrace.Factory[] result = this.factories;
		if (result == null) {
			try {
				result = this.factorySupplier.get().toArray(NetTrace.Factory[]::new);
			}
			catch (Throwable ex) {
				report(this.factorySupplier, ex);
				return new NetTrace.Factory[0]; // and ask again next time
			}
			this.factories = result;
		}
		return result;
	}

	/**
	 * Compose the trace of an operation from those bound to the thread that sent its
	 * request, and those that are made now.
	 */
	NetTrace compose(List<NetTrace> bound, List<Supplier<NetTrace>> makers) {
		GuardedNetTrace first = null;
		for (int i = makers.size() - 1; i >= 0; i--) {
			first = guarded(make(makers.get(i)), first);
		}
		return guarded(bound, first);
	}

	private NetTrace make(Supplier<NetTrace> maker) {
		try {
			return Objects.requireNonNull(maker.get());
		}
		catch (Throwable ex) {
			report(maker, ex);
			return NetTrace.NONE;
		}
	}

	private NetTrace guarded(List<NetTrace> bound, @Nullable GuardedNetTrace next) {
		GuardedNetTrace first = next;
		for (int i = bound.size() - 1; i >= 0; i--) {
			first = guarded(bound.get(i), first);
		}
		return (first != null) ? first : NetTrace.NONE;
	}

	private @Nullable GuardedNetTrace guarded(NetTrace trace, @Nullable GuardedNetTrace next) {
		return (trace != NetTrace.NONE) ? new GuardedNetTrace(trace, next, this) : next;
	}

	boolean firesDns() {
		return this.firesDns;
	}

	boolean firesConnect() {
		return this.firesConnect;
	}

	void report(Object culprit, Throwable failure) {
		if (this.reported.add(culprit.getClass())) {
			logger.log(Level.WARNING, "A hook of " + culprit.getClass().getName()
					+ " failed; the request goes on. Further failures of this class are not logged", failure);
		}
	}

}
