package io.nettrace.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

import io.micrometer.core.instrument.Timer;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Protocol;
import org.jspecify.annotations.Nullable;

/**
 * OkHttp's counterpart of {@link TimingHooks}.
 */
final class TimingEventListener extends EventListener {

	private final BiFunction<String, Boolean, Timer> lookups;

	private final BiFunction<String, Boolean, Timer> connects;

	private String host = "";

	private long start;

	TimingEventListener(BiFunction<String, Boolean, Timer> lookups, BiFunction<String, Boolean, Timer> connects) {
		this.lookups = lookups;
		this.connects = connects;
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

	private void record(BiFunction<String, Boolean, Timer> timers, boolean success) {
		timers.apply(this.host, success).record(System.nanoTime() - this.start, TimeUnit.NANOSECONDS);
	}

}
