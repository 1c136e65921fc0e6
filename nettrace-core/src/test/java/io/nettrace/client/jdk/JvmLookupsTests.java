package io.nettrace.client.jdk;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.RequestInfo;
import io.nettrace.instrument.NetTracing;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class JvmLookupsTests {

	private final List<Application> applications = List.of(new Application(0), new Application(1), new Application(2));

	private final List<Integer> seenBy = new ArrayList<>();

	@AfterEach
	void stop() {
		this.applications.forEach((application) -> JvmLookups.stopTracingWith(application.netTrace));
	}

	static Stream<List<Integer>> orders() {
		return Stream.of(List.of(0, 1, 2), List.of(0, 2, 1), List.of(1, 0, 2), List.of(1, 2, 0), List.of(2, 0, 1),
				List.of(2, 1, 0));
	}

	/**
	 * The applications start as 0, 1, 2.
	 */
	@ParameterizedTest
	@MethodSource("orders")
	void lookupsGoToTheLastApplicationThatIsReadyAndHasNotEnded(List<Integer> ending) throws Exception {
		List<Integer> running = new ArrayList<>();
		for (Application application : this.applications) {
			JvmLookups.traceWith(application.netTrace);
			running.add(application.number);
			assertThat(lookup()).isEqualTo(application.number);
		}
		for (int number : ending) {
			JvmLookups.stopTracingWith(this.applications.get(number).netTrace);
			running.remove((Object) number);
			assertThat(lookup()).isEqualTo(running.isEmpty() ? null : running.get(running.size() - 1));
		}
	}

	/**
	 * As devtools does: the new one is ready after the old one has ended.
	 */
	@Test
	void lookupsGoToAnApplicationThatStartsAgain() throws Exception {
		NetTraceJdk first = this.applications.get(0).netTrace;
		NetTraceJdk second = this.applications.get(1).netTrace;
		JvmLookups.traceWith(first);
		JvmLookups.stopTracingWith(first);
		JvmLookups.stopTracingWith(first);
		JvmLookups.traceWith(second);
		JvmLookups.stopTracingWith(first);
		assertThat(lookup()).isEqualTo(1);
	}

	@Test
	void leavesNothingOnAThreadWhoseLookupFails() {
		JvmLookups.traceWith(this.applications.get(0).netTrace);
		assertThatExceptionOfType(StackOverflowError.class).isThrownBy(() -> JvmLookups.resolve("a.test", () -> {
			assertThat(NetTraceContext.current()).isSameAs(NetTraceContext.silent());
			throw new StackOverflowError();
		}));
		assertThat(NetTraceContext.current()).isSameAs(NetTraceContext.empty());
		assertThat(this.applications.get(0).errors).singleElement().isInstanceOf(StackOverflowError.class);
	}

	/**
	 * Look up, and say who saw it.
	 */
	private @Nullable Integer lookup() throws UnknownHostException {
		this.seenBy.clear();
		assertThat(JvmLookups.resolve("a.test", () -> List.of(InetAddress.getLoopbackAddress()))).hasSize(1);
		return this.seenBy.isEmpty() ? null : this.seenBy.get(0);
	}

	private final class Application implements NetTrace, NetTrace.Factory {

		private final int number;

		private final List<@Nullable Throwable> errors = new ArrayList<>();

		private final NetTraceJdk netTrace = new NetTraceJdk(new NetTracing(this));

		Application(int number) {
			this.number = number;
		}

		@Override
		public NetTrace create(RequestInfo request) {
			return this;
		}

		@Override
		public boolean hasParent() {
			return true;
		}

		@Override
		public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
			JvmLookupsTests.this.seenBy.add(this.number);
			this.errors.add(error);
		}

	}

}
