package io.nettrace;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

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
	void captureWhenNobodyListensIsNone() {
		assertThat(new NetTracing().capture("jetty")).isSameAs(NetTrace.NONE);
		assertThat(new NetTracing((client) -> NetTrace.NONE).capture("jetty")).isSameAs(NetTrace.NONE);
	}

	@Test
	void captureInASilentContextIsNone() {
		NetTracing tracing = new NetTracing((client) -> new Recorder("factory"));
		NetTraceContext.Scope scope = NetTraceContext.silent().open();
		try {
			assertThat(tracing.capture("jetty")).isSameAs(NetTrace.NONE);
		}
		finally {
			scope.close();
		}
		assertThat(tracing.capture("jetty")).isNotSameAs(NetTrace.NONE);
	}

	@Test
	void boundTracesComeFirstNewestFirstThenFactories() {
		NetTracing tracing = new NetTracing((client) -> new Recorder("factory of " + client));
		NetTraceContext.Scope scope = NetTraceContext.current()
			.withTrace(new Recorder("old"))
			.withTrace(new Recorder("new"))
			.open();
		try {
			NetTrace trace = tracing.capture("jetty");
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
	void hookThatThrowsIsLoggedOnceAClassAndHarmsNobody() {
		NetTracing tracing = new NetTracing((client) -> new Thrower(), (client) -> new Recorder("recorder"));
		for (int i = 0; i < 3; i++) {
			NetTrace trace = tracing.capture("jetty");
			trace.dnsStart("a.test");
			trace.dnsDone(List.of(), true, null);
			trace.connectStart("tcp", ADDRESS);
			trace.connectDone("tcp", ADDRESS, null);
		}
		assertThat(this.events).hasSize(12).contains("recorder connectDone tcp /127.0.0.1:80 null");
		assertThat(this.log.messages).singleElement().asString().contains(Thrower.class.getName());
	}

	@Test
	void factoryThatThrowsIsLoggedOnceAndHarmsNobody() {
		NetTracing tracing = new NetTracing((client) -> {
			throw new IllegalStateException("factory");
		}, (client) -> new Recorder("recorder"));
		tracing.capture("jetty").dnsStart("a.test");
		tracing.capture("jetty").dnsStart("b.test");
		assertThat(this.events).containsExactly("recorder dnsStart a.test", "recorder dnsStart b.test");
		assertThat(this.log.messages).hasSize(1);
	}

	@Test
	void hooksSwitchedOffAreNotCalled() {
		List<NetTrace.Factory> factories = List.of((client) -> new Recorder("r"));
		call(new NetTracing(() -> factories, false, true).capture("jetty"));
		assertThat(this.events).containsExactly("r connectStart tcp /127.0.0.1:80",
				"r connectDone tcp /127.0.0.1:80 null");
		this.events.clear();
		call(new NetTracing(() -> factories, true, false).capture("jetty"));
		assertThat(this.events).containsExactly("r dnsStart a.test", "r dnsDone [] false null");
	}

	private static void call(NetTrace trace) {
		trace.dnsStart("a.test");
		trace.dnsDone(List.of(), false, null);
		trace.connectStart("tcp", ADDRESS);
		trace.connectDone("tcp", ADDRESS, null);
	}

	@Test
	void factoriesAreAskedForOnlyWhenTheFirstOperationStarts() {
		AtomicInteger asked = new AtomicInteger();
		NetTracing tracing = new NetTracing(() -> {
			asked.incrementAndGet();
			return List.of();
		}, true, true);
		assertThat(asked).hasValue(0);
		tracing.capture("jetty");
		tracing.capture("jetty");
		assertThat(asked).hasValue(1);
	}

	@Test
	void factoriesThatCannotBeMadeHarmNobodyAndAreAskedForAgain() {
		AtomicInteger asked = new AtomicInteger();
		NetTracing tracing = new NetTracing(() -> {
			if (asked.incrementAndGet() < 3) {
				throw new IllegalStateException("a bean that cannot be created");
			}
			return List.of((client) -> new Recorder("late"));
		}, true, true);
		assertThat(tracing.capture("jetty")).isSameAs(NetTrace.NONE);
		assertThat(tracing.capture("jetty")).isSameAs(NetTrace.NONE);
		assertThat(this.log.messages).hasSize(1);
		tracing.capture("jetty").dnsStart("a.test");
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

	private final class Recorder implements NetTrace {

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

		@Override
		public void dnsStart(String host) {
			throw new IllegalStateException("dnsStart");
		}

		@Override
		public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
			throw new IllegalStateException("dnsDone");
		}

		@Override
		public void connectStart(String network, SocketAddress address) {
			throw new IllegalStateException("connectStart");
		}

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			throw new AssertionError("connectDone");
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
