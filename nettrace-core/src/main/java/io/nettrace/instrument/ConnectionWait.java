package io.nettrace.instrument;

import java.util.concurrent.atomic.AtomicBoolean;

import io.nettrace.ConnectionTarget;
import io.nettrace.NetTrace;
import io.nettrace.WaitInfo;
import org.jspecify.annotations.Nullable;

/**
 * The wait of one exchange for its pool. It calls {@link NetTrace#waitStart} when it is
 * made, and {@link NetTrace#waitDone} once, however often it is told that it has ended.
 * Safe for use by several threads.
 */
public final class ConnectionWait {

	private final NetTrace hooks;

	private final WaitInfo started;

	private final AtomicBoolean ended = new AtomicBoolean();

	private ConnectionWait(NetTrace hooks, WaitInfo started) {
		this.hooks = hooks;
		this.started = started;
	}

	/**
	 * Start to wait.
	 * @param hooks the hooks of the request
	 * @param target what the exchange asks for a connection to
	 * @param reason what it waits for
	 * @return the wait, to be ended
	 */
	public static ConnectionWait start(NetTrace hooks, ConnectionTarget target, WaitInfo.Reason reason) {
		ConnectionWait wait = new ConnectionWait(hooks, WaitInfo.starting(target, reason));
		hooks.waitStart(wait.started);
		return wait;
	}

	/**
	 * End the wait.
	 * @param outcome how it has ended
	 * @param error why the exchange got nothing, or {@code null}
	 */
	public void done(WaitInfo.Outcome outcome, @Nullable Throwable error) {
		if (this.ended.compareAndSet(false, true)) {
			this.hooks.waitDone(this.started.ended(outcome, error));
		}
	}

	/**
	 * Whether the wait has not ended yet.
	 * @return {@code false} as soon as the hook is about to be told
	 */
	public boolean isUnderWay() {
		return !this.ended.get();
	}

}
