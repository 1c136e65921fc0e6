package io.nettrace.client.jetty;

import java.util.concurrent.Executor;

import org.eclipse.jetty.util.SocketAddressResolver;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TracedSocketAddressResolverTests {

	private final Executor executor = Runnable::run;

	@Test
	void systemResolversAreTheLibrarysOwnClasses() {
		assertThat(TracedSocketAddressResolver.isSystem(new SocketAddressResolver.Sync())).isTrue();
		assertThat(TracedSocketAddressResolver
			.isSystem(new SocketAddressResolver.Async(this.executor, new ScheduledExecutorScheduler(), 1000))).isTrue();
		assertThat(TracedSocketAddressResolver.isSystem(new SocketAddressResolver.Sync() {
		})).isFalse();
		assertThat(TracedSocketAddressResolver
			.isSystem(new SocketAddressResolver.Async(this.executor, new ScheduledExecutorScheduler(), 1000) {
			})).isFalse();
		assertThat(TracedSocketAddressResolver.isSystem((host, port, context, promise) -> {
		})).isFalse();
	}

}
