package io.nettrace.instrument;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.nettrace.CloseInfo;
import io.nettrace.CloseReason;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionListener;
import io.nettrace.Hook;
import io.nettrace.PoolInfo;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ConnectionRecordTests {

	private static final CloseInfo PEER = CloseInfo.of(CloseReason.PEER);

	private final List<String> told = Collections.synchronizedList(new ArrayList<>());

	private final Map<String, Runnable> meanwhile = new ConcurrentHashMap<>();

	private final ConnectionRecord record = new NetTracing(List::of, () -> List.of(new Listener()),
			EnumSet.noneOf(Hook.class))
		.connection(new PoolInfo("test", "localhost", 80, -1), null, null);

	@Test
	void closedBeforeItIsOpen() {
		this.record.close(PEER);
		this.record.opened();
		assertThat(this.record.acquire("1.1", false)).isNull();
		this.record.release();
		assertThat(this.told).isEmpty();
	}

	@Test
	void openWhenAnExchangeGetsIt() {
		this.record.acquire("1.1", false);
		this.record.opened();
		assertThat(this.told).containsExactly("opened", "acquired 1");
	}

	@Test
	void keptBeforeItsFirstExchange() {
		this.record.opened();
		this.record.keep();
		assertThat(this.record.acquire("1.1", false))
			.extracting(ConnectionInfo::reused, ConnectionInfo::wasIdle, ConnectionInfo::requests)
			.containsExactly(true, true, 1);
	}

	@Test
	void closedWithItsExchanges() {
		this.record.opened();
		this.record.acquire("2", false);
		this.record.acquire("2", false);
		this.record.close(PEER);
		this.record.release();
		this.record.release();
		this.record.close(CloseInfo.of(CloseReason.UNKNOWN));
		assertThat(this.told).containsExactly("opened", "acquired 1", "acquired 2", "released 1", "released 0",
				"closed PEER");
	}

	/**
	 * No thread waits for another one's listener.
	 */
	@Test
	void closedByAnotherThreadWhileItIsToldToBeOpen() {
		whenTold("opened", () -> this.record.close(PEER));
		this.record.opened();
		assertThat(this.record.acquire("1.1", false)).isNull();
		assertThat(this.told).containsExactly("opened", "closed PEER");
	}

	@Test
	void closedByAnotherThreadWhileItIsToldToBeAcquired() {
		whenTold("acquired 1", () -> this.record.close(PEER));
		assertThat(this.record.acquire("1.1", false)).isNotNull();
		this.record.release();
		assertThat(this.told).containsExactly("opened", "acquired 1", "released 0", "closed PEER");
	}

	@Test
	void closedByAnotherThreadWhileItIsToldToBeReleased() {
		whenTold("released 0", () -> this.record.close(PEER));
		this.record.acquire("1.1", false);
		this.record.release();
		assertThat(this.told).containsExactly("opened", "acquired 1", "released 0", "closed PEER");
	}

	@Test
	void acquiredByAnotherThreadWhileItIsToldToBeReleased() {
		this.record.acquire("1.1", false);
		whenTold("released 0", () -> {
			this.record.acquire("1.1", false);
			this.record.close(PEER);
		});
		this.record.release();
		assertThat(this.told).containsExactly("opened", "acquired 1", "released 0", "acquired 1", "released 0",
				"closed PEER");
	}

	/**
	 * Let another thread do something while the listener is being told, and wait until it
	 * has.
	 */
	private void whenTold(String event, Runnable action) {
		this.meanwhile.put(event, () -> {
			Thread thread = new Thread(action);
			thread.start();
			try {
				thread.join();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		});
	}

	private final class Listener implements ConnectionListener {

		private void tell(String event) {
			Runnable action = ConnectionRecordTests.this.meanwhile.remove(event);
			if (action != null) {
				action.run();
			}
			ConnectionRecordTests.this.told.add(event);
		}

		@Override
		public void opened(ConnectionInfo connection) {
			tell("opened");
		}

		@Override
		public void acquired(ConnectionInfo connection) {
			tell("acquired " + connection.activeRequests());
		}

		@Override
		public void released(ConnectionInfo connection) {
			tell("released " + connection.activeRequests());
		}

		@Override
		public void closed(ConnectionInfo connection, CloseInfo close) {
			tell("closed " + close.reason());
		}

	}

}
