package io.nettrace.instrument;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.nettrace.Hook;
import io.nettrace.NetTrace;
import org.jspecify.annotations.Nullable;

/**
 * How hooks are called: which of them are, and what becomes of what they throw.
 *
 * @param hooks those that are called
 * @param shared whether they are called on threads that serve other requests too: an
 * event loop's, a selector's
 * @param failures logs what they throw
 * @param owed errors that wait for the done hooks, by the trace that has thrown them. Not
 * in a field of the trace's own: there is next to none
 */
record HookCalls(Set<Hook> hooks, boolean shared, HookFailures failures, Map<NetTrace, VirtualMachineError> owed) {

	static HookCalls onCallersThread(Set<Hook> hooks, HookFailures failures) {
		return new HookCalls(hooks, false, failures, new ConcurrentHashMap<>());
	}

	HookCalls onSharedThreads() {
		return new HookCalls(this.hooks, true, this.failures, this.owed);
	}

	HookCalls onCallersThread() {
		return new HookCalls(this.hooks, false, this.failures, this.owed);
	}

	HookCalls limitedTo(Set<Hook> hooks) {
		return new HookCalls(hooks, this.shared, this.failures, this.owed);
	}

	boolean fires(Hook hook) {
		return this.hooks.contains(hook);
	}

	/**
	 * Whether an interrupt of a hook's own ends with it. On the caller's thread it may as
	 * well be the caller's.
	 */
	boolean clearsInterrupts() {
		return this.shared;
	}

	/**
	 * Log what a hook has thrown.
	 * @return what has to be thrown to the caller; {@code null} on a thread that serves
	 * others, whose handler of uncaught exceptions has it then
	 */
	@Nullable VirtualMachineError failed(Object culprit, Throwable failure) {
		this.failures.report(culprit, failure);
		VirtualMachineError fatal = HookFailures.fatal(failure);
		if (fatal != null && this.shared) {
			handOver(fatal);
			return null;
		}
		return fatal;
	}

	/**
	 * Keep an error that a start hook or a done hook has thrown until the done hooks have
	 * been called.
	 */
	void owe(NetTrace trace, @Nullable VirtualMachineError fatal) {
		if (fatal != null) {
			this.owed.put(trace, fatal);
		}
	}

	@Nullable VirtualMachineError takeOwed(NetTrace trace) {
		return this.owed.isEmpty() ? null : this.owed.remove(trace);
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
