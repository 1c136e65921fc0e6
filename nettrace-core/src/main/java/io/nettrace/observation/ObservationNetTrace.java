package io.nettrace.observation;

import io.micrometer.observation.Observation;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.DnsAnswerInfo;
import io.nettrace.InterimResponse;
import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import io.nettrace.ResponseInfo;
import io.nettrace.WaitInfo;
import io.nettrace.WroteRequestInfo;
import org.jspecify.annotations.Nullable;

/**
 * The observations of one request: of its exchanges here, and of each of its dials in an
 * object of its own. Keeps the request's record, and writes the meters of its exchanges
 * from it: of a failure before its phase ends, because another thread may end the request
 * at any time. Exchanges follow each other; a dial may go on when its exchange is over,
 * and is not in the record any more.
 */
final class ObservationNetTrace implements NetTrace {

	private static final long NOTHING = -1;

	private final ObservationNetTraceFactory factory;

	private final String client;

	private final @Nullable Observation parent;

	private final RequestRecord record;

	private @Nullable Observation wait;

	/**
	 * The host on meters that the exchange waits for. It may get a name of its own
	 * meanwhile.
	 */
	private @Nullable String pendingFor;

	// What follows is guarded by the record, which a hook then locks once

	private @Nullable ConnectionTarget target;

	/**
	 * Those of the target, once they have been asked for.
	 */
	private @Nullable ExchangeMeters meters;

	/**
	 * Between asking for a connection and having one.
	 */
	private boolean connects = true;

	private int exchange;

	/**
	 * The time in queue of an exchange whose host is not decided yet.
	 */
	private long queued = NOTHING;

	private boolean written;

	ObservationNetTrace(ObservationNetTraceFactory factory, RequestInfo request, @Nullable Observation parent,
			RequestRecord record) {
		this.factory = factory;
		this.client = request.client();
		this.parent = parent;
		this.record = record;
	}

	@Override
	public NetTrace forDial() {
		return new ObservationDial(this.factory, this.client, this.parent, this);
	}

	// Phases

	private void enter(Phase next) {
		Phase before = this.record.current();
		if (before == next) {
			return;
		}
		long nanos = this.record.enter(next);
		if (before == Phase.QUEUE) {
			this.queued = nanos;
		}
		else {
			recordPhase(before, nanos);
		}
	}

	private void recordPhase(Phase phase, long nanos) {
		ExchangeMeters meters = (phase != Phase.OTHER) ? meters() : null;
		if (meters != null) {
			meters.recordPhase(phase, nanos, this.parent);
		}
	}

	private @Nullable ExchangeMeters meters() {
		ConnectionTarget target = this.target;
		ExchangeMeters meters = this.meters;
		if (target != null && (meters == null || meters.isNameless())) {
			meters = this.factory.exchangeMeters(this.client, target);
			this.meters = meters;
		}
		return meters;
	}

	/**
	 * The number of the exchange under way, from 1; 0 if the library does not tell of
	 * exchanges.
	 */
	int exchange() {
		synchronized (this.record) {
			return this.exchange;
		}
	}

	/**
	 * A step of a dial begins.
	 * @param exchange the exchange that the dial is for
	 * @param phase the step's phase
	 */
	void stepStarts(int exchange, Phase phase) {
		synchronized (this.record) {
			if (this.connects && exchange == this.exchange) {
				enter(phase);
			}
		}
	}

	/**
	 * A lookup of a dial begins.
	 */
	void looksUp(int exchange, String host) {
		synchronized (this.record) {
			if (this.connects && exchange == this.exchange) {
				this.record.looksUp(host);
			}
		}
	}

	/**
	 * The lookup of a dial got its answer.
	 */
	void answered(int exchange, DnsAnswerInfo answer) {
		synchronized (this.record) {
			if (this.connects && exchange == this.exchange) {
				this.record.answered(answer);
			}
		}
	}

	/**
	 * A step of a dial has ended.
	 * @param exchange the exchange that the dial is for
	 * @param phase the step's phase
	 * @param error why it failed, {@code null} also if another one won
	 */
	void stepEnds(int exchange, Phase phase, @Nullable Throwable error) {
		synchronized (this.record) {
			if (this.connects && exchange == this.exchange) {
				recordQueue(WaitInfo.Outcome.NEW, null);
				if (error != null) {
					this.record.failed(phase, ErrorType.of(error));
				}
				enter(Phase.OTHER);
			}
		}
	}

	/**
	 * Write the time in queue, once for each exchange. On meters a host gets its name
	 * when it is found, which it is not yet when the lookup begins.
	 */
	private void recordQueue(WaitInfo.Outcome outcome, @Nullable Throwable error) {
		long queued = this.queued;
		ConnectionTarget target = this.target;
		if (queued != NOTHING && target != null) {
			this.queued = NOTHING;
			ExchangeMeters meters = meters();
			if (meters != null) {
				meters.recordQueue(target, outcome, error, queued, this.parent);
				meters.recordPhase(Phase.QUEUE, queued, this.parent);
			}
		}
	}

	// Exchanges

	@Override
	public void getConn(ConnectionTarget target) {
		synchronized (this.record) {
			this.target = target;
			this.meters = null;
			this.connects = true;
			this.exchange++;
			this.queued = NOTHING;
			this.written = false;
			this.record.exchangeBegins(target);
			enter(Phase.QUEUE);
		}
	}

	@Override
	public void waitStart(WaitInfo wait) {
		String host = wait.target().host();
		if (!this.factory.observes(host)) {
			return;
		}
		String meterHost = this.factory.hosts().meterHost(host);
		this.pendingFor = meterHost;
		this.factory.pending(this.client, meterHost, 1);
		ConnectionWaitContext context = new ConnectionWaitContext(this.client, wait);
		context.setMeterHost(meterHost);
		Observation observation = this.factory.wait(context);
		this.wait = observation;
		StepObservations.start(observation, this.parent);
	}

	@Override
	public void waitDone(WaitInfo wait) {
		WaitInfo.Outcome outcome = wait.outcome();
		if (outcome != null && outcome != WaitInfo.Outcome.REUSED && outcome != WaitInfo.Outcome.NEW) {
			waitedInVain(outcome, wait.error());
		}
		String pendingFor = this.pendingFor;
		if (pendingFor != null) {
			this.pendingFor = null;
			this.factory.pending(this.client, pendingFor, -1);
		}
		Observation observation = this.wait;
		if (observation == null) {
			return;
		}
		this.wait = null;
		if (observation.getContext() instanceof ConnectionWaitContext context) {
			context.setWait(wait);
		}
		StepObservations.stop(observation, wait.error());
	}

	private void waitedInVain(WaitInfo.Outcome outcome, @Nullable Throwable error) {
		synchronized (this.record) {
			this.record.failed(Phase.QUEUE,
					(error != null) ? ErrorType.of(error) : DefaultConnectionWaitObservationConvention.text(outcome));
			enter(Phase.OTHER);
			this.connects = false;
			recordQueue(outcome, error);
		}
	}

	@Override
	public void gotConn(ConnectionInfo connection) {
		synchronized (this.record) {
			enter(Phase.SEND);
			this.connects = false;
			this.record.connected(connection);
			found(connection);
			recordQueue(connection.reused() ? WaitInfo.Outcome.REUSED : WaitInfo.Outcome.NEW, null);
		}
	}

	/**
	 * A host that there is a connection to gets its place on meters. One that a proxy
	 * forwards to need not exist.
	 */
	private void found(ConnectionInfo connection) {
		ConnectionTarget target = this.target;
		ExchangeMeters meters = meters();
		if (target != null && (meters == null || meters.isNameless())
				&& target.host().equalsIgnoreCase(connection.pool().host())) {
			this.factory.found(target.host());
		}
	}

	@Override
	public void wait100Continue(ConnectionInfo connection) {
		synchronized (this.record) {
			enter(Phase.WAIT);
		}
	}

	@Override
	public void got100Continue(ConnectionInfo connection) {
		synchronized (this.record) {
			enter(Phase.SEND);
		}
	}

	/**
	 * The response itself is still to come.
	 */
	@Override
	public void got1xxResponse(InterimResponse response) {
		synchronized (this.record) {
			enter(this.written ? Phase.WAIT : Phase.SEND);
		}
	}

	@Override
	public void wroteRequest(WroteRequestInfo request) {
		synchronized (this.record) {
			this.written = true;
			if (this.record.current() == Phase.SEND) {
				enter(Phase.WAIT);
			}
		}
	}

	@Override
	public void gotFirstResponseByte(ConnectionInfo connection) {
		synchronized (this.record) {
			enter(Phase.RECEIVE);
		}
	}

	@Override
	public void responseDone(ResponseInfo response) {
		synchronized (this.record) {
			if (response.error() != null) {
				this.record.failed(this.record.current(), ErrorType.of(response.error()), response.goAway());
			}
			enter(Phase.OTHER);
		}
		this.record.isRead();
	}

}
