package io.nettrace.observation.recent;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import io.nettrace.instrument.ResolvConf;
import io.nettrace.observation.ParentObservation;
import io.nettrace.observation.RequestRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records the steps of each request that has a {@link RequestRecord}, for
 * {@link RecentRequests}.
 */
public final class RequestStepRecorder implements NetTrace.Factory {

	private static final Set<Hook> HOOKS = Collections
		.unmodifiableSet(EnumSet.complementOf(EnumSet.of(Hook.WROTE_HEADERS, Hook.PUT_IDLE_CONN)));

	private final RecentRequests requests;

	private final Supplier<ObservationRegistry> registry;

	private final Function<String, @Nullable String> hint;

	/**
	 * Create a recorder.
	 * @param requests keeps the requests
	 * @param registry supplies the registry when the first request is sent, as for
	 * {@link io.nettrace.observation.ObservationNetTraceFactory}
	 */
	public RequestStepRecorder(RecentRequests requests, Supplier<ObservationRegistry> registry) {
		this(requests, registry, (host) -> ResolvConf.current().hint(host));
	}

	/**
	 * Create a recorder.
	 * @param requests keeps the requests
	 * @param registry supplies the registry
	 * @param hint what to say of a name whose lookup was slow or has failed
	 */
	RequestStepRecorder(RecentRequests requests, Supplier<ObservationRegistry> registry,
			Function<String, @Nullable String> hint) {
		this.requests = Objects.requireNonNull(requests, "'requests' must not be null");
		this.registry = Objects.requireNonNull(registry, "'registry' must not be null");
		this.hint = hint;
	}

	@Override
	public NetTrace create(RequestInfo request) {
		return create(request, ParentObservation.current(this.registry.get()));
	}

	@Override
	public NetTrace create(RequestInfo request, Function<Object, @Nullable Object> bindings) {
		return create(request, ParentObservation.bound(bindings));
	}

	private NetTrace create(RequestInfo request, @Nullable Observation parent) {
		if (!this.requests.isNeeded()) {
			return NetTrace.NONE;
		}
		RequestRecord record = (parent != null) ? RequestRecord.of(parent.getContextView()) : null;
		if (parent == null || record == null) {
			return NetTrace.NONE;
		}
		RequestSteps steps = parent.getContext()
			.computeIfAbsent(RequestSteps.class, (key) -> new RequestSteps(request.client(), record, this.hint));
		return new ExchangeSteps(steps);
	}

	@Override
	public Set<Hook> hooks() {
		return this.requests.isNeeded() ? HOOKS : Set.of();
	}

}
