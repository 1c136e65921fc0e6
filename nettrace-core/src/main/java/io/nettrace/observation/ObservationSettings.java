package io.nettrace.observation;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

import io.micrometer.observation.ObservationConvention;
import org.jspecify.annotations.Nullable;

/**
 * What is observed and how it is named. Immutable: each {@code with} method returns other
 * settings.
 */
public final class ObservationSettings {

	private final boolean requireParent;

	private final boolean exchanges;

	private final HostGuard hosts;

	private final HostPatterns patterns;

	private final SpanNames spanNames;

	private final Map<Class<?>, ObservationConvention<?>> conventions;

	private ObservationSettings(boolean requireParent, boolean exchanges, HostGuard hosts, HostPatterns patterns,
			SpanNames spanNames, Map<Class<?>, ObservationConvention<?>> conventions) {
		this.requireParent = requireParent;
		this.exchanges = exchanges;
		this.hosts = Objects.requireNonNull(hosts, "'hosts' must not be null");
		this.patterns = Objects.requireNonNull(patterns, "'patterns' must not be null");
		this.spanNames = Objects.requireNonNull(spanNames, "'spanNames' must not be null");
		this.conventions = conventions;
	}

	/**
	 * Return the default: every host is observed, 100 of them by name on meters.
	 * @return the settings
	 */
	public static ObservationSettings defaults() {
		return new ObservationSettings(false, false, new HostGuard(100), HostPatterns.all(), SpanNames.LOW_CARDINALITY,
				Map.of());
	}

	/**
	 * Whether operations without a current observation are left out, instead of making
	 * root spans.
	 * @return whether they are left out
	 */
	public boolean requireParent() {
		return this.requireParent;
	}

	/**
	 * Whether each exchange is observed, also on a pooled connection: its time in queue,
	 * its waits, its phases and the record of its request.
	 * @return whether more than the steps that set up a connection is observed
	 */
	public boolean exchanges() {
		return this.exchanges;
	}

	/**
	 * Return what bounds the hosts on meters.
	 * @return the guard
	 */
	public HostGuard hosts() {
		return this.hosts;
	}

	/**
	 * Return the hosts that are observed.
	 * @return the patterns
	 */
	public HostPatterns patterns() {
		return this.patterns;
	}

	/**
	 * Return how the default conventions name spans.
	 * @return the kind of names
	 */
	public SpanNames spanNames() {
		return this.spanNames;
	}

	/**
	 * Return what replaces the names of one kind of step.
	 * @param step the context of such steps
	 * @param <T> the type of the context
	 * @return a convention, or {@code null} for the default
	 */
	@SuppressWarnings("unchecked") // see withConvention
	public <T extends StepContext> @Nullable ObservationConvention<T> convention(Class<T> step) {
		return (ObservationConvention<T>) this.conventions.get(step);
	}

	/**
	 * Return these settings with another choice of root spans.
	 * @param requireParent whether operations without a current observation are left out
	 * @return the settings
	 */
	public ObservationSettings withRequireParent(boolean requireParent) {
		return new ObservationSettings(requireParent, this.exchanges, this.hosts, this.patterns, this.spanNames,
				this.conventions);
	}

	/**
	 * Return these settings with another choice of what is observed.
	 * @param exchanges whether each exchange is observed
	 * @return the settings
	 */
	public ObservationSettings withExchanges(boolean exchanges) {
		return new ObservationSettings(this.requireParent, exchanges, this.hosts, this.patterns, this.spanNames,
				this.conventions);
	}

	/**
	 * Return these settings with another bound on the hosts of meters.
	 * @param hosts the guard
	 * @return the settings
	 */
	public ObservationSettings withHosts(HostGuard hosts) {
		return new ObservationSettings(this.requireParent, this.exchanges, hosts, this.patterns, this.spanNames,
				this.conventions);
	}

	/**
	 * Return these settings for other hosts.
	 * @param patterns the hosts that are observed
	 * @return the settings
	 */
	public ObservationSettings withPatterns(HostPatterns patterns) {
		return new ObservationSettings(this.requireParent, this.exchanges, this.hosts, patterns, this.spanNames,
				this.conventions);
	}

	/**
	 * Return these settings with other names of spans.
	 * @param spanNames how the default conventions name spans
	 * @return the settings
	 */
	public ObservationSettings withSpanNames(SpanNames spanNames) {
		return new ObservationSettings(this.requireParent, this.exchanges, this.hosts, this.patterns, spanNames,
				this.conventions);
	}

	/**
	 * Return these settings with a convention in place of the default one for one kind of
	 * step.
	 * @param step the context of such steps
	 * @param convention replaces their names, {@code null} for the default
	 * @param <T> the type of the context
	 * @return the settings
	 */
	public <T extends StepContext> ObservationSettings withConvention(Class<T> step,
			@Nullable ObservationConvention<T> convention) {
		Map<Class<?>, ObservationConvention<?>> conventions = new HashMap<>(this.conventions);
		if (convention != null) {
			conventions.put(step, convention);
		}
		else {
			conventions.remove(step);
		}
		return new ObservationSettings(this.requireParent, this.exchanges, this.hosts, this.patterns, this.spanNames,
				Map.copyOf(conventions));
	}

}
