package io.nettrace.client.httpcomponents;

import io.nettrace.CloseReason;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * What the current thread is at, for as long as a call of the library lasts: the library
 * calls its resolver, its sockets and its connection by the same thread, but they do not
 * see the request.
 *
 * @param <T> what is carried
 */
final class CarriedByThread<T> {

	/**
	 * The dial that the thread has begun.
	 */
	static final CarriedByThread<NetTrace> DIAL = new CarriedByThread<>();

	/**
	 * The exchange for which the thread asks for a connection, or which it sends.
	 */
	static final CarriedByThread<ExchangeTrace> EXCHANGE = new CarriedByThread<>();

	/**
	 * The exchange for which the thread asks for a connection, on the asynchronous
	 * client.
	 */
	static final CarriedByThread<ExchangeTrace> ASKING = new CarriedByThread<>();

	/**
	 * The connection that the thread sets up.
	 */
	static final CarriedByThread<ConnectionSetup> SETUP = new CarriedByThread<>();

	/**
	 * For how long the connection may be idle that the thread gives back.
	 */
	static final CarriedByThread<TimeValue> KEEP_ALIVE = new CarriedByThread<>();

	/**
	 * Why the thread closes idle connections.
	 */
	static final CarriedByThread<CloseReason> CLOSING = new CarriedByThread<>();

	/**
	 * The request that the thread connects for, on the asynchronous client.
	 */
	static final CarriedByThread<TracedAsyncExecRuntime> CONNECTING = new CarriedByThread<>();

	/**
	 * The race for which the thread looks up, on the asynchronous client.
	 */
	static final CarriedByThread<RacingInitiator> RACE = new CarriedByThread<>();

	@SuppressWarnings("ThreadLocalUsage") // the instances are static
	private final ThreadLocal<@Nullable T> carried = new ThreadLocal<>();

	private CarriedByThread() {
	}

	/**
	 * Begin to carry something.
	 * @param value what to carry, {@code null} for nothing
	 * @return what {@link #end} is to be called with
	 */
	@Nullable T begin(@Nullable T value) {
		T outer = this.carried.get();
		this.carried.set(value);
		return outer;
	}

	/**
	 * Carry it no longer. The thread keeps its empty entry, which holds nothing: it would
	 * be made anew for each request.
	 * @param outer what {@link #begin} has returned
	 */
	void end(@Nullable T outer) {
		this.carried.set(outer);
	}

	/**
	 * Return what is carried. What a resolver or a hook sends itself does not belong to
	 * the request that has called it.
	 * @return what is carried, or {@code null} if nothing is
	 */
	@Nullable T get() {
		T value = this.carried.get();
		return (value != null && NetTraceContext.current().isSilent()) ? null : value;
	}

}
