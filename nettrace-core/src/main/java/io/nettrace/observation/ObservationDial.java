package io.nettrace.observation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.CancellationException;

import io.micrometer.observation.Observation;
import io.nettrace.DnsAnswerInfo;
import io.nettrace.NetTrace;
import io.nettrace.ProxyInfo;
import io.nettrace.TlsInfo;
import io.nettrace.instrument.IpText;
import io.nettrace.observation.SocketConnectContext.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * The observations of one dial of a request. Its attempts may race: what they share is
 * guarded by this instance, and no observation is started or stopped under that lock. The
 * lookup comes before them, the proxy and the handshake after the one that has connected.
 */
final class ObservationDial implements NetTrace {

	private static final int NOT_STARTED = -1;

	private final ObservationNetTraceFactory factory;

	private final String client;

	private final @Nullable Observation parent;

	private final @Nullable ObservationNetTrace request;

	private @Nullable String host;

	private @Nullable Observation lookup;

	private @Nullable Attempt attempts;

	private int attemptCount;

	private int underWay;

	private int exchange = NOT_STARTED;

	private @Nullable Observation proxy;

	private @Nullable Observation handshake;

	ObservationDial(ObservationNetTraceFactory factory, String client, @Nullable Observation parent,
			@Nullable ObservationNetTrace request) {
		this.factory = factory;
		this.client = client;
		this.parent = parent;
		this.request = request;
	}

	/**
	 * If its exchanges are not observed, a request is its first dial. Most have no other.
	 */
	@Override
	public NetTrace forDial() {
		if (this.request != null) {
			return this;
		}
		synchronized (this) {
			if (this.exchange == NOT_STARTED) {
				this.exchange = 0;
				return this;
			}
		}
		return new ObservationDial(this.factory, this.client, this.parent, null).forDial();
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

	private void starts(Phase phase) {
		ObservationNetTrace request = this.request;
		if (request != null) {
			synchronized (this) {
				if (this.exchange == NOT_STARTED) {
					this.exchange = request.exchange();
				}
			}
			request.stepStarts(this.exchange, phase);
		}
	}

	private void ends(Phase phase, @Nullable Throwable error) {
		ObservationNetTrace request = this.request;
		if (request != null) {
			request.stepEnds(this.exchange, phase, error);
		}
	}

	@Override
	public void dnsStart(String host) {
		this.host = host;
		starts(Phase.DNS);
		if (this.request != null) {
			this.request.looksUp(this.exchange, host);
		}
		if (!this.factory.observes(host)) {
			return;
		}
		DnsLookupContext context = new DnsLookupContext(this.client, host);
		context.setMeterHost(this.factory.hosts().meterHost(host));
		Observation observation = this.factory.lookup(context);
		this.lookup = observation;
		StepObservations.start(observation, this.parent);
	}

	@Override
	public void dnsAnswer(DnsAnswerInfo answer) {
		Observation observation = this.lookup;
		if (observation != null && observation.getContext() instanceof DnsLookupContext context) {
			context.setAnswerInfo(answer);
		}
		if (this.request != null) {
			this.request.answered(this.exchange, answer);
		}
	}

	@Override
	public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
		boolean found = error == null || !addresses.isEmpty();
		Observation observation = this.lookup;
		if (observation != null && observation.getContext() instanceof DnsLookupContext context) {
			context.setAnswers(addresses);
			context.setCoalesced(coalesced);
			this.factory.hosts().done(context, found);
		}
		ends(Phase.DNS, found ? null : error);
		this.lookup = null;
		if (observation != null) {
			StepObservations.stop(observation, error);
		}
	}

	@Override
	public void connectStart(String network, SocketAddress address) {
		starts(Phase.CONNECT);
		String server = (this.host != null) ? this.host : hostOf(address);
		int number;
		synchronized (this) {
			number = ++this.attemptCount;
			this.underWay++;
		}
		if (!this.factory.observes(server)) {
			return;
		}
		SocketConnectContext context = new SocketConnectContext(this.client, server, address);
		context.setMeterHost(this.factory.hosts().foundHost(server));
		context.setNetwork(network);
		context.setAttempt(number);
		Attempt attempt = new Attempt(address, this.factory.connect(context));
		synchronized (this) {
			attempt.next = this.attempts;
			this.attempts = attempt;
		}
		StepObservations.start(attempt.observation, this.parent);
	}

	private static String hostOf(SocketAddress address) {
		return (address instanceof InetSocketAddress inet) ? IpText.host(inet) : address.toString();
	}

	@Override
	public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
		boolean cancelled = error instanceof CancellationException;
		if (isLast()) {
			ends(Phase.CONNECT, cancelled ? null : error);
		}
		Observation observation = remove(address);
		if (observation == null) {
			return;
		}
		if (observation.getContext() instanceof SocketConnectContext context) {
			context.setOutcome(cancelled ? Outcome.CANCELLED : (error != null) ? Outcome.FAILED : Outcome.CONNECTED);
		}
		StepObservations.stop(observation, cancelled ? null : error);
	}

	/**
	 * While another attempt goes on, so does the phase.
	 */
	private synchronized boolean isLast() {
		this.underWay--;
		return this.underWay == 0;
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
	 * The proxy looks up the host, which may not exist: on meters it gets no place of its
	 * own before it is connected to.
	 */
	@Override
	public void proxyStart(ProxyInfo proxy) {
		starts(Phase.PROXY);
		if (!this.factory.observes(proxy.host())) {
			return;
		}
		ProxyConnectContext context = new ProxyConnectContext(this.client, proxy);
		context.setMeterHost(this.factory.hosts().meterHost(proxy.host()));
		Observation observation = this.factory.proxy(context);
		this.proxy = observation;
		StepObservations.start(observation, this.parent);
	}

	@Override
	public void proxyDone(ProxyInfo proxy) {
		ends(Phase.PROXY, proxy.error());
		Observation observation = this.proxy;
		if (observation == null) {
			return;
		}
		this.proxy = null;
		if (observation.getContext() instanceof ProxyConnectContext context) {
			context.setProxy(proxy);
			if (proxy.error() == null) {
				context.setMeterHost(this.factory.hosts().foundHost(proxy.host()));
			}
		}
		StepObservations.stop(observation, proxy.error());
	}

	@Override
	public void tlsHandshakeStart(TlsInfo handshake) {
		starts(Phase.TLS);
		String server = serverOf(handshake);
		if (!this.factory.observes(server)) {
			return;
		}
		TlsHandshakeContext context = new TlsHandshakeContext(this.client, server, handshake);
		context.setMeterHost(this.factory.hosts().foundHost(server));
		Observation observation = this.factory.handshake(context);
		this.handshake = observation;
		StepObservations.start(observation, this.parent);
	}

	/**
	 * A handshake that sends no name may not know its host.
	 */
	private String serverOf(TlsInfo handshake) {
		String name = handshake.serverName();
		return (name.isEmpty() && this.host != null) ? this.host : name;
	}

	@Override
	public void tlsHandshakeDone(TlsInfo handshake) {
		ends(Phase.TLS, handshake.error());
		Observation observation = this.handshake;
		if (observation == null) {
			return;
		}
		this.handshake = null;
		if (observation.getContext() instanceof TlsHandshakeContext context) {
			context.setHandshake(handshake);
		}
		StepObservations.stop(observation, handshake.error());
	}

}
