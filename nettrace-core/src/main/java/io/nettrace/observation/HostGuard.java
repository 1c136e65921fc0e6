package io.nettrace.observation;

import java.lang.System.Logger.Level;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Bounds the hosts that meters tell apart: the first ones that are found keep their name,
 * later ones share {@code _OTHER}. Hosts that were never found share a few places of
 * their own, so that names that do not exist, which strangers can make up, use up nothing
 * that others need: the one not asked for longest makes room. One guard serves all
 * meters, so that lookups and connects show the same hosts. Spans have the real name.
 * Safe for use by several threads.
 */
public final class HostGuard {

	/**
	 * How many hosts that were never found keep their name.
	 */
	public static final int MAX_NOT_FOUND = 20;

	private static final System.Logger logger = System.getLogger(HostGuard.class.getName());

	private final int maxHosts;

	private final Set<String> hosts = ConcurrentHashMap.newKeySet();

	// The one not asked for longest first. Guarded by this
	private final Map<String, Boolean> notFound = new LinkedHashMap<>(MAX_NOT_FOUND, 0.75F, true);

	private final List<Consumer<String>> forgottenListeners = new CopyOnWriteArrayList<>();

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
	 * Return what stands on meters for a host of which it is not known yet whether it
	 * will be found.
	 * @param host a name or an IP address
	 * @return the name in its one spelling if it was found before, else {@code _OTHER}
	 */
	public String meterHost(String host) {
		String name = HostName.canonical(host);
		return this.hosts.contains(name) ? name : NetTraceObservationDocumentation.OTHER;
	}

	/**
	 * Return what stands on meters for a host that was found, or is connected to.
	 * @param host a name, an IP address or the path of a Unix domain socket
	 * @return the name in its one spelling, or {@code _OTHER} for an IP address or if
	 * there is no place left
	 */
	public String foundHost(String host) {
		String name = HostName.canonical(host);
		if (this.hosts.contains(name)) {
			return name;
		}
		if (this.full || HostName.isAddress(name)) {
			return NetTraceObservationDocumentation.OTHER;
		}
		return admit(name);
	}

	private synchronized String admit(String name) {
		if (this.hosts.size() < this.maxHosts || this.hosts.contains(name)) {
			this.hosts.add(name);
			this.notFound.remove(name); // its series stay
			return name;
		}
		if (!this.full) {
			this.full = true;
			logger.log(Level.WARNING,
					"The hosts that meters tell apart have reached nettrace.observations.max-hosts (" + this.maxHosts
							+ "); further ones, " + name + " first, are counted as "
							+ NetTraceObservationDocumentation.OTHER);
		}
		return NetTraceObservationDocumentation.OTHER;
	}

	/**
	 * Return what stands on meters for a host whose lookup failed.
	 * @param host the name asked for
	 * @return the name in its one spelling, or {@code _OTHER} for an IP address
	 */
	public String failedHost(String host) {
		String name = HostName.canonical(host);
		if (this.hosts.contains(name)) {
			return name;
		}
		if (HostName.isAddress(name)) {
			return NetTraceObservationDocumentation.OTHER;
		}
		String forgotten = null;
		synchronized (this) {
			if (this.notFound.put(name, true) == null && this.notFound.size() > MAX_NOT_FOUND) {
				Iterator<String> names = this.notFound.keySet().iterator();
				forgotten = names.next();
				names.remove();
			}
		}
		if (forgotten != null) {
			for (Consumer<String> listener : this.forgottenListeners) {
				listener.accept(forgotten);
			}
		}
		return name;
	}

	/**
	 * Whether a name stands for a host on meters now. A meter that is made while its host
	 * makes room for another one has to go again.
	 * @param name the name in its one spelling
	 */
	public boolean tells(String name) {
		if (this.hosts.contains(name)) {
			return true;
		}
		synchronized (this) {
			return this.hosts.contains(name) || this.notFound.containsKey(name);
		}
	}

	/**
	 * Decide what stands for the host of a lookup that is done. If it will make room, the
	 * context has this guard as an entry, for the meters.
	 */
	void done(DnsLookupContext lookup, boolean found) {
		String name = found ? foundHost(lookup.getHost()) : failedHost(lookup.getHost());
		lookup.setMeterHost(name);
		if (isPassing(name)) {
			lookup.put(HostGuard.class, this);
		}
	}

	/**
	 * Whether a name on a meter is that of a host that was never found.
	 */
	boolean isPassing(String meterHost) {
		return !this.hosts.contains(meterHost) && !meterHost.equals(NetTraceObservationDocumentation.OTHER);
	}

	/**
	 * Have a listener told of each host that has made room, for its series to be removed.
	 */
	public void onForgotten(Consumer<String> listener) {
		this.forgottenListeners.add(listener);
	}

}
