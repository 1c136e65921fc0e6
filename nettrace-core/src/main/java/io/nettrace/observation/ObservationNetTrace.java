package io.nettrace.observation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CancellationException;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationView;
import io.nettrace.NetTrace;
import io.nettrace.observation.SocketConnectContext.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * The observations of one operation. Its attempts may race: what they share is guarded by
 * this instance, and no observation is started or stopped under that lock. The lookup
 * comes before them.
 */
final class ObservationNetTrace implements NetTrace {

	private final ObservationNetTraceFactory factory;

	private final String client;

	private final @Nullable Observation parent;

	private @Nullable String host;

	private @Nullable Observation lookup;

	private @Nullable Attempt attempts;

	private int attemptCount;

	ObservationNetTrace(ObservationNetTraceFactory factory, String client, @Nullable Observation parent) {
		this.factory = factory;
		this.client = client;
		this.parent = parent;
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
		Observation observation = this.factory.observes(host)
				? start(this.factory.lookup(new DnsLookupContext(this.client, host, this.factory.meterHost(host))))
				: null;
		this.host = host;
		this.lookup = observation;
	}

	@Override
	public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
		Observation observation = this.lookup;
		if (observation == null) {
			return;
		}
		this.lookup = null;
		if (observation.getContext() instanceof DnsLookupContext context) {
			context.setResult(addresses, coalesced);
		}
		stop(observation, error);
	}

	@Override
	public void connectStart(String network, SocketAddress address) {
		String server = (this.host != null) ? this.host : hostOf(address);
		int number;
		synchronized (this) {
			number = ++this.attemptCount;
		}
		if (!this.factory.observes(server)) {
			return;
		}
		Attempt attempt = new Attempt(address, start(this.factory.connect(new SocketConnectContext(this.client, server,
				this.factory.meterHost(server), network, address, number))));
		synchronized (this) {
			attempt.next = this.attempts;
			this.attempts = attempt;
		}
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
	 * Inside the parent's scope, because Micrometer Tracing prefers the thread's current
	 * span to an explicit parent.
	 */
	private Observation start(Observation observation) {
		Observation parent = this.parent;
		// Micrometer has made it the parent already
		ObservationView current = observation.getContextView().getParentObservation();
		if (parent == null || current == parent) {
			return observation.start();
		}
		observation.parentObservation(parent);
		if (current == null && observation.getContext() instanceof OperationContext context) {
			context.setElsewhere();
			return observation.start();
		}
		Observation.Scope scope = parent.openScope();
		try {
			return observation.start();
		}
		finally {
			scope.close();
		}
	}

	private static void stop(Observation observation, @Nullable Throwable error) {
		if (error != null) {
			observation.error(error);
		}
		observation.stop();
	}

}
