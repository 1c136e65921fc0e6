package io.nettrace.observation;

import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * What is observed and how it is named.
 *
 * @param requireParent whether operations without a current observation are left out,
 * instead of making root spans
 * @param hosts bounds the hosts on meters
 * @param patterns the hosts that are observed
 * @param spanNames how the default conventions name spans
 * @param dnsConvention replaces the names of lookups, {@code null} for the default
 * @param connectConvention replaces the names of connects, {@code null} for the default
 */
public record ObservationSettings(boolean requireParent, HostGuard hosts, HostPatterns patterns, SpanNames spanNames,
		@Nullable DnsLookupObservationConvention dnsConvention,
		@Nullable SocketConnectObservationConvention connectConvention) {

	/**
	 * Create settings.
	 * @param requireParent whether operations without a current observation are left out
	 * @param hosts bounds the hosts on meters
	 * @param patterns the hosts that are observed
	 * @param spanNames how the default conventions name spans
	 * @param dnsConvention replaces the names of lookups, {@code null} for the default
	 * @param connectConvention replaces the names of connects, {@code null} for the
	 * default
	 */
	public ObservationSettings {
		Objects.requireNonNull(hosts, "'hosts' must not be null");
		Objects.requireNonNull(patterns, "'patterns' must not be null");
		Objects.requireNonNull(spanNames, "'spanNames' must not be null");
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
	 * Return these settings with conventions in place of the default ones.
	 * @param dnsConvention replaces the names of lookups, {@code null} for the default
	 * @param connectConvention replaces the names of connects, {@code null} for the
	 * default
	 * @return the settings
	 */
	public ObservationSettings withConventions(@Nullable DnsLookupObservationConvention dnsConvention,
			@Nullable SocketConnectObservationConvention connectConvention) {
		return new ObservationSettings(this.requireParent, this.hosts, this.patterns, this.spanNames, dnsConvention,
				connectConvention);
	}

}
