package io.nettrace.client.okhttp;

import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.EnumSet;
import java.util.List;

import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.Hook;
import io.nettrace.PoolInfo;
import io.nettrace.client.RecordedHooks;
import io.nettrace.instrument.NetTracing;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * OkHttp gives a connection back to its pool before it says so: meanwhile another call
 * may say that it has got it.
 */
class OkHttpConnectionTests {

	private final RecordedHooks hooks = new RecordedHooks();

	private final NetTracing tracing = new NetTracing(() -> List.of((request) -> this.hooks.trace()),
			() -> List.of(this.hooks.listener()), EnumSet.allOf(Hook.class));

	private final OkHttpConnection connection = new OkHttpConnection(new Socket(),
			this.tracing.connection(new PoolInfo("okhttp", "a.test", 80, -1), new InetSocketAddress("127.0.0.1", 1),
					new InetSocketAddress("127.0.0.1", 2)));

	private OkHttpExchange exchange() {
		return new OkHttpExchange(this.tracing.request("okhttp", "a.test", 80),
				new ConnectionTarget("a.test", 80, false), "a.test");
	}

	@Test
	void isReleasedBeforeTheNextExchangeHasIt() {
		OkHttpExchange first = exchange();
		OkHttpExchange second = exchange();
		this.connection.acquire(first, "1.1", false, false);
		this.connection.acquire(second, "1.1", false, false);
		this.connection.release(first, false);
		this.connection.release(second, false);
		assertThat(this.hooks.names()).containsExactly("opened", "acquired", "released", "acquired", "released");
		assertThat(this.hooks.all(ConnectionInfo.class)).extracting(ConnectionInfo::activeRequests)
			.containsExactly(0, 1, 0, 1, 0);
	}

	@Test
	void isSharedByTheStreamsOfHttp2() {
		OkHttpExchange first = exchange();
		OkHttpExchange second = exchange();
		this.connection.acquire(first, "2", false, true);
		this.connection.acquire(second, "2", false, true);
		this.connection.release(first, true);
		this.connection.release(second, true);
		assertThat(this.hooks.names()).containsExactly("opened", "acquired", "acquired", "released", "released");
	}

}
