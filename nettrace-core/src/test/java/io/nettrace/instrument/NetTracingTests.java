package io.nettrace.instrument;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class NetTracingTests {

	private static final InetSocketAddress ADDRESS = new InetSocketAddress("127.0.0.1", 80);

	private final List<String> events = new ArrayList<>();

	private final Logger logger = Logger.getLogger(NetTracing.class.getName());

	private final LogCollector log = new LogCollector();

	@BeforeEach
	void collectLog() {
		this.logger.setUseParentHandlers(false);
		this.logger.addHandler(this.log);
	}

	@AfterEach
	void releaseLog() {
		this.logger.removeHandler(this.log);
		this.logger.setUseParentHandlers(true);
	}

	@Test
	void requestThatNothingListensToIsNone() {
		assertThat(new NetTracing().blockingRequest("jetty", null, -1).dial()).isSameAs(NetTrace.NONE);
		assertThat(new NetTracing((client) -> NetTrace.NONE).blockingRequest("jetty", null, -1).dial())
			.isSameAs(NetTrace.NONE);
	}

	@Test
	void requestInASilentContextIsNone() {
		NetTracing tracing = new NetTracing((client) -> new Recorder("factory"));
		NetTraceContext.Scope scope = NetTraceContext.silent().open();
		try {
			assertThat(tracing.blockingRequest("jetty", null, -1).dial()).isSameAs(NetTrace.NONE);
		}
		finally {
			scope.close();
		}
		assertThat(tracing.blockingRequest("jetty", null, -1).dial()).isNotSameAs(NetTrace.NONE);
	}

	@Test
	void boundTracesComeFirstNewestFirstThenFactories() {
		NetTracing tracing = new NetTracing((request) -> new Recorder("factory of " + request.client()));
		NetTraceContext.Scope scope = NetTraceContext.current()
			.withTrace(new Recorder("old"))
			.withTrace(new Recorder("new"))
			.open();
		try {
			NetTrace trace = tracing.blockingRequest("jetty", null, -1).dial();
			trace.dnsStart("a.test");
			trace.dnsDone(List.of(), false, null);
		}
		finally {
			scope.close();
		}
		assertThat(this.events).containsExactly("new dnsStart a.test", "old dnsStart a.test",
				"factory of jetty dnsStart a.test", "new dnsDone [] false null", "old dnsDone [] false null",
				"factory of jetty dnsDone [] false null");
	}

	@Test
	void hookThatThrowsIsLoggedOnceAClassAndHarmsNothing() {
		NetTracing tracing = new NetTracing((client) -> new Thrower(), (client) -> new Recorder("recorder"));
		for (int i = 0; i < 3; i++) {
			NetTrace trace = tracing.blockingRequest("jetty", null, -1).dial();
			trace.dnsStart("a.test");
			trace.dnsDone(List.of(), true, null);
			trace.connectStart("tcp", ADDRESS);
			trace.connectDone("tcp", ADDRESS, null);
		}
		assertThat(this.events).hasSize(12).contains("recorder connectDone tcp /127.0.0.1:80 null");
		assertThat(this.log.messages).singleElement().asString().contains(Thrower.class.getName());
	}

	@ParameterizedTest
	@ValueSource(classes = { StackOverflowError.class, NoClassDefFoundError.class, AssertionError.class })
	void errorsOfAHookChangeNothing(Class<? extends Error> type) throws ReflectiveOperationException {
		Error error = type.getConstructor().newInstance();
		NetTrace trace = new NetTracing((client) -> new Thrower(error), (client) -> new Recorder("recorder"))
			.blockingRequest("jetty", null, -1)
			.dial();
		call(trace);
		assertThat(this.events).hasSize(4);
	}

	@ParameterizedTest
	@ValueSource(classes = { OutOfMemoryError.class, InternalError.class, UnknownError.class })
	void errorsOfTheJvmArePassedOnOnceTheDoneHooksWereCalled(Class<? extends Error> type)
			throws ReflectiveOperationException {
		Error error = type.getConstructor().newInstance();
		NetTrace trace = new NetTracing((client) -> new Thrower(error), (client) -> new Recorder("recorder"))
			.blockingRequest("jetty", null, -1)
			.dial();
		trace.dnsStart("a.test");
		assertThatExceptionOfType(type).isThrownBy(() -> trace.dnsDone(List.of(), false, null))
			.satisfies((thrown) -> assertThat(thrown).isSameAs(error));
		assertThat(this.events).containsExactly("recorder dnsStart a.test", "recorder dnsDone [] false null");
		trace.connectStart("tcp", ADDRESS);
		assertThatExceptionOfType(type).isThrownBy(() -> trace.connectDone("tcp", ADDRESS, null))
			.satisfies((thrown) -> assertThat(thrown).isSameAs(error));
		assertThat(this.events).hasSize(4);
	}

	/**
	 * The other requests that the thread serves must not get it.
	 */
	@Test
	void errorsOfTheJvmOnASharedThreadGoToItsHandler() throws InterruptedException {
		OutOfMemoryError error = new OutOfMemoryError("hook");
		NetTracing tracing = new NetTracing((client) -> new Thrower(error), (client) -> new Recorder("recorder"));
		List<Throwable> uncaught = new ArrayList<>();
		Thread thread = new Thread(() -> call(tracing.request("jetty", null, -1).dial()));
		thread.setUncaughtExceptionHandler((failed, failure) -> uncaught.add(failure));
		thread.start();
		thread.join();
		assertThat(this.events).hasSize(4);
		assertThat(uncaught).hasSize(4).containsOnly(error);
	}

	@Test
	void interruptOfAHookStaysOnTheCallersThreadOnly() {
		NetTracing tracing = new NetTracing((client) -> new Recorder("recorder") {

			@Override
			public void dnsStart(String host) {
				Thread.currentThread().interrupt();
			}

		});
		tracing.blockingRequest("jetty", null, -1).dial().dnsStart("a.test");
		assertThat(Thread.interrupted()).as("the caller's thread").isTrue();
		tracing.request("jetty", null, -1).dial().dnsStart("a.test");
		assertThat(Thread.interrupted()).as("an event loop").isFalse();
		Thread.currentThread().interrupt();
		tracing.request("jetty", null, -1).dial().dnsStart("a.test");
		assertThat(Thread.interrupted()).as("interrupted before").isTrue();
	}

	@Test
	void whatAHookSendsFiresNoHooks() {
		AtomicInteger calls = new AtomicInteger();
		NetTracing[] tracing = { new NetTracing() };
		tracing[0] = new NetTracing((client) -> new Recorder("recorder") {

			@Override
			public void dnsStart(String host) {
				calls.incrementAndGet();
				tracing[0].blockingRequest("jetty", null, -1).dial().dnsStart("of-the-hook.test");
				tracing[0].request("jetty", null, -1).dial().dnsStart("of-the-hook.test");
			}

		});
		tracing[0].blockingRequest("jetty", null, -1).dial().dnsStart("a.test");
		assertThat(calls).hasValue(1);
		assertThat(NetTraceContext.current()).isSameAs(NetTraceContext.empty());
	}

	@Test
	void failuresAreCountedAndLoggedAgainLater() {
		AtomicLong now = new AtomicLong(Long.MAX_VALUE);
		HookFailures failures = new HookFailures(System.getLogger(NetTracing.class.getName()), now::get);
		Object hook = new Thrower();
		for (int i = 0; i < 5; i++) {
			failures.report(hook, new IllegalStateException("hook"));
		}
		assertThat(this.log.messages).hasSize(1);
		now.addAndGet(TimeUnit.MINUTES.toNanos(10));
		failures.report(hook, new IllegalStateException("hook"));
		failures.report("another", new IllegalStateException("hook"));
		assertThat(this.log.messages).hasSize(3);
		assertThat(this.log.messages.get(1)).contains(Thrower.class.getName()).contains("as 4 times since");
	}

	/**
	 * Nettrace's own trace has called what has thrown, through Micrometer.
	 */
	@Test
	void culpritIsTheCodeThatWasCalled() {
		IllegalStateException failure = new IllegalStateException("handler");
		failure.setStackTrace(new StackTraceElement[] { frame("java.util.Objects"), frame("com.example.MyHandler"),
				frame("io.micrometer.observation.SimpleObservation"), frame("io.nettrace.instrument.GuardedNetTrace"),
				frame("com.example.Caller") });
		new HookFailures(System.getLogger(NetTracing.class.getName())).report(new Thrower(), failure);
		assertThat(this.log.messages).singleElement().asString().contains("com.example.MyHandler");
	}

	private static StackTraceElement frame(String className) {
		return new StackTraceElement(className, "method", null, 1);
	}

	@Test
	void factoryThatThrowsIsLoggedOnceAndHarmsNothing() {
		NetTracing tracing = new NetTracing((client) -> {
			throw new IllegalStateException("factory");
		}, (client) -> new Recorder("recorder"));
		tracing.blockingRequest("jetty", null, -1).dial().dnsStart("a.test");
		tracing.blockingRequest("jetty", null, -1).dial().dnsStart("b.test");
		assertThat(this.events).containsExactly("recorder dnsStart a.test", "recorder dnsStart b.test");
		assertThat(this.log.messages).hasSize(1);
	}

	@Test
	void hooksSwitchedOffAreNotCalled() {
		List<NetTrace.Factory> factories = List.of((client) -> new Recorder("r"));
		call(new NetTracing(() -> factories, List::of, EnumSet.complementOf(EnumSet.of(Hook.DNS)))
			.blockingRequest("jetty", null, -1)
			.dial());
		assertThat(this.events).containsExactly("r connectStart tcp /127.0.0.1:80",
				"r connectDone tcp /127.0.0.1:80 null");
		this.events.clear();
		call(new NetTracing(() -> factories, List::of, EnumSet.of(Hook.DNS)).blockingRequest("jetty", null, -1).dial());
		assertThat(this.events).containsExactly("r dnsStart a.test", "r dnsDone [] false null");
	}

	private static void call(NetTrace trace) {
		trace.dnsStart("a.test");
		trace.dnsDone(List.of(), false, null);
		trace.connectStart("tcp", ADDRESS);
		trace.connectDone("tcp", ADDRESS, null);
	}

	@Test
	void factoriesAreAskedForOnlyWhenTheFirstRequestIsSent() {
		AtomicInteger asked = new AtomicInteger();
		NetTracing tracing = new NetTracing(() -> {
			asked.incrementAndGet();
			return List.of();
		}, List::of, EnumSet.allOf(Hook.class));
		assertThat(asked).hasValue(0);
		tracing.blockingRequest("jetty", null, -1).dial();
		tracing.blockingRequest("jetty", null, -1).dial();
		assertThat(asked).hasValue(1);
	}

	@Test
	void factoriesThatCannotBeMadeHarmNothingAndAreAskedForAgain() {
		AtomicInteger asked = new AtomicInteger();
		NetTracing tracing = new NetTracing(() -> {
			if (asked.incrementAndGet() < 3) {
				throw new IllegalStateException("a bean that cannot be created");
			}
			return List.of((client) -> new Recorder("late"));
		}, List::of, EnumSet.allOf(Hook.class));
		assertThat(tracing.blockingRequest("jetty", null, -1).dial()).isSameAs(NetTrace.NONE);
		assertThat(tracing.blockingRequest("jetty", null, -1).dial()).isSameAs(NetTrace.NONE);
		assertThat(this.log.messages).hasSize(1);
		tracing.blockingRequest("jetty", null, -1).dial().dnsStart("a.test");
		assertThat(this.events).containsExactly("late dnsStart a.test");
	}

	@Test
	void addressCarriesItsTraceAndIsOtherwiseOrdinary() {
		NetTrace trace = new Recorder("r");
		InetSocketAddress carrying = NetTraceAddress.carrying(ADDRESS, trace);
		assertThat(NetTraceAddress.traceOf(carrying)).isSameAs(trace);
		assertThat(carrying).isEqualTo(ADDRESS).hasSameHashCodeAs(ADDRESS).hasToString(ADDRESS.toString());
		assertThat(NetTraceAddress.traceOf(ADDRESS)).isNull();
		assertThat(NetTraceAddress.carrying(ADDRESS, NetTrace.NONE)).isSameAs(ADDRESS);
		InetSocketAddress unresolved = InetSocketAddress.createUnresolved("a.test", 80);
		assertThat(NetTraceAddress.carrying(unresolved, trace)).isSameAs(unresolved);
	}

	private class Recorder implements NetTrace {

		private final String name;

		Recorder(String name) {
			this.name = name;
		}

		@Override
		public void dnsStart(String host) {
			NetTracingTests.this.events.add(this.name + " dnsStart " + host);
		}

		@Override
		public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
			NetTracingTests.this.events.add(this.name + " dnsDone " + addresses + " " + coalesced + " " + error);
		}

		@Override
		public void connectStart(String network, SocketAddress address) {
			NetTracingTests.this.events.add(this.name + " connectStart " + network + " " + address);
		}

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			NetTracingTests.this.events.add(this.name + " connectDone " + network + " " + address + " " + error);
		}

	}

	private static final class Thrower implements NetTrace {

		private final Error error;

		Thrower() {
			this(new AssertionError("hook"));
		}

		Thrower(Error error) {
			this.error = error;
		}

		@Override
		public void dnsStart(String host) {
			throw this.error;
		}

		@Override
		public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
			throw this.error;
		}

		@Override
		public void connectStart(String network, SocketAddress address) {
			throw this.error;
		}

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			throw this.error;
		}

	}

	private static final class LogCollector extends Handler {

		private final List<String> messages = new ArrayList<>();

		@Override
		public void publish(LogRecord logRecord) {
			this.messages.add(logRecord.getMessage());
		}

		@Override
		public void flush() {
		}

		@Override
		public void close() {
		}

	}

}
