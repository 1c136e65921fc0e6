package io.nettrace;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * What Go keeps in the context: the traces and the alternate resolver of the current
 * thread's requests. Immutable; {@link #open()} binds it to the thread for a scope:
 *
 * <pre class="code">
 * try (NetTraceContext.Scope scope = NetTraceContext.current().withTrace(trace).open()) {
 *     restClient.get().uri(uri).retrieve().toBodilessEntity();
 * }
 * </pre>
 *
 * With {@code io.micrometer:context-propagation} on the class path the binding is carried
 * into Reactor pipelines and wrapped executors. Go: {@code httptrace.WithClientTrace},
 * {@code nettrace.LookupIPAltResolverKey}.
 */
public final class NetTraceContext {

	private static final NetTraceContext EMPTY = new NetTraceContext(List.of(), null, false);

	private static final NetTraceContext SILENT = new NetTraceContext(List.of(), null, true);

	private static final Scope SILENCE = new Scope(SILENT, null, null);

	private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();

	private final List<NetTrace> traces;

	private final @Nullable Resolver resolver;

	private final boolean silent;

	private NetTraceContext(List<NetTrace> traces, @Nullable Resolver resolver, boolean silent) {
		this.traces = traces;
		this.resolver = resolver;
		this.silent = silent;
	}

	/**
	 * Return what is bound to the current thread.
	 * @return the binding, {@link #empty()} if there is none
	 */
	public static NetTraceContext current() {
		NetTraceContext current = bound();
		return (current != null) ? current : EMPTY;
	}

	/**
	 * Return a context with neither traces nor resolver. Opened as a scope it hides what
	 * an outer scope has bound.
	 * @return the empty context
	 */
	public static NetTraceContext empty() {
		return EMPTY;
	}

	/**
	 * Return the context for a resolver at work: whatever it looks up or connects to in
	 * order to answer fires no hooks (Go shadows the trace in {@code DialContext}, so
	 * that DNS traffic does not look like the request's).
	 * @return the context that silences every trace
	 */
	public static NetTraceContext silent() {
		return SILENT;
	}

	/**
	 * Return a context with one more trace. Its hooks run before those already here, for
	 * start and done alike. Neither this context nor the trace is changed, and a trace
	 * that is here already is not added twice (Go recurses for ever).
	 * @param trace the trace to add
	 * @return the context to open
	 */
	public NetTraceContext withTrace(NetTrace trace) {
		Objects.requireNonNull(trace, "'trace' must not be null");
		if (trace == NetTrace.NONE || this.traces.stream().anyMatch((present) -> present == trace)) {
			return this;
		}
		List<NetTrace> newestFirst = new ArrayList<>(this.traces.size() + 1);
		newestFirst.add(trace);
		newestFirst.addAll(this.traces);
		return new NetTraceContext(Collections.unmodifiableList(newestFirst), this.resolver, this.silent);
	}

	/**
	 * Return a context whose lookups ask the given resolver instead of the client's.
	 * Hooks and dialing stay as they are, and so does the client's address filter, which
	 * sees this resolver's answers. Such a lookup is not shared with any other caller.
	 * @param resolver the alternate resolver
	 * @return the context to open
	 */
	public NetTraceContext withResolver(Resolver resolver) {
		Objects.requireNonNull(resolver, "'resolver' must not be null");
		return new NetTraceContext(this.traces, resolver, this.silent);
	}

	/**
	 * Return the traces that were added.
	 * @return the traces, newest first
	 */
	public List<NetTrace> traces() {
		return this.traces;
	}

	/**
	 * Return the alternate resolver.
	 * @return the resolver, or {@code null} to ask the client's own
	 */
	public @Nullable Resolver resolver() {
		return this.resolver;
	}

	/**
	 * Whether a resolver is at work: no hook fires, and lookups are not shared, for the
	 * one it would join may be its own.
	 * @return whether this is {@link #silent()} or made from it
	 */
	public boolean isSilent() {
		return this.silent;
	}

	/**
	 * Bind this context to the current thread until the scope is closed.
	 * @return the scope, to be closed by the same thread
	 */
	public Scope open() {
		Scope scope = new Scope(this, CURRENT.get(), Thread.currentThread());
		CURRENT.set(scope);
		return scope;
	}

	/**
	 * Find what a Reactor context or the like holds in place of a thread.
	 * @param bindings finds values by the key of their {@code ThreadLocalAccessor} (of
	 * {@code io.micrometer:context-propagation})
	 * @return the context, {@link #empty()} if there is none
	 */
	public static NetTraceContext in(Function<Object, @Nullable Object> bindings) {
		return (bindings.apply(NetTraceContextAccessor.KEY) instanceof NetTraceContext context) ? context : EMPTY;
	}

	static @Nullable NetTraceContext bound() {
		Scope scope = CURRENT.get();
		return (scope != null) ? scope.context : null;
	}

	/**
	 * Bind without a scope, until {@link #restore}.
	 */
	static void bind(@Nullable NetTraceContext context) {
		Scope scope = innermost();
		// not removed if null: the next lookup would make the entry anew
		CURRENT.set((context != null || scope != null) ? new Scope(context, scope, null) : null);
	}

	/**
	 * End what {@link #bind} has begun.
	 * @param previous what was bound before
	 */
	static void restore(@Nullable NetTraceContext previous) {
		for (Scope scope = innermost(); scope != null; scope = scope.previous) {
			if (scope.context == previous) {
				CURRENT.set(scope.orOuterIfClosed());
				return;
			}
		}
		bind(previous);
	}

	/**
	 * Bind {@link #silent()} to the current thread around a hook or a resolver, without
	 * an object for each. For instrumentation, which ends it on the same thread and in
	 * the reverse order; all else opens a scope.
	 * @return for {@link #endSilence}
	 */
	public static @Nullable Scope silence() {
		Scope outer = CURRENT.get();
		CURRENT.set(SILENCE);
		return outer;
	}

	/**
	 * Bind again what was bound before, whatever the hook or the resolver has left.
	 * @param outer what {@link #silence} has returned
	 */
	public static void endSilence(@Nullable Scope outer) {
		CURRENT.set((outer != null) ? outer.orOuterIfClosed() : null);
	}

	/**
	 * The innermost scope, without what was bound in it but not by a scope.
	 */
	private static @Nullable Scope innermost() {
		Scope scope = CURRENT.get();
		return (scope == null || scope.owner != null) ? scope : scope.previous;
	}

	/**
	 * A binding to the thread that opened it. Closing puts back what was bound before;
	 * closing again does nothing. Scopes may be closed in any order: when the last one is
	 * closed, nothing is bound any more.
	 */
	public static final class Scope implements AutoCloseable {

		private final @Nullable NetTraceContext context;

		private final @Nullable Scope previous;

		private static final Object CLOSED = new Object();

		// The thread; CLOSED; null if bound without a scope. One field, since each lookup
		// makes a scope
		private @Nullable Object owner;

		private Scope(@Nullable NetTraceContext context, @Nullable Scope previous, @Nullable Thread owner) {
			this.context = context;
			this.previous = previous;
			this.owner = owner;
		}

		@Override
		public void close() {
			if (this.owner == CLOSED) {
				return;
			}
			if (Thread.currentThread() != this.owner) {
				throw new IllegalStateException("A NetTraceContext scope must be closed by the thread that opened it, "
						+ ((Thread) Objects.requireNonNull(this.owner)).getName() + ", not by "
						+ Thread.currentThread().getName());
			}
			this.owner = CLOSED;
			if (CURRENT.get() == this) { // else it goes with what is bound in it
				CURRENT.set(orOuterIfClosed());
			}
		}

		private @Nullable Scope orOuterIfClosed() {
			Scope scope = this;
			while (scope != null && scope.owner == CLOSED) {
				scope = scope.previous;
			}
			return scope;
		}

	}

}
