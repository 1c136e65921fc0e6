package io.nettrace.observation;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * What is observed and how it is named. Immutable: each {@code with} method returns other
 * settings.
 */
public final class ObservationSettings {

	private final boolean requireParent;

	private final HostGuard hosts;

	private final HostPatterns patterns;

	private final SpanNames spanNames;

	private final @Nullable DnsLookupObservationConvention dnsConvention;

	private final @Nullable SocketConnectObservationConvention connectConvention;

	private ObservationSettings(boolean requireParent, HostGuard hosts, HostPatterns patterns, SpanNames spanNames,
			@Nullable DnsLookupObservationConvention dnsConvention,
			@Nullable SocketConnectObservationConvention connectConvention) {
		this.requireParent = requireParent;
		this.hosts = Objects.requireNonNull(hosts, "'hosts' must not be null");
		this.patterns = Objects.requireNonNull(patterns, "'patterns' must not be null");
		this.spanNames = Objects.requireNonNull(spanNames, "'spanNames' must not be null");
		this.dnsConvention = dnsConvention;
		this.connectConvention = connectConvention;
	}

	/**
	 * Return the default: every host is observed, 100 of them by name on meters.
	 * @return the settings
	 */
	public static ObservationSettings defaults() {
		return new ObservationSettings(false, new HostGuard(100), HostPatterns.all(), SpanNames.LOW_CARDINALITY, null,
				null);
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
	 * Return what replaces the names of lookups.
	 * @return a convention, or {@code null} for the default
	 */
	public @Nullable DnsLookupObservationConvention dnsConvention() {
		return this.dnsConvention;
	}

	/**
	 * Return what replaces the names of connects.
	 * @return a convention, or {@code null} for the default
	 */
	public @Nullable SocketConnectObservationConvention connectConvention() {
		return this.connectConvention;
	}

	/**
	 * Return these settings with another choice of root spans.
	 * @param requireParent whether operations without a current observation are left out
	 * @return the settings
	 */
	public ObservationSettings withRequireParent(boolean requireParent) {
		return new ObservationSettings(requireParent, this.hosts, this.patterns, this.spanNames, this.dnsConvention,
				this.connectConvention);
	}

	/**
	 * Return these settings with another bound on the hosts of meters.
	 * @param hosts the guard
	 * @return the settings
	 */
	public ObservationSettings withHosts(HostGuard hosts) {
		return new ObservationSettings(this.requireParent, hosts, this.patterns, this.spanNames, this.dnsConvention,
				this.connectConvention);
	}

	/**
	 * Return these settings for other hosts.
	 * @param patterns the hosts that are observed
	 * @return the settings
	 */
	public ObservationSettings withPatterns(HostPatterns patterns) {
		return new ObservationSettings(this.requireParent, this.hosts, patterns, this.spanNames, this.dnsConvention,
				this.connectConvention);
	}

	/**
	 * Return these settings with other names of spans.
	 * @param spanNames how the default conventions name spans
	 * @return the settings
	 */
	public ObservationSettings withSpanNames(SpanNames spanNames) {
		return new ObservationSettings(this.requireParent, this.hosts, this.patterns, spanNames, this.dnsConvention,
				this.connectConvention);
	}

	/**
	 * Return these settings with a convention in place of the default one for lookups.
	 * @param dnsConvention replaces the names of lookups, {@code null} for the default
	 * @return the settings
	 */
	public ObservationSettings withDnsConvention(@Nullable DnsLookupObservationConvention dnsConvention) {
		return new ObservationSettings(this.requireParent, this.hosts, this.patterns, this.spanNames, dnsConvention,
				this.connectConvention);
	}

	/**
	 * Return these settings with a convention in place of the default one for connects.
	 * @param connectConvention replaces the names of connects, {@code null} for the
	 * default
	 * @return the settings
	 */
	public ObservationSettings withConnectConvention(@Nullable SocketConnectObservationConvention connectConvention) {
		return new ObservationSettings(this.requireParent, this.hosts, this.patterns, this.spanNames,
				this.dnsConvention, connectConvention);
	}

}
