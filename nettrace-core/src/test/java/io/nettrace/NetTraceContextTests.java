package io.nettrace;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

import io.micrometer.context.ContextExecutorService;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import io.nettrace.instrument.NetTracing;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

/**
 * The traces and the alternate resolver of a thread, by Go's rules for its context.
 */
class NetTraceContextTests {

	private static final ContextSnapshotFactory SNAPSHOTS = ContextSnapshotFactory.builder().build();

	private final TraceRecorder older = new TraceRecorder();

	private final TraceRecorder newer = new TraceRecorder();

	private final Resolver resolver = (network, host) -> List.of(InetAddress.getLoopbackAddress());

	@AfterEach
	void nothingIsBound() {
		assertThat(NetTraceContext.current()).isSameAs(NetTraceContext.empty());
		assertThat(NetTraceContext.bound()).isNull();
	}

	@Test
	void scopesNest() {
		NetTraceContext outer = NetTraceContext.current().withTrace(this.older);
		NetTraceContext.Scope outerScope = outer.open();
		NetTraceContext.Scope innerScope = NetTraceContext.current().withTrace(this.newer).open();
		assertThat(NetTraceContext.current().traces()).containsExactly(this.newer, this.older);
		innerScope.close();
		assertThat(NetTraceContext.current()).isSameAs(outer);
		NetTraceContext.Scope hiding = NetTraceContext.empty().open();
		assertThat(NetTraceContext.current().traces()).isEmpty();
		hiding.close();
		assertThat(NetTraceContext.current()).isSameAs(outer);
		outerScope.close();
	}

	@Test
	void scopesMayBeClosedInAnyOrder() {
		NetTraceContext first = NetTraceContext.empty().withTrace(this.older);
		NetTraceContext third = NetTraceContext.empty().withTrace(this.newer);
		NetTraceContext.Scope outer = first.open();
		NetTraceContext.Scope middle = NetTraceContext.empty().open();
		NetTraceContext.Scope inner = third.open();
		outer.close();
		assertThat(NetTraceContext.current()).isSameAs(third);
		middle.close();
		assertThat(NetTraceContext.current()).isSameAs(third);
		inner.close();
		assertThat(NetTraceContext.bound()).isNull();
	}

	@Test
	void scopeThatIsClosedTooEarlyIsNotBoundAgain() {
		NetTraceContext first = NetTraceContext.empty().withTrace(this.older);
		NetTraceContext second = NetTraceContext.empty().withTrace(this.newer);
		NetTraceContext.Scope outermost = first.open();
		NetTraceContext.Scope outer = second.open();
		NetTraceContext.Scope inner = NetTraceContext.empty().open();
		outer.close();
		inner.close();
		assertThat(NetTraceContext.current()).isSameAs(first);
		outermost.close();
	}

	@Test
	void snapshotRestoresNoScopeThatWasClosedInTheMeantime() {
		NetTraceContext.Scope outer = NetTraceContext.empty().withTrace(this.older).open();
		ContextSnapshot.Scope restored = snapshotOf(NetTraceContext.empty().withTrace(this.newer)).setThreadLocals();
		outer.close();
		restored.close();
		assertThat(NetTraceContext.bound()).isNull();
	}

	@Test
	void snapshotRestoresTheScopeAroundIt() {
		NetTraceContext bound = NetTraceContext.empty().withTrace(this.older);
		NetTraceContext.Scope outer = bound.open();
		ContextSnapshot snapshot = snapshotOf(NetTraceContext.empty().withTrace(this.newer));
		ContextSnapshot.Scope restored = snapshot.setThreadLocals();
		ContextSnapshot.Scope again = snapshotOf(NetTraceContext.empty()).setThreadLocals();
		assertThat(NetTraceContext.current()).isSameAs(NetTraceContext.empty());
		again.close();
		assertThat(NetTraceContext.current().traces()).containsExactly(this.newer);
		restored.close();
		assertThat(NetTraceContext.current()).isSameAs(bound);
		outer.close();
	}

	/**
	 * As an executor does that sets and never restores: the last value stays, no more.
	 */
	@Test
	void bindingWithoutAScopeReplacesTheOneBefore() {
		NetTraceContextAccessor accessor = new NetTraceContextAccessor();
		accessor.setValue(NetTraceContext.empty().withTrace(this.older));
		accessor.setValue(NetTraceContext.empty().withTrace(this.newer));
		assertThat(NetTraceContext.current().traces()).containsExactly(this.newer);
		accessor.restore();
		assertThat(NetTraceContext.bound()).isNull();
	}

	@Test
	void accessorThatSetsNothingHidesTheScopeUntilItRestores() {
		NetTraceContextAccessor accessor = new NetTraceContextAccessor();
		NetTraceContext bound = NetTraceContext.empty().withTrace(this.older);
		NetTraceContext.Scope scope = bound.open();
		accessor.setValue();
		assertThat(accessor.getValue()).isNull();
		accessor.restore(bound);
		assertThat(accessor.getValue()).isSameAs(bound);
		scope.close();
	}

	@Test
	void hookThatLeavesItsScopeOpenLeavesNothingBound() {
		NetTrace leaving = new NetTrace() {

			@Override
			@SuppressWarnings("MustBeClosedChecker")
			public void dnsStart(String host) {
				NetTraceContext.empty().withTrace(NetTraceContextTests.this.newer).open();
			}

		};
		NetTraceContext.Scope scope = NetTraceContext.empty().withTrace(leaving).open();
		NetTrace trace = new NetTracing().blockingDial("jetty", null, -1);
		scope.close();
		trace.dnsStart("a.test");
		assertThat(NetTraceContext.bound()).isNull();
	}

	private static ContextSnapshot snapshotOf(NetTraceContext context) {
		NetTraceContext.Scope scope = context.open();
		try {
			return SNAPSHOTS.captureAll();
		}
		finally {
			scope.close();
		}
	}

	@Test
	void newestTraceIsCalledFirstForStartAndDoneAlike() {
		List<String> calls = new ArrayList<>();
		NetTraceContext.Scope scope = NetTraceContext.empty()
			.withTrace(named("oldest", calls))
			.withTrace(named("middle", calls))
			.withTrace(named("newest", calls))
			.open();
		NetTrace trace = new NetTracing().blockingDial("jetty", null, -1);
		scope.close();
		trace.dnsStart("a.test");
		trace.dnsDone(List.of(), false, null);
		assertThat(calls).containsExactly("newest start", "middle start", "oldest start", "newest done", "middle done",
				"oldest done");
	}

	private static NetTrace named(String name, List<String> calls) {
		return new NetTrace() {

			@Override
			public void dnsStart(String host) {
				calls.add(name + " start");
			}

			@Override
			public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
				calls.add(name + " done");
			}

		};
	}

	@Test
	void addingChangesNothingThatIsThereAndDoublesNothing() {
		NetTraceContext one = NetTraceContext.empty().withTrace(this.older);
		NetTraceContext two = one.withTrace(this.newer);
		assertThat(one.traces()).containsExactly(this.older);
		assertThat(two.withTrace(this.older)).isSameAs(two);
		assertThat(two.withTrace(NetTrace.NONE)).isSameAs(two);
		assertThat(two.traces()).isUnmodifiable();
		NetTraceContext.Scope scope = two.open();
		NetTrace first = new NetTracing().blockingDial("jetty", null, -1);
		NetTrace second = new NetTracing().blockingDial("jetty", null, -1);
		scope.close();
		first.dnsStart("a.test");
		first.dnsDone(List.of(), false, null);
		second.dnsStart("b.test");
		second.dnsDone(List.of(), false, null);
		assertThat(this.older.events()).containsExactly("dnsStart a.test", "dnsDone []", "dnsStart b.test",
				"dnsDone []");
	}

	@Test
	void resolverReplacesAnotherAndLeavesTheTraces() {
		Resolver other = (network, host) -> List.of();
		NetTraceContext context = NetTraceContext.empty().withTrace(this.older).withResolver(other);
		assertThat(context.withResolver(this.resolver).resolver()).isSameAs(this.resolver);
		assertThat(context.withResolver(this.resolver).traces()).containsExactly(this.older);
		assertThat(context.resolver()).isSameAs(other);
	}

	@Test
	void silentContextStaysSilentWhateverIsAdded() {
		NetTraceContext.Scope scope = NetTraceContext.silent().withTrace(this.older).open();
		assertThat(NetTraceContext.current().isSilent()).isTrue();
		assertThat(new NetTracing((client) -> this.newer).blockingDial("jetty", null, -1)).isSameAs(NetTrace.NONE);
		scope.close();
		assertThat(NetTraceContext.current().isSilent()).isFalse();
	}

	@Test
	void scopeIsClosedOnceAndByItsThread() throws Exception {
		NetTraceContext.Scope outer = NetTraceContext.empty().withTrace(this.older).open();
		NetTraceContext.Scope inner = NetTraceContext.empty().withTrace(this.newer).open();
		inner.close();
		inner.close();
		assertThat(NetTraceContext.current().traces()).containsExactly(this.older);
		Thread thread = new Thread(() -> assertThatIllegalStateException().isThrownBy(outer::close)
			.withMessageContaining("by the thread"));
		CompletableFuture<Throwable> failure = new CompletableFuture<>();
		thread.setUncaughtExceptionHandler((dead, ex) -> failure.complete(ex));
		thread.start();
		thread.join();
		assertThat(failure).isNotDone();
		outer.close();
	}

	@Test
	void nullIsRefused() {
		assertThatNullPointerException().isThrownBy(() -> NetTraceContext.empty().withTrace(nothing()))
			.withMessageContaining("'trace'");
		assertThatNullPointerException().isThrownBy(() -> NetTraceContext.empty().withResolver(nothing()))
			.withMessageContaining("'resolver'");
	}

	@SuppressWarnings({ "NullAway", "TypeParameterUnusedInFormals" })
	private static <T> T nothing() {
		return null;
	}

	@Test
	void accessorIsRegistered() {
		assertThat(ContextRegistry.getInstance().getThreadLocalAccessors())
			.anySatisfy((accessor) -> assertThat(accessor).isInstanceOf(NetTraceContextAccessor.class));
	}

	@ParameterizedTest
	@MethodSource("io.nettrace.concurrent.TestThreads#kinds")
	void snapshotCarriesTheContextToAnotherThread(ThreadFactory threads) throws Exception {
		ExecutorService executor = Executors.newSingleThreadExecutor(threads);
		NetTraceContext context = NetTraceContext.empty().withTrace(this.older).withResolver(this.resolver);
		NetTraceContext.Scope scope = context.open();
		try {
			ExecutorService wrapped = ContextExecutorService.wrap(executor, SNAPSHOTS::captureAll);
			assertThat(wrapped.submit(NetTraceContext::current).get()).isSameAs(context);
			assertThat(executor.submit(NetTraceContext::current).get()).isSameAs(NetTraceContext.empty());
		}
		finally {
			scope.close();
			executor.shutdown();
		}
	}

	@Test
	void snapshotWithoutContextHidesThatOfTheOtherThreadIfAsked() {
		ContextSnapshotFactory clearing = ContextSnapshotFactory.builder().clearMissing(true).build();
		ContextSnapshot none = clearing.captureAll();
		NetTraceContext context = NetTraceContext.empty().withTrace(this.older);
		NetTraceContext.Scope scope = context.open();
		ContextSnapshot.Scope restored = none.setThreadLocals();
		assertThat(NetTraceContext.current()).isSameAs(NetTraceContext.empty());
		restored.close();
		assertThat(NetTraceContext.current()).isSameAs(context);
		scope.close();
	}

	@Test
	void reactorCarriesTheContextToItsThreads() {
		NetTraceContext context = NetTraceContext.empty().withTrace(this.older);
		NetTraceContext.Scope scope = context.open();
		try {
			List<Object> seen = Mono.just(Thread.currentThread())
				.publishOn(Schedulers.boundedElastic())
				.<List<Object>>handle((caller, sink) -> sink
					.next(List.of(NetTraceContext.current(), caller != Thread.currentThread())))
				.contextCapture()
				.block();
			assertThat(seen).containsExactly(context, true);
		}
		finally {
			scope.close();
		}
	}

}
