package io.nettrace;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Hooks that a DNS lookup and the connects after it call: Go's {@code nettrace.Trace}
 * ({@code src/internal/nettrace/nettrace.go}). Implement the hooks of interest, the
 * others do nothing.
 * <p>
 * The contract, the same for every client library:
 * <ul>
 * <li>Each start gets exactly one done, also on failure, timeout, cancellation and
 * interruption. An address that is never tried fires nothing.
 * <li>A host that is an IP address, and the empty host, fire no DNS hooks.
 * <li>What a resolver does to find its answer, its own connects included, fires nothing.
 * <li>DNS hooks are called by the thread that asked for the lookup, or on its executor or
 * event loop if it asked asynchronously. Connect hooks are called by the thread that
 * connects; when addresses race, two attempts of one operation may call at the same time,
 * and the attempt that lost may call after the operation has returned.
 * <li>The operation waits for a hook, so a hook must be fast. It is called without any
 * lock held, except on the JDK's clients: the JVM looks up under a lock for each name, so
 * that other threads which ask for the same name wait for the hook as well.
 * <li>What a hook throws is logged, at most every ten minutes for each class, and changes
 * nothing; Go lets it panic. Only errors of the JVM, which {@link OutOfMemoryError} and
 * the like are and a {@link StackOverflowError} is not, reach the caller, or on an event
 * loop the thread's handler of uncaught exceptions, once the done hooks have been called.
 * <li>What a hook sends itself, through whatever client, fires no hooks.
 * </ul>
 * A start and its done are told apart from others by the trace instance and the address:
 * a trace that keeps state therefore belongs to one operation, which is one lookup and
 * the connects that follow it. {@link Factory} makes such traces. A trace bound with
 * {@link NetTraceContext} sees every operation in its scope.
 */
public interface NetTrace {

	/**
	 * A trace without hooks. Instrumentation that is handed this instance does nothing
	 * and allocates nothing.
	 */
	NetTrace NONE = new NetTrace() {

		@Override
		public String toString() {
			return "NetTrace.NONE";
		}

	};

	/**
	 * A lookup begins; it is not known yet whether another one is joined.
	 * @param host the name, exactly as it was asked for: case and trailing dot are kept
	 */
	default void dnsStart(String host) {
	}

	/**
	 * A lookup has ended for this caller. If the caller gave up by timeout, cancellation
	 * or interruption the lookup itself may still be running for others.
	 * @param addresses the answers in the order in which they are tried; empty on failure
	 * @param coalesced whether the result was shared with another caller: true for the
	 * caller that started the lookup too, if anybody joined it; false for a caller that
	 * gave up
	 * @param error why there is no answer, or {@code null}
	 */
	default void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
	}

	/**
	 * A connect attempt to one address begins; no socket is connecting yet.
	 * @param network {@code tcp} or {@code unix}
	 * @param address the resolved address with its port, or the path of a Unix domain
	 * socket. It is unresolved if Reactor Netty could make no socket: the name would have
	 * been looked up after that
	 */
	default void connectStart(String network, SocketAddress address) {
	}

	/**
	 * The attempt has ended.
	 * @param network as in {@link #connectStart}
	 * @param address the instance given to {@link #connectStart}
	 * @param error why the attempt failed, or {@code null} if it connected. An attempt
	 * that was given up because another one won, or because the caller cancelled, has a
	 * {@link java.util.concurrent.CancellationException}
	 */
	default void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
	}

	/**
	 * Makes the trace of one operation. It is called on the thread that asks for the
	 * operation, where whatever belongs to the request, its observation for one, is still
	 * bound to the thread. A bean of this type joins the traces of every instrumented
	 * client.
	 */
	@FunctionalInterface
	interface Factory {

		/**
		 * Make the trace of an operation that is about to start.
		 * @param client the client library that asks: {@code httpcomponents},
		 * {@code httpcomponents-async}, {@code reactor-netty}, {@code jetty} or
		 * {@code jdk}
		 * @return the trace, or {@link NetTrace#NONE} if this operation is of no interest
		 */
		NetTrace create(String client);

		/**
		 * Fix what the current thread knows of a request that may start several
		 * operations, later and on threads where nothing of the request is bound: clients
		 * that do not block follow redirects in this way. Override this if traces keep
		 * state or depend on the thread.
		 * @param client as in {@link #create(String)}
		 * @return makes the trace of each operation; by default always the same one
		 */
		default Supplier<NetTrace> forRequest(String client) {
			NetTrace trace = create(client);
			return () -> trace;
		}

		/**
		 * As {@link #create(String)}, but on an event loop, where nothing of the request
		 * is bound, since it is all in a Reactor context: saves binding it just to have
		 * it read.
		 * @param client as in {@link #create(String)}
		 * @param bindings finds what belongs to the request by the key of its
		 * {@code ThreadLocalAccessor} (of {@code io.micrometer:context-propagation})
		 * @return the trace, or {@code null}, as by default, to have the request bound to
		 * the thread and {@link #forRequest(String)} called
		 */
		default @Nullable NetTrace create(String client, Function<Object, @Nullable Object> bindings) {
			return null;
		}

		/**
		 * Whether the current thread works for something that an operation would belong
		 * to. Lookups of the whole JVM ({@code jdk}) fire hooks only if some factory says
		 * so, or a trace is bound to the thread.
		 * @return whether there is a parent, by default {@code false}
		 */
		default boolean hasParent() {
			return false;
		}

	}

}
