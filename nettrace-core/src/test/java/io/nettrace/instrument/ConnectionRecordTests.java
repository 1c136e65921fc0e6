package io.nettrace.instrument;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import io.nettrace.CloseInfo;
import io.nettrace.CloseReason;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionListener;
import io.nettrace.PoolInfo;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ConnectionRecordTests {

	private final List<String> told = new ArrayList<>();

	private final AtomicReference<@Nullable Runnable> whileOpening = new AtomicReference<>();

	private final ConnectionRecord record = new ConnectionRecord(new Listener(), () -> 0, 1,
			new PoolInfo("test", "localhost", 80, -1), null, null);

	/**
	 * As another thread may do, which reads the end of the connection.
	 */
	@Test
	void closedWhileItIsToldToBeOpen() {
		this.whileOpening.set(() -> {
			this.record.close(CloseInfo.of(CloseReason.PEER));
			this.record.close(CloseInfo.of(CloseReason.UNKNOWN));
		});
		this.record.opened();
		this.record.close(CloseInfo.of(CloseReason.UNKNOWN));
		assertThat(this.told).containsExactly("opened", "closed PEER");
	}

	@Test
	void closedBeforeItIsOpen() {
		this.record.close(CloseInfo.of(CloseReason.PEER));
		assertThat(this.told).isEmpty();
	}

	private final class Listener implements ConnectionListener {

		@Override
		public void opened(ConnectionInfo connection) {
			Runnable meanwhile = ConnectionRecordTests.this.whileOpening.get();
			if (meanwhile != null) {
				meanwhile.run();
			}
			ConnectionRecordTests.this.told.add("opened");
		}

		@Override
		public void closed(ConnectionInfo connection, CloseInfo close) {
			ConnectionRecordTests.this.told.add("closed " + close.reason());
		}

	}

}
