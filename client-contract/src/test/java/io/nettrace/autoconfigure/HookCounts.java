package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.nettrace.NetTrace;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Counts the calls of an application's hooks: each start must have exactly one done.
 */
@Configuration(proxyBeanMethods = false)
class HookCounts {

	private static final Duration AT_MOST = Duration.ofSeconds(20);

	private final AtomicInteger lookups = new AtomicInteger();

	private final AtomicInteger lookupsDone = new AtomicInteger();

	private final AtomicInteger connects = new AtomicInteger();

	private final AtomicInteger connectsDone = new AtomicInteger();

	@Bean
	NetTrace countingTrace() {
		return new NetTrace() {

			@Override
			public void dnsStart(String host) {
				HookCounts.this.lookups.incrementAndGet();
			}

			@Override
			public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
				HookCounts.this.lookupsDone.incrementAndGet();
			}

			@Override
			public void connectStart(String network, SocketAddress address) {
				HookCounts.this.connects.incrementAndGet();
			}

			@Override
			public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
				HookCounts.this.connectsDone.incrementAndGet();
			}

		};
	}

	void awaitLookups(int count) {
		Awaitility.await().atMost(AT_MOST).until(() -> this.lookups.get() >= count);
	}

	void awaitConnects(int count) {
		Awaitility.await().atMost(AT_MOST).until(() -> this.connects.get() >= count);
	}

	/**
	 * Wait for the rest of a request that was given up.
	 */
	void awaitDone() {
		Awaitility.await().atMost(AT_MOST).untilAsserted(() -> {
			assertThat(this.lookupsDone).hasValue(this.lookups.get());
			assertThat(this.connectsDone).hasValue(this.connects.get());
		});
	}

}
