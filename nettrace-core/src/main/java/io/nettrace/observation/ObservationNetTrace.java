package io.nettrace.observation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CancellationException;

import io.micrometer.observation.Observation;
import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import io.nettrace.instrument.IpText;
import io.nettrace.observation.SocketConnectContext.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * The observations of one dial of a request. Its attempts may race: what they share is
 * guarded by this instance, and no observation is started or stopped under that lock. The
 * lookup comes before them.
 */
final class ObservationNetTrace implements NetTrace {

	private static final int NOT_DIALLED = -1;

	private final ObservationNetTraceFactory factory;

	private final RequestInfo request;

	private final @Nullable Observation parent;

	private @Nullable String host;

	private @Nullable Observation lookup;

	private @Nullable Attempt attempts;

	// NOT_DIALLED before the request dials
	private int attemptCount = NOT_DIALLED;

	ObservationNetTrace(ObservationNetTraceFactory factory, RequestInfo request, @Nullable Observation parent) {
		this.factory = factory;
		this.request = request;
		this.parent = parent;
	}

	/**
	 * Most requests dial once, if at all.
	 */
	@Override
	public NetTrace forDial() {
		synchronized (this) {
			if (this.attemptCount == NOT_DIALLED) {
				this.attemptCount = 0;
				return this;
			}
		}
		return new ObservationNetTrace(this.factory, this.request, this.parent).forDial();
	}

	/**
	 * An attempt under way; seldom more than one.
	 */
	private static final class Attempt {

		private final SocketAddress address;

		private final Observation observation;

		private @Nullable Attempt next;

		Attempt(SocketAddress address, Observation observation) {
			this.address = address;
			this.observation = observation;
		}

	}

	@Override
	public void dnsStart(String host) {
		this.host = host;
		if (!this.factory.observes(host)) {
			return;
		}
		DnsLookupContext context = new DnsLookupContext(this.request.client(), host);
		context.setMeterHost(this.factory.hosts().meterHost(host));
		Observation observation = this.factory.lookup(context);
		this.lookup = observation;
		start(observation);
	}

	@Override
	public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
		Observation observation = this.lookup;
		if (observation == null) {
			return;
		}
		this.lookup = null;
		if (observation.getContext() instanceof DnsLookupContext context) {
			context.setAnswers(addresses);
			context.setCoalesced(coalesced);
			this.factory.hosts().done(context, error == null || !addresses.isEmpty());
		}
		stop(observation, error);
	}

	@Override
	public void connectStart(String network, SocketAddress address) {
		String server = (this.host != null) ? this.host : hostOf(address);
		int number;
		synchronized (this) {
			number = Math.max(this.attemptCount, 0) + 1;
			this.attemptCount = number;
		}
		if (!this.factory.observes(server)) {
			return;
		}
		SocketConnectContext context = new SocketConnectContext(this.request.client(), server, address);
		context.setMeterHost(this.factory.hosts().foundHost(server));
		context.setNetwork(network);
		context.setAttempt(number);
		Attempt attempt = new Attempt(address, this.factory.connect(context));
		synchronized (this) {
			attempt.next = this.attempts;
			this.attempts = attempt;
		}
		start(attempt.observation);
	}

	private static String hostOf(SocketAddress address) {
		return (address instanceof InetSocketAddress inet) ? IpText.host(inet) : address.toString();
	}

	@Override
	public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
		Observation observation = remove(address);
		if (observation == null) {
			return;
		}
		boolean cancelled = error instanceof CancellationException;
		if (observation.getContext() instanceof SocketConnectContext context) {
			context.setOutcome(cancelled ? Outcome.CANCELLED : (error != null) ? Outcome.FAILED : Outcome.CONNECTED);
		}
		stop(observation, cancelled ? null : error);
	}

	/**
	 * The same address may be tried twice at once; either of the two will do.
	 */
	private synchronized @Nullable Observation remove(SocketAddress address) {
		Attempt previous = null;
		for (Attempt attempt = this.attempts; attempt != null; attempt = attempt.next) {
			if (attempt.address.equals(address)) {
				if (previous != null) {
					previous.next = attempt.next;
				}
				else {
					this.attempts = attempt.next;
				}
				return attempt.observation;
			}
			previous = attempt;
		}
		return null;
	}

	/**
	 * Below the parent. Its scope is not opened: that would tell handlers of the
	 * application, and what they throw would leave it open. So a span of another
	 * request's that is current on this thread must not become the parent.
	 */
	private void start(Observation observation) {
		Observation parent = this.parent;
		// Micrometer has made it the parent already
		if (parent != null && observation.getContextView().getParentObservation() != parent) {
			observation.parentObservation(parent);
		}
		try {
			observation.start();
		}
		catch (RuntimeException | Error ex) {
			tellAgain(observation, StepContext.STARTED, ex);
			throw ex;
		}
	}

	/**
	 * What a convention, a filter or a handler of the application throws keeps nothing of
	 * ours open.
	 */
	private static void stop(Observation observation, @Nullable Throwable error) {
		try {
			try {
				if (error != null) {
					observation.error(error);
				}
			}
			finally {
				observation.stop();
			}
		}
		catch (RuntimeException | Error ex) {
			tellAgain(observation, StepContext.STOPPED, ex);
			throw ex;
		}
	}

	/**
	 * The handlers after the one that has thrown were not told, ours perhaps.
	 */
	private static void tellAgain(Observation observation, Observation.Event event, Throwable failure) {
		try {
			observation.event(event);
		}
		catch (RuntimeException | Error ex) {
			failure.addSuppressed(ex);
		}
	}

}
