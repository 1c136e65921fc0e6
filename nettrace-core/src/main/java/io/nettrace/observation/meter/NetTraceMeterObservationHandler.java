package io.nettrace.observation.meter;

import io.nettrace.observation.DnsLookupContext;
import io.nettrace.observation.HostGuard;
import io.nettrace.observation.OperationContext;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.Observation;
import io.nettrace.observation.NetTraceObservationDocumentation.DnsLookupLowCardinalityKeyNames;
import io.nettrace.observation.NetTraceObservationDocumentation.SocketConnectLowCardinalityKeyNames;
import org.jspecify.annotations.Nullable;

/**
 * Times lookups and connects. Unlike Micrometer's default handler it adds no
 * {@code error} tag beside {@code error.type}, and makes a long task timer only if asked
 * to. It must come before the default one.
 */
public final class NetTraceMeterObservationHandler implements MeterObservationHandler<Observation.Context> {

	/**
	 * Far more than the guarded default tags can make; a convention with a tag of many
	 * values pays for its timers' names on each call, and its memory is the registry's.
	 */
	private static final int MAX_HELD = 5_000;

	/**
	 * A power of two, more than the sets of tags that most applications have.
	 */
	private static final int MAX_SHARED = 256;

	/**
	 * A filter that is added late, which Micrometer announces to nobody, shapes our
	 * timers after this time.
	 */
	private static final long HELD_NANOS = TimeUnit.SECONDS.toNanos(1);

	/**
	 * What is not known before the end says nothing about an operation under way.
	 */
	private static final List<String> KNOWN_AT_THE_END = List.of(DnsLookupLowCardinalityKeyNames.COALESCED.asString(),
			SocketConnectLowCardinalityKeyNames.OUTCOME.asString(),
			SocketConnectLowCardinalityKeyNames.ERROR_TYPE.asString());

	private final MeterRegistry registry;

	private final Clock clock;

	private final boolean active;

	private final OperationContext.Recording recording = new OperationContext.Recording() {

		@Override
		public void recordUnlessExemplarIsDue(OperationContext operation, boolean sampled) {
			NetTraceMeterObservationHandler.this.recordUnlessExemplarIsDue(operation, sampled);
		}

		@Override
		public void end(OperationContext operation) {
			NetTraceMeterObservationHandler.this.end(operation);
		}

	};

	// By the observation's name, then by its tags
	private final Map<String, Map<KeyValues, HeldTimer>> timers = new ConcurrentHashMap<>();

	// By the identity of tags that are shared; whoever writes last stays
	private final @Nullable HeldTimer[] shared = new HeldTimer[MAX_SHARED];

	// Of hosts that were never found, by host: they go when the host makes room
	private final Map<String, Set<Timer>> passing = new ConcurrentHashMap<>();

	private final Set<HostGuard> guards = ConcurrentHashMap.newKeySet();

	/**
	 * Create a handler.
	 * @param registry where the timers are registered
	 * @param active whether a long task timer {@code <name>.active} counts operations
	 * under way
	 */
	public NetTraceMeterObservationHandler(MeterRegistry registry, boolean active) {
		this.registry = Objects.requireNonNull(registry, "'registry' must not be null");
		this.clock = registry.config().clock();
		this.active = active;
		registry.config().onMeterRemoved(this::forget);
	}

	private record HeldTimer(String name, KeyValues keyValues, Timer timer, long since, ExemplarTimes exemplars) {

		boolean isFresh(long now) {
			return now - this.since < HELD_NANOS;
		}

	}

	private void forget(Meter meter) {
		this.timers.values().forEach((held) -> held.values().removeIf((each) -> each.timer() == meter));
		Arrays.fill(this.shared, null);
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return context instanceof OperationContext;
	}

	@Override
	public void onStart(Observation.Context context) {
		OperationContext operation = (OperationContext) context;
		operation.setRecording(this.recording);
		operation.setStartNanos(this.clock.monotonicTime());
		if (this.active) { // a meter filter of the application may throw here
			context.put(LongTaskTimer.Sample.class, longTaskTimer(context).start());
		}
	}

	@Override
	public void onEvent(Observation.Event event, Observation.Context context) {
		if (event == OperationContext.STARTED && ((OperationContext) context).recording() == null) {
			onStart(context);
		}
	}

	private LongTaskTimer longTaskTimer(Observation.Context context) {
		KeyValues known = OperationContext.without(context.getLowCardinalityKeyValues(), KNOWN_AT_THE_END);
		return LongTaskTimer.builder(name(context) + ".active")
			.tags(tags(known))
			.description(((OperationContext) context).description() + " under way")
			.register(this.registry);
	}

	/**
	 * Record ahead of {@link #onStop}, unless the span should be an exemplar and so has
	 * to be made current first.
	 */
	private void recordUnlessExemplarIsDue(OperationContext operation, boolean sampled) {
		long now = this.clock.monotonicTime();
		HeldTimer timer = timer(operation, now);
		long nanos = now - operation.startNanos();
		if (!timer.exemplars().isDue(nanos, now, sampled)) {
			record(operation, timer, nanos);
			operation.setRecorded(true);
		}
	}

	@Override
	public void onStop(Observation.Context context) {
		if (context instanceof OperationContext operation && operation.recording() != null) {
			end(operation);
		}
	}

	private void end(OperationContext operation) {
		operation.setRecording(null);
		boolean recorded = operation.isRecorded();
		operation.setRecorded(false);
		LongTaskTimer.Sample sample = this.active ? operation.get(LongTaskTimer.Sample.class) : null;
		if (sample != null) {
			sample.stop();
		}
		if (!recorded) {
			long now = this.clock.monotonicTime();
			record(operation, timer(operation, now), now - operation.startNanos());
		}
	}

	private void record(OperationContext operation, HeldTimer timer, long nanos) {
		timer.timer().record(nanos, TimeUnit.NANOSECONDS);
		if (operation instanceof DnsLookupContext lookup && lookup.passing() != null) {
			keepPassing(lookup.getMeterHost(), timer.timer(), lookup.passing());
		}
	}

	/**
	 * Either the host makes room after its timer is kept here, and takes it along, or
	 * before, which is seen here.
	 */
	private void keepPassing(String host, Timer timer, HostGuard guard) {
		if (this.guards.add(guard)) {
			guard.onForgotten(this::removePassing);
		}
		this.passing.compute(host, (key, present) -> {
			Set<Timer> timers = (present != null) ? present : new HashSet<>();
			timers.add(timer);
			return timers;
		});
		if (!guard.tells(host)) {
			removePassing(host);
		}
	}

	private void removePassing(String host) {
		Set<Timer> timers = this.passing.remove(host);
		if (timers != null) {
			timers.forEach(this.registry::remove);
		}
	}

	/**
	 * To ask the registry each time would take as long as to record.
	 */
	@SuppressWarnings("ReferenceEquality") // equal ones are found by their hash
	private HeldTimer timer(OperationContext operation, long now) {
		String name = name(operation);
		KeyValues keyValues = operation.getLowCardinalityKeyValues();
		int index = System.identityHashCode(keyValues) & (MAX_SHARED - 1);
		HeldTimer held = this.shared[index];
		if (held != null && held.keyValues() == keyValues && held.name().equals(name) && held.isFresh(now)) {
			return held;
		}
		Map<KeyValues, HeldTimer> timers = timers(name);
		held = timers.get(keyValues);
		if (held != null && held.isFresh(now)) {
			return held;
		}
		Timer timer = Timer.builder(name)
			.tags(tags(keyValues))
			.description(operation.description())
			.register(this.registry);
		HeldTimer fresh = new HeldTimer(name, keyValues, timer, now, new ExemplarTimes(now));
		if (held != null || timers.size() < MAX_HELD) {
			timers.put(keyValues, fresh);
			this.shared[index] = fresh;
		}
		return fresh;
	}

	private Map<KeyValues, HeldTimer> timers(String name) {
		Map<KeyValues, HeldTimer> timers = this.timers.get(name);
		return (timers != null) ? timers : this.timers.computeIfAbsent(name, (key) -> new ConcurrentHashMap<>());
	}

	private static String name(Observation.Context context) {
		return Objects.requireNonNull(context.getName(), "an observation has a name once it is started");
	}

	private static Tags tags(KeyValues keyValues) {
		return Tags.of(keyValues.stream().map((each) -> Tag.of(each.getKey(), each.getValue())).toArray(Tag[]::new));
	}

}
