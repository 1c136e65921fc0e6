package io.nettrace.observation;

import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import org.jspecify.annotations.Nullable;

/**
 * Makes traces that turn hooks into observations, children of the observation that is
 * current on the thread that asks.
 */
public final class ObservationNetTraceFactory implements NetTrace.Factory {

	private static final Set<Hook> HOOKS = Set.of(Hook.DNS, Hook.CONNECT, Hook.PROXY, Hook.TLS_HANDSHAKE);

	private final Supplier<ObservationRegistry> registry;

	private final ObservationSettings settings;

	private final StepObservations<DnsLookupContext> lookups;

	private final StepObservations<SocketConnectContext> connects;

	private final StepObservations<ProxyConnectContext> proxies;

	private final StepObservations<TlsHandshakeContext> handshakes;

	/**
	 * Create a factory.
	 * @param registry supplies the registry when the first operation starts, not before:
	 * an exporter that the registry needs may itself send through an instrumented client
	 * @param settings what is observed and how it is named
	 */
	public ObservationNetTraceFactory(Supplier<ObservationRegistry> registry, ObservationSettings settings) {
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
	}

	@Override
	public NetTrace create(RequestInfo request) {
		ObservationRegistry registry = this.registry.get();
		return registry.isNoop() ? NetTrace.NONE : create(request, current(registry));
	}

	@Override
	public NetTrace create(RequestInfo request, Function<Object, @Nullable Object> bindings) {
		if (this.registry.get().isNoop()) {
			return NetTrace.NONE;
		}
		Object bound = bindings.apply(ObservationThreadLocalAccessor.KEY);
		return create(request, (bound instanceof Observation parent && !parent.isNoop()) ? parent : null);
	}

	private NetTrace create(RequestInfo request, @Nullable Observation parent) {
		if (parent == null && this.settings.requireParent()) {
			return NetTrace.NONE;
		}
		return new ObservationNetTrace(this, request, parent);
	}

	@Override
	public Set<Hook> hooks() {
		return HOOKS;
	}

	@Override
	public boolean hasParent() {
		ObservationRegistry registry = this.registry.get();
		return !registry.isNoop() && current(registry) != null;
	}

	/**
	 * The innermost observation that is recorded. One that a predicate has switched off
	 * leaves a no-op on the stack, which must not hide the one around it.
	 */
	private static @Nullable Observation current(ObservationRegistry registry) {
		Observation.Scope scope = registry.getCurrentObservationScope();
		while (scope != null) {
			Observation observation = scope.getCurrentObservation();
			if (observation != null && !observation.isNoop()) {
				return observation;
			}
			scope = scope.getPreviousObservationScope();
		}
		return null;
	}

	boolean observes(String host) {
		return this.settings.patterns().matches(host);
	}

	HostGuard hosts() {
		return this.settings.hosts();
	}

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

}
