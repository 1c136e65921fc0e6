package io.nettrace.observation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.NetTrace;
import io.nettrace.observation.SocketConnectContext.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * The observations of one operation.
 */
final class ObservationNetTrace implements NetTrace {

	private static final DnsLookupObservationConvention DNS = new DefaultDnsLookupObservationConvention();

	private static final SocketConnectObservationConvention CONNECT = new DefaultSocketConnectObservationConvention();

	private final ObservationRegistry registry;

	private final ObservationSettings settings;

	private final String client;

	private final @Nullable Observation parent;

	private @Nullable String host;

	private @Nullable Observation lookup;

	private final List<Attempt> attempts = new ArrayList<>(1);

	private int attemptCount;

	ObservationNetTrace(ObservationRegistry registry, ObservationSettings settings, String client,
			@Nullable Observation parent) {
		this.registry = registry;
		this.settings = settings;
		this.client = client;
		this.parent = parent;
	}

	private record Attempt(SocketAddress address, Observation observation) {
	}

	@Override
	public void dnsStart(String host) {
		this.host = host;
		this.lookup = start(NetTraceObservationDocumentation.DNS_LOOKUP.observation(this.settings.dnsConvention(), DNS,
				() -> new DnsLookupContext(this.client, host, this.settings.hosts().meterHost(host)), this.registry));
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
		int number;
		synchronized (this.attempts) {
			number = ++this.attemptCount;
		}
		String server = (this.host != null) ? this.host : hostOf(address);
		Observation observation = start(
				NetTraceObservationDocumentation.SOCKET_CONNECT
					.observation(
							this.settings.connectConvention(), CONNECT, () -> new SocketConnectContext(this.client,
									server, this.settings.hosts().meterHost(server), network, address, number),
							this.registry));
		synchronized (this.attempts) {
			this.attempts.add(new Attempt(address, observation));
		}
	}

	private static String hostOf(SocketAddress address) {
		return (address instanceof InetSocketAddress inet) ? inet.getHostString() : address.toString();
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
	private @Nullable Observation remove(SocketAddress address) {
		synchronized (this.attempts) {
			for (Iterator<Attempt> each = this.attempts.iterator(); each.hasNext();) {
				Attempt attempt = each.next();
				if (attempt.address().equals(address)) {
					each.remove();
					return attempt.observation();
				}
			}
			return null;
		}
	}

	/**
	 * Inside the parent's scope, because Micrometer Tracing prefers the thread's current
	 * span to an explicit parent.
	 */
	private Observation start(Observation observation) {
		Observation parent = this.parent;
		if (parent == null) {
			return observation.start();
		}
		observation.parentObservation(parent);
		if (this.registry.getCurrentObservation() == parent) {
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
