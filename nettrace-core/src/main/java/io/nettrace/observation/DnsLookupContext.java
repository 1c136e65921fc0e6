package io.nettrace.observation;

import java.net.InetAddress;
import java.util.List;

import io.micrometer.common.KeyValues;
import org.jspecify.annotations.Nullable;

/**
 * What happened in one DNS lookup.
 */
public final class DnsLookupContext extends OperationContext {

	private final String host;

	private String meterHost;

	private List<InetAddress> answers = List.of();

	private boolean coalesced;

	/**
	 * Create the context of a lookup that begins.
	 * @param client the client library that asks
	 * @param host the name asked for
	 * @param meterHost the name to put on meters, as long as nothing else is known
	 */
	public DnsLookupContext(String client, String host, String meterHost) {
		super(client);
		this.host = host;
		this.meterHost = meterHost;
	}

	/**
	 * Return the name asked for.
	 * @return the name, as it was asked for
	 */
	public String getHost() {
		return this.host;
	}

	/**
	 * Return what stands for the name on meters. It may change when the lookup is done:
	 * whether the name is found decides.
	 * @return the name or {@code _OTHER}
	 */
	public String getMeterHost() {
		return this.meterHost;
	}

	/**
	 * Return the addresses found.
	 * @return the addresses in dial order, empty until the lookup is done
	 */
	public List<InetAddress> getAnswers() {
		return this.answers;
	}

	/**
	 * Whether the answer was shared.
	 * @return {@code false} until the lookup is done
	 */
	public boolean isCoalesced() {
		return this.coalesced;
	}

	void setResult(List<InetAddress> answers, boolean coalesced) {
		this.answers = answers;
		this.coalesced = coalesced;
		setDone();
	}

	/**
	 * Have the guard decide what stands for the name on meters.
	 */
	void setFound(boolean found, HostGuard hosts) {
		this.meterHost = found ? hosts.foundHost(this.host) : hosts.failedHost(this.host);
		if (hosts.isPassing(this.meterHost)) {
			put(HostGuard.class, hosts); // no field: next to no lookup needs it
		}
	}

	/**
	 * Return the guard that will forget the name on meters, {@code null} if it stays.
	 */
	public @Nullable HostGuard passing() {
		return get(HostGuard.class);
	}

	@Override
	public KeyValues defaultHighCardinalityKeyValues() {
		return DefaultDnsLookupObservationConvention.highCardinalityKeyValues(this);
	}

	@Override
	public void writeDefaultHighCardinality(AttributeSink sink) {
		DefaultDnsLookupObservationConvention.writeHighCardinality(this, sink);
	}

	@Override
	public String host() {
		return this.host;
	}

	@Override
	public String description() {
		return "DNS lookups as the HTTP client sees them";
	}

}
