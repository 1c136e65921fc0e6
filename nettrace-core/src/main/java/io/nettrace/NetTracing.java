package io.nettrace;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Where instrumentation gets the trace of the operation that it is about to run. One
 * instance serves an application; it is safe for use by several threads. Close it when
 * the application ends: clients and their pools may outlive it, and must not keep it.
 */
public final class NetTracing implements AutoCloseable {

	private static final String RETURNED_NULL = "a factory must not return null: NetTrace.NONE is no trace";

	private static final NetTrace.Factory[] NO_FACTORIES = {};

	private volatile Supplier<? extends List<? extends NetTrace.Factory>> factorySupplier;

	private final boolean firesDns;

	private final boolean firesConnect;

	private volatile NetTrace.Factory @Nullable [] factories;

	private final NetTraceRequest noRequest = new NetTraceRequest(this, NetTraceContext.empty(), List.of());

	private final HookFailures failures = new HookFailures(System.getLogger(NetTracing.class.getName()));

	private final Hooks onCallersThread = new Hooks(this, false);

	private final Hooks onSharedThreads = new Hooks(this, true);

	private final Map<NetTrace, VirtualMachineError> owed = new ConcurrentHashMap<>();

	private volatile boolean closed;

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
	 * What the hooks of an operation have in common.
	 *
	 * @param tracing where the operation got its trace
	 * @param shared whether they are called on threads that serve other requests too: an
	 * event loop's, a selector's
	 */
	record Hooks(NetTracing tracing, boolean shared) {

		boolean firesDns() {
			return this.tracing.firesDns;
		}

		boolean firesConnect() {
			return this.tracing.firesConnect;
		}

		/**
		 * Whether an interrupt of a hook's own ends with it. On the caller's thread it
		 * may as well be the caller's.
		 */
		boolean clearsInterrupts() {
			return this.shared;
		}

		/**
		 * Log what a hook has thrown.
		 * @return what has to be thrown to the caller; {@code null} on a thread that
		 * serves others, whose handler of uncaught exceptions has it then
		 */
		@Nullable VirtualMachineError failed(Object culprit, Throwable failure) {
			this.tracing.failures.report(culprit, failure);
			VirtualMachineError fatal = HookFailures.fatal(failure);
			if (fatal != null && this.shared) {
				handOver(fatal);
				return null;
			}
			return fatal;
		}

		/**
		 * Keep an error that a start hook or a done hook has thrown until the done hooks
		 * have been called. Not in a field of the trace's own: there is next to none.
		 */
		void owe(NetTrace trace, @Nullable VirtualMachineError fatal) {
			if (fatal != null) {
				this.tracing.owed.put(trace, fatal);
			}
		}

		@Nullable VirtualMachineError takeOwed(NetTrace trace) {
			return this.tracing.owed.isEmpty() ? null : this.tracing.owed.remove(trace);
		}

		private static void handOver(VirtualMachineError fatal) {
			Thread thread = Thread.currentThread();
			try {
				thread.getUncaughtExceptionHandler().uncaughtException(thread, fatal);
			}
			catch (Throwable ex) {
				// as the JVM does with what such a handler throws
			}
		}

		void failedToMake(Object culprit, Throwable failure) {
			VirtualMachineError fatal = failed(culprit, failure);
			if (fatal != null) {
				throw fatal;
			}
		}

	}

	/**
	 * Compose the trace of an operation: the traces bound to the current thread, newest
	 * first, then those of the factories. Call it on the thread that asks, if it blocks
	 * until the operation is over; else {@link #request(String)} is the method. The hooks
	 * of the result throw nothing but errors of the JVM, and the done hooks throw those.
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
			first = guarded(make(makers[i], client), first, this.onCallersThread);
		}
		return guarded((context != null) ? context.traces() : List.of(), first, this.onCallersThread);
	}

	private NetTrace make(NetTrace.Factory maker, String client) {
		try {
			return Objects.requireNonNull(maker.create(client), RETURNED_NULL);
		}
		catch (Throwable ex) {
			this.onCallersThread.failedToMake(maker, ex);
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
			first = guarded(trace, first, this.onSharedThreads);
		}
		return guarded(context.traces(), first, this.onSharedThreads);
	}

	private @Nullable NetTrace make(NetTrace.Factory maker, String client,
			Function<Object, @Nullable Object> bindings) {
		try {
			return maker.create(client, bindings);
		}
		catch (Throwable ex) {
			this.onSharedThreads.failedToMake(maker, ex);
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
		NetTrace.Factory[] makers = context.isSilent() ? NO_FACTORIES : factories();
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
			return Objects.requireNonNull(maker.forRequest(client), RETURNED_NULL);
		}
		catch (Throwable ex) {
			this.onSharedThreads.failedToMake(maker, ex);
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
			this.onSharedThreads.failedToMake(maker, ex);
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
				this.failures.reportUnmade(ex);
				HookFailures.throwIfFatal(ex);
				return NO_FACTORIES; // and ask again next time
			}
			this.factories = result;
			if (this.closed) {
				release();
				return NO_FACTORIES;
			}
		}
		return result;
	}

	/**
	 * Let go of the factories, and with them of the application. Instrumented clients go
	 * on without; a trace that is bound to a thread with {@link NetTraceContext} is
	 * called as before.
	 */
	@Override
	public void close() {
		this.closed = true;
		release();
	}

	private void release() {
		this.factorySupplier = List::of;
		this.factories = NO_FACTORIES;
	}

	/**
	 * Compose the trace of an operation from those bound to the thread that sent its
	 * request, and those that are made now.
	 */
	NetTrace compose(List<NetTrace> bound, List<Supplier<NetTrace>> makers) {
		GuardedNetTrace first = null;
		for (int i = makers.size() - 1; i >= 0; i--) {
			first = guarded(make(makers.get(i)), first, this.onSharedThreads);
		}
		return guarded(bound, first, this.onSharedThreads);
	}

	private NetTrace make(Supplier<NetTrace> maker) {
		try {
			return Objects.requireNonNull(maker.get(), RETURNED_NULL);
		}
		catch (Throwable ex) {
			this.onSharedThreads.failedToMake(maker, ex);
			return NetTrace.NONE;
		}
	}

	private static NetTrace guarded(List<NetTrace> bound, @Nullable GuardedNetTrace next, Hooks hooks) {
		GuardedNetTrace first = next;
		for (int i = bound.size() - 1; i >= 0; i--) {
			first = guarded(bound.get(i), first, hooks);
		}
		return (first != null) ? first : NetTrace.NONE;
	}

	private static @Nullable GuardedNetTrace guarded(NetTrace trace, @Nullable GuardedNetTrace next, Hooks hooks) {
		return (trace != NetTrace.NONE) ? new GuardedNetTrace(trace, next, hooks) : next;
	}

}
