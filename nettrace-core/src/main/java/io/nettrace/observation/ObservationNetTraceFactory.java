package io.nettrace.observation;

import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.ConnectionTarget;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import org.jspecify.annotations.Nullable;

/**
 * Makes traces that turn hooks into observations, children of the observation that is
 * current on the thread that asks.
 */
public final class ObservationNetTraceFactory implements NetTrace.Factory {

	private static final Set<Hook> OF_DIALS = Set.of(Hook.DNS, Hook.DNS_ANSWER, Hook.CONNECT, Hook.PROXY,
			Hook.TLS_HANDSHAKE);

	private static final Set<Hook> OF_EXCHANGES_TOO = Set.of(Hook.DNS, Hook.DNS_ANSWER, Hook.CONNECT, Hook.PROXY,
			Hook.TLS_HANDSHAKE, Hook.GET_CONN, Hook.WAIT, Hook.GOT_CONN, Hook.WAIT_100_CONTINUE, Hook.GOT_100_CONTINUE,
			Hook.GOT_1XX_RESPONSE, Hook.WROTE_REQUEST, Hook.GOT_FIRST_RESPONSE_BYTE, Hook.RESPONSE_DONE);

	private final Supplier<ObservationRegistry> registry;

	private final ObservationSettings settings;

	private final StepObservations<DnsLookupContext> lookups;

	private final StepObservations<SocketConnectContext> connects;

	private final StepObservations<ProxyConnectContext> proxies;

	private final StepObservations<TlsHandshakeContext> handshakes;

	private final StepObservations<ConnectionWaitContext> waits;

	private final QueueTimes queue;

	// By client, then by what stands for the host on meters
	private final Map<String, Map<String, ExchangeMeters>> exchangeMeters = new ConcurrentHashMap<>();

	private final Supplier<@Nullable RequestMeters> meters;

	// Any thread's: all of its fields are final
	private @Nullable LastMeters lastMeters;

	/**
	 * Those of the exchange before. The next one most often asks for the same.
	 */
	private record LastMeters(String client, ConnectionTarget target, ExchangeMeters meters) {
	}

	/**
	 * Create a factory.
	 * @param registry supplies the registry when the first operation starts, not before:
	 * an exporter that the registry needs may itself send through an instrumented client
	 * @param settings what is observed and how it is named
	 */
	public ObservationNetTraceFactory(Supplier<ObservationRegistry> registry, ObservationSettings settings) {
		this(registry, () -> null, settings);
	}

	/**
	 * Create a factory.
	 * @param registry supplies the registry when the first operation starts
	 * @param meters supplies what exchanges are written to, or {@code null}, as late
	 * @param settings what is observed and how it is named
	 */
	public ObservationNetTraceFactory(Supplier<ObservationRegistry> registry, Supplier<@Nullable RequestMeters> meters,
			ObservationSettings settings) {
		this.meters = Objects.requireNonNull(meters, "'meters' must not be null");
		this.registry = Objects.requireNonNull(registry, "'registry' must not be null");
		this.settings = Objects.requireNonNull(settings, "'settings' must not be null");
		ErrorType.prepare();
		SpanNames names = settings.spanNames();
		this.lookups = new StepObservations<>(settings, DnsLookupContext.class,
				new DefaultDnsLookupObservationConvention(names));
		this.connects = new StepObservations<>(settings, SocketConnectContext.class,
				new DefaultSocketConnectObservationConvention(names));
		this.proxies = new StepObservations<>(settings, ProxyConnectContext.class,
				new DefaultProxyConnectObservationConvention(names));
		this.handshakes = new StepObservations<>(settings, TlsHandshakeContext.class,
				new DefaultTlsHandshakeObservationConvention(names));
		DefaultConnectionWaitObservationConvention waits = new DefaultConnectionWaitObservationConvention(names);
		this.waits = new StepObservations<>(settings, ConnectionWaitContext.class, waits);
		this.queue = new QueueTimes(waits, settings.convention(ConnectionWaitContext.class));
	}

	@Override
	public NetTrace create(RequestInfo request) {
		ObservationRegistry registry = this.registry.get();
		return registry.isNoop() ? NetTrace.NONE : create(request, ParentObservation.current(registry));
	}

	@Override
	public NetTrace create(RequestInfo request, Function<Object, @Nullable Object> bindings) {
		if (this.registry.get().isNoop()) {
			return NetTrace.NONE;
		}
		return create(request, ParentObservation.bound(bindings));
	}

	private NetTrace create(RequestInfo request, @Nullable Observation parent) {
		if (parent == null && this.settings.requireParent()) {
			return NetTrace.NONE;
		}
		return this.settings.exchanges() ? new ObservationNetTrace(this, request, parent, record(parent))
				: new ObservationDial(this, request.client(), parent, null);
	}

	/**
	 * The record of the request that the parent observes. There is none if it goes
	 * nowhere, and a parent that is something else, an incoming request or a job, has
	 * none either.
	 */
	private static RequestRecord record(@Nullable Observation parent) {
		RequestRecord present = (parent != null) ? RequestRecord.of(parent.getContextView()) : null;
		return (present != null) ? present : RequestRecord.unkept();
	}

	@Override
	public Set<Hook> hooks() {
		return this.settings.exchanges() ? OF_EXCHANGES_TOO : OF_DIALS;
	}

	@Override
	public boolean hasParent() {
		ObservationRegistry registry = this.registry.get();
		return !registry.isNoop() && ParentObservation.current(registry) != null;
	}

	boolean observes(String host) {
		return this.settings.patterns().matches(host);
	}

	HostGuard hosts() {
		return this.settings.hosts();
	}

	// Meters of exchanges

	/**
	 * A host that an exchange has a connection to gets its place on meters.
	 */
	void found(String host) {
		if (observes(host)) {
			hosts().foundHost(host);
		}
	}

	void pending(String client, String meterHost, int change) {
		RequestMeters meters = this.meters.get();
		if (meters != null) {
			meters.pending(client, meterHost, change);
		}
	}

	/**
	 * Return the meters of a client's exchanges with a host. There are no more of them
	 * than hosts that have a name on meters. A host that has one keeps it.
	 * @return the meters, {@code null} if there are none of the host
	 */
	@Nullable ExchangeMeters exchangeMeters(String client, ConnectionTarget target) {
		LastMeters last = this.lastMeters;
		if (last != null && last.target().equals(target) && last.client().equals(client)) {
			return last.meters();
		}
		ExchangeMeters meters = exchangeMeters(client, target.host());
		if (meters != null && !meters.isNameless()) {
			this.lastMeters = new LastMeters(client, target, meters);
		}
		return meters;
	}

	private @Nullable ExchangeMeters exchangeMeters(String client, String host) {
		RequestMeters meters = this.meters.get();
		if (meters == null || !observes(host)) {
			return null;
		}
		String meterHost = hosts().meterHost(host);
		Map<String, ExchangeMeters> ofClient = this.exchangeMeters.get(client);
		ExchangeMeters present = (ofClient != null) ? ofClient.get(meterHost) : null;
		return (present != null) ? present
				: this.exchangeMeters.computeIfAbsent(client, (key) -> new ConcurrentHashMap<>())
					.computeIfAbsent(meterHost, (key) -> new ExchangeMeters(meters, this.queue, client, meterHost));
	}

	// Observations

	Observation lookup(DnsLookupContext context) {
		return this.lookups.create(context, this.registry.get());
	}

	Observation connect(SocketConnectContext context) {
		return this.connects.create(context, this.registry.get());
	}

	Observation proxy(ProxyConnectContext context) {
		return this.proxies.create(context, this.registry.get());
	}

	Observation handshake(TlsHandshakeContext context) {
		return this.handshakes.create(context, this.registry.get());
	}

	Observation wait(ConnectionWaitContext context) {
		return this.waits.create(context, this.registry.get());
	}

}
