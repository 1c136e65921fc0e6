package io.nettrace.observation.recent;

import java.util.List;
import java.util.Locale;

import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.InterimResponse;
import io.nettrace.NetTrace;
import io.nettrace.ResponseInfo;
import io.nettrace.WaitInfo;
import io.nettrace.WroteRequestInfo;
import io.nettrace.observation.ErrorType;
import io.nettrace.observation.Phase;
import org.jspecify.annotations.Nullable;

/**
 * Records the steps of one call of a client library: those of its exchanges here, and of
 * each of its dials in an object of its own.
 */
final class ExchangeSteps implements NetTrace {

	private final RequestSteps steps;

	// The rest is guarded by this

	/**
	 * The step of the exchange under way: it does one thing at a time.
	 */
	private RequestSteps.@Nullable Step current;

	private Phase phase = Phase.OTHER;

	private int exchange;

	private boolean written;

	ExchangeSteps(RequestSteps steps) {
		this.steps = steps;
	}

	@Override
	public NetTrace forDial() {
		return new DialSteps(this.steps, this);
	}

	synchronized int exchange() {
		return this.exchange;
	}

	/**
	 * A dial begins to set up the connection, which ends the time in queue.
	 */
	synchronized void dials(int exchange) {
		if (exchange == this.exchange && this.phase == Phase.QUEUE) {
			end(null);
		}
	}

	private void enter(Phase phase, String name) {
		if (phase != this.phase) {
			end(null);
			this.phase = phase;
			this.current = this.steps.begin(phase, name, this.exchange, List.of());
		}
	}

	private void end(@Nullable String error) {
		RequestSteps.Step current = this.current;
		this.current = null;
		this.phase = Phase.OTHER;
		if (current != null) {
			this.steps.end(current, error);
		}
	}

	private void sends() {
		enter(Phase.SEND, "send request");
	}

	private void waits() {
		enter(Phase.WAIT, "wait for first byte");
	}

	@Override
	public synchronized void getConn(ConnectionTarget target) {
		this.exchange = this.steps.nextExchange();
		this.written = false;
		end(null);
		enter(Phase.QUEUE, "wait for connection");
	}

	@Override
	public synchronized void waitDone(WaitInfo wait) {
		RequestSteps.Step current = this.current;
		if (current == null || this.phase != Phase.QUEUE) {
			return;
		}
		WaitInfo.Outcome outcome = wait.outcome();
		this.steps.describe(current, List.of(), words(wait));
		if (outcome != null && outcome != WaitInfo.Outcome.REUSED && outcome != WaitInfo.Outcome.NEW) {
			Throwable error = wait.error();
			end((error != null) ? ErrorType.of(error) : outcome.name().toLowerCase(Locale.ROOT));
		}
	}

	private static String words(WaitInfo wait) {
		return switch (wait.reason()) {
			case HOST_LIMIT -> "all connections to the host were in use";
			case POOL_LIMIT -> "all connections of the pool were in use";
			case UNKNOWN -> "waited for the pool";
		};
	}

	@Override
	public synchronized void gotConn(ConnectionInfo connection) {
		if (!connection.reused()) {
			this.steps.opened(connection.id());
		}
		sends();
	}

	@Override
	public synchronized void wait100Continue(ConnectionInfo connection) {
		waits();
	}

	@Override
	public synchronized void got100Continue(ConnectionInfo connection) {
		sends();
	}

	/**
	 * The response itself is still to come.
	 */
	@Override
	public synchronized void got1xxResponse(InterimResponse response) {
		if (this.written) {
			waits();
		}
		else {
			sends();
		}
	}

	@Override
	public synchronized void wroteRequest(WroteRequestInfo request) {
		this.written = true;
		if (this.phase == Phase.SEND) {
			Throwable error = request.error();
			end((error != null) ? ErrorType.of(error) : null);
			waits();
		}
	}

	@Override
	public synchronized void gotFirstResponseByte(ConnectionInfo connection) {
		enter(Phase.RECEIVE, "read response");
	}

	@Override
	public synchronized void responseDone(ResponseInfo response) {
		Throwable error = response.error();
		end((error != null) ? ErrorType.of(error) : null);
	}

}
