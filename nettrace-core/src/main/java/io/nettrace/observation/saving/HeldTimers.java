package io.nettrace.observation.saving;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import org.jspecify.annotations.Nullable;

/**
 * Timers that are kept by their key values: to ask the registry for one makes its name,
 * its tags and its identity anew. The start is kept in the context. Safe for use by
 * several threads.
 */
public final class HeldTimers {

	/**
	 * Far more than the guarded default tags can make; with a convention that has a tag
	 * of many values the registry is asked each time, and its memory is the registry's.
	 */
	private static final int MAX_HELD = 5_000;

	/**
	 * Micrometer does not announce a filter that is added late. It shapes our timers
	 * after this time.
	 */
	private static final long HELD_NANOS = TimeUnit.SECONDS.toNanos(1);

	private final MeterRegistry registry;

	private final Clock clock;

	private final Function<CompactContext, String> description;

	private final int maxHeld;

	// By the observation's name, then by its key values
	private final Map<String, Map<KeyValues, HeldTimer>> timers = new ConcurrentHashMap<>();

	private final AtomicInteger removals = new AtomicInteger();

	/**
	 * Create an empty collection.
	 * @param registry where the timers are registered
	 * @param description the description of a context's timer
	 */
	public HeldTimers(MeterRegistry registry, Function<CompactContext, String> description) {
		this(registry, description, MAX_HELD);
	}

	HeldTimers(MeterRegistry registry, Function<CompactContext, String> description, int maxHeld) {
		this.registry = Objects.requireNonNull(registry, "'registry' must not be null");
		this.clock = registry.config().clock();
		this.description = description;
		this.maxHeld = maxHeld;
		registry.config().onMeterRemoved(this::forget);
	}

	/**
	 * A timer, and when it was offered exemplars.
	 *
	 * @param removals how many meters had been removed from the registry when it was
	 * asked for this one
	 */
	record HeldTimer(HeldTimers owner, Timer timer, long since, int removals, ExemplarTimes exemplars) {
	}

	private void forget(Meter meter) {
		this.timers.values().forEach((held) -> held.values().removeIf((each) -> each.timer() == meter));
		this.removals.incrementAndGet();
	}

	/**
	 * Return where the timers are registered.
	 * @return the registry
	 */
	public MeterRegistry registry() {
		return this.registry;
	}

	/**
	 * Begin to take a context's time.
	 * @param context the context of an observation that starts
	 */
	public void start(CompactContext context) {
		context.nanos = this.clock.monotonicTime();
		context.timing = this;
	}

	/**
	 * Whether a context's time is being taken.
	 * @param context the context
	 * @return {@code false} before the start and after the end
	 */
	public boolean isTiming(CompactContext context) {
		return context.timing == this || (context.timing instanceof HeldTimer held && held.owner() == this);
	}

	/**
	 * Take a context's time now. If its span should become an exemplar it goes on until
	 * the span is current.
	 */
	void takeUnlessExemplarIsDue(CompactContext context, boolean sampled) {
		if (context.timing == this) {
			long now = this.clock.monotonicTime();
			HeldTimer held = held(context, now);
			if (!held.exemplars().isDue(now - context.nanos, now, sampled)) {
				take(context, held, now);
			}
		}
	}

	private static void take(CompactContext context, HeldTimer held, long now) {
		context.nanos = now - context.nanos;
		context.timing = held;
	}

	/**
	 * Record a context's time.
	 * @param context a context whose time is being taken
	 * @return the timer that it was recorded with
	 */
	public Timer stop(CompactContext context) {
		if (context.timing == this) {
			long now = this.clock.monotonicTime();
			take(context, held(context, now), now);
		}
		HeldTimer held = (HeldTimer) Objects.requireNonNull(context.timing, "the context is not being timed");
		context.timing = null;
		held.timer().record(context.nanos, TimeUnit.NANOSECONDS);
		return held.timer();
	}

	long now() {
		return this.clock.monotonicTime();
	}

	/**
	 * Whether a timer is still the one that the registry would return.
	 */
	boolean isHeld(HeldTimer timer, long now) {
		return now - timer.since() < HELD_NANOS && timer.removals() == this.removals.get();
	}

	private HeldTimer held(CompactContext context, long now) {
		String name = Objects.requireNonNull(context.getName(), "an observation has a name once it is started");
		return held(name, context.getLowCardinalityKeyValues(), this.description.apply(context), now);
	}

	HeldTimer held(String name, KeyValues keyValues, String description, long now) {
		Map<KeyValues, HeldTimer> timers = timers(name);
		HeldTimer held = timers.get(keyValues);
		if (held != null && now - held.since() < HELD_NANOS) {
			return held;
		}
		int removals = this.removals.get();
		HeldTimer fresh = new HeldTimer(this, register(name, keyValues, description), now, removals,
				new ExemplarTimes(now));
		if (held != null || timers.size() < this.maxHeld) {
			timers.put(keyValues, fresh);
		}
		return fresh;
	}

	private Map<KeyValues, HeldTimer> timers(String name) {
		Map<KeyValues, HeldTimer> timers = this.timers.get(name);
		return (timers != null) ? timers : this.timers.computeIfAbsent(name, (key) -> new ConcurrentHashMap<>());
	}

	private Timer register(String name, KeyValues keyValues, String description) {
		return Timer.builder(name)
			.tags(keyValues.stream().map((each) -> Tag.of(each.getKey(), each.getValue())).toList())
			.description(description)
			.register(this.registry);
	}

}
