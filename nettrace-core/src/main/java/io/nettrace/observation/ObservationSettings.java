package io.nettrace.observation;

import org.jspecify.annotations.Nullable;

/**
 * What is observed and how it is named.
 *
 * @param requireParent whether operations without a current observation are left out,
 * instead of making root spans
 * @param hosts bounds the hosts on meters
 * @param dnsConvention replaces the names of lookups, {@code null} for the default
 * @param connectConvention replaces the names of connects, {@code null} for the default
 */
public record ObservationSettings(boolean requireParent, HostGuard hosts,
		@Nullable DnsLookupObservationConvention dnsConvention,
		@Nullable SocketConnectObservationConvention connectConvention) {

	/**
	 * Return the default: everything is observed, 100 hosts on meters.
	 * @return the settings
	 */
	public static ObservationSettings defaults() {
		return new ObservationSettings(false, new HostGuard(100), null, null);
	}

}
