package io.nettrace.benchmarks;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.nettrace.NetTrace;
import org.jspecify.annotations.Nullable;

/**
 * Times lookups and connects, by hand: what somebody writes who wants no observations.
 */
final class TimingHooks implements NetTrace.Factory {

	private final HeldTimers lookups;

	private final HeldTimers connects;

	TimingHooks(MeterRegistry registry) {
		this.lookups = new HeldTimers("lookup", registry);
		this.connects = new HeldTimers("connect", registry);
	}

	@Override
	public NetTrace create(String client) {
		return new Operation();
	}

	@Override
	public Supplier<NetTrace> forRequest(String client) {
		return Operation::new;
	}

	@Override
	public NetTrace create(String client, Function<Object, @Nullable Object> bindings) {
		return create(client);
	}

	private final class Operation implements NetTrace {

		private String host = "";

		private long start;

		@Override
		public void dnsStart(String host) {
			this.host = host;
			this.start = System.nanoTime();
		}

		@Override
		public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
			record(TimingHooks.this.lookups, error);
		}

		@Override
		public void connectStart(String network, SocketAddress address) {
			this.start = System.nanoTime();
		}

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			record(TimingHooks.this.connects, error);
		}

		private void record(HeldTimers timers, @Nullable Throwable error) {
			timers.of(this.host, error == null).record(System.nanoTime() - this.start, TimeUnit.NANOSECONDS);
		}

	}

}
