package io.nettrace.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.Timer;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Protocol;
import org.jspecify.annotations.Nullable;

/**
 * OkHttp's counterpart of {@link TimingHooks}.
 */
final class TimingEventListener extends EventListener {

	private final HeldTimers lookups;

	private final HeldTimers connects;

	private final boolean holdsTimers;

	private String host = "";

	private long start;

	/**
	 * Create a listener for one call.
	 * @param lookups where lookups are recorded
	 * @param connects where connects are recorded
	 * @param holdsTimers whether the timers are kept; the usual way is to ask the
	 * registry each time
	 */
	TimingEventListener(HeldTimers lookups, HeldTimers connects, boolean holdsTimers) {
		this.lookups = lookups;
		this.connects = connects;
		this.holdsTimers = holdsTimers;
	}

	@Override
	public void dnsStart(Call call, String domainName) {
		this.host = domainName;
		this.start = System.nanoTime();
	}

	@Override
	public void dnsEnd(Call call, String domainName, List<InetAddress> inetAddressList) {
		record(this.lookups, true);
	}

	@Override
	public void connectStart(Call call, InetSocketAddress inetSocketAddress, Proxy proxy) {
		this.start = System.nanoTime();
	}

	@Override
	public void connectEnd(Call call, InetSocketAddress inetSocketAddress, Proxy proxy, @Nullable Protocol protocol) {
		record(this.connects, true);
	}

	@Override
	public void connectFailed(Call call, InetSocketAddress inetSocketAddress, Proxy proxy, @Nullable Protocol protocol,
			IOException failure) {
		record(this.connects, false);
	}

	private void record(HeldTimers timers, boolean success) {
		Timer timer = this.holdsTimers ? timers.of(this.host, success) : timers.registered(this.host, success);
		timer.record(System.nanoTime() - this.start, TimeUnit.NANOSECONDS);
	}

}
