package io.nettrace.observation;

import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Bounds the hosts that meters tell apart: the first ones keep their name, later ones
 * share {@code _OTHER}. One guard serves all meters, so that lookups and connects show
 * the same hosts. Spans have the real name.
 */
public final class HostGuard {

	private static final System.Logger logger = System.getLogger(HostGuard.class.getName());

	private final int maxHosts;

	private final Set<String> hosts = ConcurrentHashMap.newKeySet();

	private volatile boolean full;

	/**
	 * Create a guard.
	 * @param maxHosts how many hosts keep their name, at least 1
	 */
	public HostGuard(int maxHosts) {
		if (maxHosts < 1) {
			throw new IllegalArgumentException("'maxHosts' must be at least 1, not " + maxHosts);
		}
		this.maxHosts = maxHosts;
	}

	/**
	 * Return what stands for a host on meters.
	 * @param host a name or an IP address
	 * @return the name, or {@code _OTHER}
	 */
	public String meterHost(String host) {
		if (this.hosts.contains(host)) {
			return host;
		}
		if (this.full || isAddress(host)) {
			return NetTraceObservationDocumentation.OTHER;
		}
		return admit(host);
	}

	private static boolean isAddress(String host) {
		if (host.indexOf(':') >= 0) {
			return true;
		}
		for (int i = 0; i < host.length(); i++) {
			char c = host.charAt(i);
			if (c != '.' && (c < '0' || c > '9')) {
				return false;
			}
		}
		return !host.isEmpty();
	}

	private synchronized String admit(String host) {
		if (this.hosts.size() < this.maxHosts || this.hosts.contains(host)) {
			this.hosts.add(host);
			return host;
		}
		if (!this.full) {
			this.full = true;
			logger.log(Level.WARNING,
					"The hosts that meters tell apart have reached nettrace.observations.max-hosts (" + this.maxHosts
							+ "); further ones, " + host + " first, are counted as "
							+ NetTraceObservationDocumentation.OTHER);
		}
		return NetTraceObservationDocumentation.OTHER;
	}

}
