package io.nettrace.benchmarks;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import org.jspecify.annotations.Nullable;

/**
 * Times lookups and connects by hand: hooks of an application that wants no observations.
 */
final class TimingHooks implements NetTrace.Factory {

	private final HeldTimers lookups;

	private final HeldTimers connects;

	TimingHooks(MeterRegistry registry) {
		this.lookups = new HeldTimers("lookup", registry);
		this.connects = new HeldTimers("connect", registry);
	}

	@Override
	public NetTrace create(RequestInfo request) {
		return new Request();
	}

	@Override
	public NetTrace create(RequestInfo request, Function<Object, @Nullable Object> bindings) {
		return create(request);
	}

	@Override
	public Set<Hook> hooks() {
		return Set.of(Hook.DNS, Hook.CONNECT);
	}

	private final class Request implements NetTrace {

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
