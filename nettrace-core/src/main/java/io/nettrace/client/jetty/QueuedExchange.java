package io.nettrace.client.jetty;

import io.nettrace.ConnectionTarget;
import io.nettrace.NetTrace;
import io.nettrace.WaitInfo;
import io.nettrace.WaitInfo.Outcome;
import io.nettrace.instrument.ConnectionWait;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.transport.HttpDestination;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.jspecify.annotations.Nullable;

/**
 * Calls the hooks of an exchange for as long as it is in Jetty's queue: it asks for a
 * connection, and waits if the pool has neither a connection nor place for one.
 */
abstract class QueuedExchange {

	private final HttpExchange exchange;

	private final NetTrace hooks;

	private final ConnectionTarget target;

	// Guarded by this

	private @Nullable ConnectionWait wait;

	private @Nullable Outcome waitOutcome; // also if there was no wait

	private @Nullable Throwable waitError;

	/**
	 * Create an exchange.
	 * @param exchange what Jetty calls so
	 * @param hooks the request's, {@link NetTrace#NONE} if only its connection is watched
	 */
	QueuedExchange(HttpExchange exchange, NetTrace hooks) {
		this.exchange = exchange;
		this.hooks = hooks;
		HttpDestination destination = exchange.getHttpDestination();
		Origin.Address firstHop = destination.resolveOrigin().getAddress();
		this.target = new ConnectionTarget(firstHop.getHost(), firstHop.getPort(), destination.isSecure());
	}

	final HttpExchange exchange() {
		return this.exchange;
	}

	final boolean isOf(Request request) {
		return this.exchange.getRequest() == request;
	}

	final NetTrace hooks() {
		return this.hooks;
	}

	/**
	 * The exchange asks for a connection.
	 */
	final void asks() {
		this.hooks.getConn(this.target);
	}

	/**
	 * The exchange waits, because the pool has neither a connection nor place. Another
	 * thread may have given it one since, or given it up, as the hook may.
	 */
	final synchronized void waits() {
		if (this.waitOutcome == null) {
			this.wait = ConnectionWait.start(this.hooks, this.target, WaitInfo.Reason.HOST_LIMIT);
			if (this.waitOutcome != null) {
				this.wait.done(this.waitOutcome, this.waitError);
			}
		}
	}

	final synchronized boolean isWaiting() {
		return this.wait != null && this.wait.isUnderWay();
	}

	final synchronized boolean hasWaited() {
		return this.wait != null;
	}

	/**
	 * A connection is being set up for the exchange.
	 */
	final void dials() {
		endWait(Outcome.NEW, null);
	}

	/**
	 * The exchange leaves the queue.
	 * @param outcome how its wait has ended, if there was one
	 * @param error why it got nothing, or {@code null}
	 */
	final synchronized void endWait(Outcome outcome, @Nullable Throwable error) {
		if (this.waitOutcome == null) {
			this.waitOutcome = outcome;
			this.waitError = error;
		}
		if (this.wait != null) {
			this.wait.done(outcome, error);
		}
	}

}
