package io.nettrace.benchmarks;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import org.apache.hc.client5.http.DnsResolver;

/**
 * A slow resolver of the application that counts its calls.
 */
final class SlowDnsResolver implements DnsResolver {

	private final Duration delay;

	private final AtomicInteger calls = new AtomicInteger();

	private final AtomicLong answered = new AtomicLong();

	SlowDnsResolver(Duration delay) {
		this.delay = delay;
	}

	@Override
	public List<InetSocketAddress> resolve(String host, int port) {
		return List.of(new InetSocketAddress(resolve(host)[0], port));
	}

	@Override
	public InetAddress[] resolve(String host) {
		this.calls.incrementAndGet();
		long end = System.nanoTime() + this.delay.toNanos();
		for (long left = this.delay.toNanos(); left > 0; left = end - System.nanoTime()) {
			LockSupport.parkNanos(left);
		}
		this.answered.accumulateAndGet(System.nanoTime(), Math::max);
		return new InetAddress[] { InetAddress.getLoopbackAddress() };
	}

	@Override
	public String resolveCanonicalHostname(String host) {
		return host;
	}

	int calls() {
		return this.calls.get();
	}

	/**
	 * Return when it last gave an answer, in the time of {@link System#nanoTime()}.
	 */
	long answered() {
		return this.answered.get();
	}

}
