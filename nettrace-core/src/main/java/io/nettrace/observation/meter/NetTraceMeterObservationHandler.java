package io.nettrace.observation.meter;

import java.util.Set;

import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.observation.MeterObservationHandler;
import io.micrometer.observation.Observation;
import io.nettrace.observation.ConnectionWaitContext;
import io.nettrace.observation.DnsLookupContext;
import io.nettrace.observation.HostGuard;
import io.nettrace.observation.NetTraceObservationDocumentation.DnsLookupLowCardinalityKeyNames;
import io.nettrace.observation.NetTraceObservationDocumentation.SocketConnectLowCardinalityKeyNames;
import io.nettrace.observation.StepContext;
import io.nettrace.observation.TlsHandshakeLowCardinalityKeyNames;
import io.nettrace.observation.saving.HeldTimers;

/**
 * Times the steps that get a request its connection. Unlike Micrometer's default handler
 * it adds no {@code error} tag beside {@code error.type}, and makes a long task timer
 * only if asked to. A wait has no timer of its own: {@link NetTraceRequestMeters} times
 * the queue. It must come before the default one, and once in a registry of observations.
 */
public final class NetTraceMeterObservationHandler implements MeterObservationHandler<Observation.Context> {

	/**
	 * What is not known before the end says nothing about a step under way.
	 */
	private static final Set<String> KNOWN_AT_THE_END = Set.of(DnsLookupLowCardinalityKeyNames.COALESCED.asString(),
			SocketConnectLowCardinalityKeyNames.OUTCOME.asString(),
			SocketConnectLowCardinalityKeyNames.ERROR_TYPE.asString(),
			TlsHandshakeLowCardinalityKeyNames.PROTOCOL_VERSION.asString(),
			TlsHandshakeLowCardinalityKeyNames.RESUMED.asString());

	private final HeldTimers timers;

	private final boolean active;

	private final PassingHosts passingHosts;

	private final DnsQueryCounter queries;

	/**
	 * Create a handler.
	 * @param registry where the timers are registered
	 * @param active whether a long task timer {@code <name>.active} counts steps under
	 * way
	 */
	public NetTraceMeterObservationHandler(MeterRegistry registry, boolean active) {
		this(new HeldTimers(registry, (context) -> ((StepContext) context).getDescription()), active);
	}

	/**
	 * Create a handler.
	 * @param timers the timers to record with
	 * @param active whether a long task timer {@code <name>.active} counts steps under
	 * way
	 */
	public NetTraceMeterObservationHandler(HeldTimers timers, boolean active) {
		this(timers, active, false);
	}

	private NetTraceMeterObservationHandler(HeldTimers timers, boolean active, boolean hideAddresses) {
		this.timers = timers;
		this.active = active;
		this.passingHosts = new PassingHosts(timers.registry());
		this.queries = new DnsQueryCounter(timers.registry(), hideAddresses);
	}

	/**
	 * Return a handler that shows no IP addresses of name servers.
	 * @param hideAddresses whether addresses are hidden
	 * @return a handler with the same timers
	 */
	public NetTraceMeterObservationHandler withHideAddresses(boolean hideAddresses) {
		return new NetTraceMeterObservationHandler(this.timers, this.active, hideAddresses);
	}

	/**
	 * Return the timers that this handler records with.
	 * @return the timers
	 */
	public HeldTimers timers() {
		return this.timers;
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return context instanceof StepContext;
	}

	@Override
	public void onStart(Observation.Context context) {
		if (context instanceof ConnectionWaitContext) {
			return; // in the time in queue of its exchange
		}
		StepContext step = (StepContext) context;
		this.timers.start(step);
		if (this.active) { // a meter filter of the application may throw here
			step.put(LongTaskTimer.Sample.class, longTaskTimer(step).start());
		}
	}

	private LongTaskTimer longTaskTimer(StepContext step) {
		return LongTaskTimer.builder(step.getName() + ".active")
			.tags(step.getLowCardinalityKeyValues()
				.stream()
				.filter((each) -> !KNOWN_AT_THE_END.contains(each.getKey()))
				.map((each) -> Tag.of(each.getKey(), each.getValue()))
				.toList())
			.description(step.getDescription() + " under way")
			.register(this.timers.registry());
	}

	@Override
	public void onEvent(Observation.Event event, Observation.Context context) {
		if (event == StepContext.STARTED && !this.timers.isTiming((StepContext) context)) {
			onStart(context);
		}
		else if (event == StepContext.STOPPED) {
			onStop(context);
		}
	}

	@Override
	public void onStop(Observation.Context context) {
		StepContext step = (StepContext) context;
		if (!this.timers.isTiming(step)) {
			return; // told before
		}
		LongTaskTimer.Sample sample = this.active ? step.get(LongTaskTimer.Sample.class) : null;
		if (sample != null) {
			sample.stop();
		}
		Timer timer = this.timers.stop(step);
		if (step instanceof DnsLookupContext lookup) {
			this.queries.count(lookup);
		}
		HostGuard guard = step.get(HostGuard.class);
		if (guard != null) {
			this.passingHosts.add(step.getMeterHost(), timer, guard);
		}
	}

}
