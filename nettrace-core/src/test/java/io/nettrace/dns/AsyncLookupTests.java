package io.nettrace.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.TraceRecorder;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.concurrent.VirtualEventLoop;
import io.nettrace.concurrent.VirtualTime;
import io.nettrace.instrument.NetTraceAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Lookups of callers that do not wait, alone and together with some that do.
 */
class AsyncLookupTests {

	private static final Question QUESTION = new Question("tcp", "a.test", 80);

	private static final AsyncCaller SHUT_DOWN = new AsyncCaller() {

		@Override
		public Runnable schedule(Runnable task, Duration delay) {
			throw new RejectedExecutionException("event loop terminated");
		}

		@Override
		public void execute(Runnable task) {
			throw new RejectedExecutionException("event loop terminated");
		}

	};

	private final VirtualTime time = VirtualTime.inOrder();

	private final LookupThreads threads = LookupThreads.of(this.time, 3, 9, 9);

	private LookupGroup group = new LookupGroup(LookupSettings.defaults(), this.threads, true, this.time);

	@AfterEach
	void nothingIsLeft() {
		assertThat(this.group.inFlight()).as("flights").isZero();
		assertThat(this.group.abandoned()).as("abandoned lookups").isZero();
	}

	@Test
	void answerIsDeliveredOnTheEventLoop() {
		Caller caller = new Caller(QUESTION);
		List<Thread> asking = new ArrayList<>();
		asking.add(this.time.at(0, () -> {
			caller.ask(answer(100, "10.0.0.1"));
			assertThat(caller.events).as("nothing is waited for").containsExactly();
		}));
		this.time.run();
		assertThat(caller.trace.events()).containsExactly("dnsStart a.test", "dnsDone [10.0.0.1]");
		assertThat(caller.events).containsExactly("100: [/10.0.0.1:80] null");
		assertThat(caller.addresses).extracting(NetTraceAddress::traceOf).containsExactly(caller.trace);
		assertThat(caller.deliveredBy).isNotIn(asking);
	}

	@Test
	void callersThatWaitAndThatDoNotShareOneLookup() {
		Caller first = new Caller(QUESTION);
		Caller second = new Caller(QUESTION);
		TraceRecorder blocking = new TraceRecorder();
		this.time.at(0, () -> first.ask(answer(100, "10.0.0.1")));
		this.time.at(10, () -> second.ask(answer(100, "10.0.0.2")));
		this.time.at(20, () -> resolve(blocking, (question) -> List.of(new InetSocketAddress("10.0.0.3", 80))));
		this.time.run();
		assertThat(List.of(first.trace, second.trace, blocking)).allSatisfy((trace) -> assertThat(trace.events())
			.containsExactly("dnsStart a.test", "dnsDone [10.0.0.1] coalesced"));
	}

	@Test
	void cancellationEndsTheOwnLookupAtOnce() {
		Caller first = new Caller(QUESTION);
		Caller second = new Caller(QUESTION);
		this.time.at(0, () -> first.ask(answer(100, "10.0.0.1")));
		this.time.at(10, () -> second.ask(answer(100, "10.0.0.2")));
		this.time.at(50, () -> {
			first.cancel.run();
			first.cancel.run();
		});
		this.time.at(200, () -> second.cancel.run());
		this.time.run();
		assertThat(first.trace.events()).containsExactly("dnsStart a.test", "dnsDone [] UnknownHostException");
		assertThat(first.trace.errors().get(0)).hasCauseInstanceOf(CancellationException.class);
		assertThat(first.events).singleElement().asString().startsWith("50: null ");
		assertThat(second.trace.events()).containsExactly("dnsStart a.test", "dnsDone [10.0.0.1] coalesced");
		assertThat(second.events).hasSize(1);
	}

	@Test
	void unsharedLookupThatIsCancelledIsForgotten() {
		Caller first = new Caller(QUESTION);
		Caller second = new Caller(QUESTION);
		this.time.at(0, () -> first.ask(answer(100, "10.0.0.1")));
		this.time.at(50, () -> first.cancel.run());
		this.time.at(60, () -> second.ask(answer(100, "10.0.0.2")));
		this.time.run();
		assertThat(second.events).containsExactly("160: [/10.0.0.2:80] null");
		assertThat(second.trace.events()).containsExactly("dnsStart a.test", "dnsDone [10.0.0.2]");
	}

	@Test
	void timeoutEndsTheOwnLookup() {
		this.group = new LookupGroup(LookupSettings.defaults().withTimeout(Duration.ofMillis(80)), this.threads, true,
				this.time);
		Caller first = new Caller(QUESTION);
		Caller second = new Caller(QUESTION);
		this.time.at(0, () -> first.ask(answer(100, "10.0.0.1")));
		this.time.at(50, () -> second.ask(answer(100, "10.0.0.2")));
		this.time.run();
		assertThat(first.events).singleElement().asString().startsWith("80: null ");
		assertThat(first.trace.errors().get(0)).hasCauseInstanceOf(TimeoutException.class);
		assertThat(second.events).containsExactly("100: [/10.0.0.1:80] null");
		assertThat(this.time.millis()).as("the second caller's timer has been stopped").isEqualTo(100);
	}

	@Test
	void timeoutHoldsAlsoIfItIsOverBeforeTheResolverIsAsked() {
		this.group = new LookupGroup(LookupSettings.defaults().withTimeout(Duration.ofMillis(1)), this.threads, true,
				this.time);
		List<Runnable> delivered = new ArrayList<>();
		AsyncCaller timesOutAtOnce = new AsyncCaller() {

			@Override
			public Runnable schedule(Runnable task, Duration delay) {
				task.run();
				return () -> {
				};
			}

			@Override
			public void execute(Runnable task) {
				delivered.add(task);
			}

		};
		TraceRecorder trace = new TraceRecorder();
		List<Throwable> failures = new ArrayList<>();
		this.group.resolve(NetTraceContext.empty(), trace, QUESTION, (whenDone) -> {
		}, timesOutAtOnce, (addresses, error) -> failures.add(error));
		assertThat(delivered).hasSize(1);
		delivered.get(0).run();
		assertThat(trace.events()).containsExactly("dnsStart a.test", "dnsDone [] UnknownHostException");
		assertThat(failures).singleElement()
			.satisfies((ex) -> assertThat(ex).hasCauseInstanceOf(TimeoutException.class));
	}

	@Test
	void eventLoopThatHasShutDownLosesNoAnswer() {
		Caller first = new Caller(QUESTION, SHUT_DOWN);
		Caller second = new Caller(QUESTION);
		this.time.at(0, () -> first.ask(answer(100, "10.0.0.1")));
		this.time.at(10, () -> second.ask(answer(100, "10.0.0.2")));
		this.time.run();
		assertThat(first.events).containsExactly("100: [/10.0.0.1:80] null");
		assertThat(second.events).containsExactly("100: [/10.0.0.1:80] null");
		assertThat(first.trace.events()).hasSize(2);
	}

	@Test
	void eventLoopThatHasShutDownCannotKeepATimeout() {
		this.group = new LookupGroup(LookupSettings.defaults().withTimeout(Duration.ofMillis(80)), this.threads, true,
				this.time);
		Caller caller = new Caller(QUESTION, SHUT_DOWN);
		this.time.at(0, () -> caller.ask(answer(100, "10.0.0.1")));
		this.time.run();
		assertThat(caller.trace.events()).containsExactly("dnsStart a.test", "dnsDone [] UnknownHostException");
		assertThat(caller.events).hasSize(1);
	}

	@Test
	void errorsAreThoseOfABlockingCall() {
		Caller plain = new Caller(QUESTION);
		IOException failure = new IOException("plain");
		this.time.at(0, () -> plain.ask((whenDone) -> whenDone.accept(null, failure)));
		Caller thrown = new Caller(new Question("tcp", "b.test", 80));
		IllegalStateException ownFault = new IllegalStateException("thrown");
		this.time.at(0, () -> thrown.ask((whenDone) -> {
			throw ownFault;
		}));
		this.time.run();
		assertThat(plain.trace.errors().get(0)).isInstanceOf(UnknownHostException.class)
			.hasMessage("a.test: plain")
			.hasCause(failure);
		assertThat(plain.failure).isSameAs(failure);
		assertThat(thrown.trace.errors()).containsExactly(ownFault);
	}

	@Test
	void interruptionOfAThreadThatAsksForAnAsynchronousCallerIsNotItsOwn() {
		TraceRecorder blocking = new TraceRecorder();
		Caller caller = new Caller(QUESTION);
		Thread thread = this.time.at(0, () -> resolve(blocking, (question) -> {
			try {
				this.time.mailbox().poll(this.time.deadlineIn(Duration.ofMillis(100)));
				return List.of();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				throw new IOException("interrupted");
			}
		}));
		this.time.at(10, () -> caller.ask(answer(100, "10.0.0.2")));
		this.time.at(50, () -> this.time.interrupt(thread));
		this.time.run();
		assertThat(blocking.events()).containsExactly("dnsStart a.test", "dnsDone [] UnknownHostException");
		assertThat(caller.events).containsExactly("150: [/10.0.0.2:80] null");
		assertThat(caller.trace.events()).containsExactly("dnsStart a.test", "dnsDone [10.0.0.2]");
	}

	@Test
	void alternateResolverRunsOnALookupThread() {
		Caller caller = new Caller(QUESTION);
		List<Thread> asking = new ArrayList<>();
		List<Thread> resolving = new ArrayList<>();
		asking.add(this.time.at(0, () -> {
			NetTraceContext.Scope scope = NetTraceContext.current().withResolver((network, host) -> {
				resolving.add(Thread.currentThread());
				return List.of(new InetSocketAddress("10.0.0.7", 0).getAddress());
			}).open();
			caller.ask((whenDone) -> {
				AlternateResolver alternate = AlternateResolver.current();
				whenDone.accept((alternate != null) ? alternate.resolve(QUESTION) : List.of(), null);
			});
			scope.close();
		}));
		this.time.run();
		assertThat(caller.events).containsExactly("0: [/10.0.0.7:80] null");
		assertThat(resolving).hasSize(1).doesNotContainAnyElementsOf(asking);
	}

	@Test
	void answersOfAnAlternateResolverAreForItsCallerAlone() {
		Caller without = new Caller(QUESTION);
		Caller with = new Caller(QUESTION);
		this.time.at(0, () -> without.ask(answer(100, "10.0.0.1")));
		this.time.at(10, () -> {
			NetTraceContext.Scope scope = NetTraceContext.current()
				.withResolver((network, host) -> List.of(new InetSocketAddress("10.0.0.7", 0).getAddress()))
				.open();
			with.ask((whenDone) -> whenDone
				.accept(Objects.requireNonNull(AlternateResolver.current()).resolve(QUESTION), null));
			scope.close();
		});
		this.time.run();
		assertThat(without.events).containsExactly("100: [/10.0.0.1:80] null");
		assertThat(with.events).containsExactly("10: [/10.0.0.7:80] null");
	}

	@Test
	void lookupForWhichNoThreadCanBeStartedFailsAndNamesTheHost() {
		this.group = new LookupGroup(LookupSettings.defaults(), LookupThreads.of((task) -> {
			throw new OutOfMemoryError("unable to create native thread");
		}, 3, 9, 9), true, this.time);
		Caller caller = new Caller(QUESTION);
		this.time.at(0, () -> {
			NetTraceContext.Scope scope = NetTraceContext.current().withResolver((network, host) -> List.of()).open();
			caller.ask(answer(100, "10.0.0.1"));
			scope.close();
		});
		this.time.run();
		assertThat(caller.failure).isInstanceOf(UnknownHostException.class)
			.hasMessage("a.test: no thread could be started for the lookup")
			.hasCauseInstanceOf(OutOfMemoryError.class);
		assertThat(caller.trace.events()).containsExactly("dnsStart a.test", "dnsDone [] UnknownHostException");
	}

	@Test
	void listThatChangesWhileItIsReadCostsNoDone() {
		Caller caller = new Caller(QUESTION);
		ConcurrentModificationException changed = new ConcurrentModificationException();
		this.time.at(0, () -> caller.ask((whenDone) -> whenDone.accept(new AbstractList<>() {

			@Override
			public InetSocketAddress get(int index) {
				throw changed;
			}

			@Override
			public int size() {
				return 1;
			}

		}, null)));
		this.time.run();
		assertThat(caller.failure).isSameAs(changed);
		assertThat(caller.trace.events()).containsExactly("dnsStart a.test",
				"dnsDone [] ConcurrentModificationException");
	}

	@Test
	void failureOfASharedLookupIsAnExceptionOfEachCallersOwn() {
		Caller first = new Caller(QUESTION);
		Caller second = new Caller(QUESTION);
		UnknownHostException failure = new UnknownHostException("a.test");
		this.time.at(0, () -> first.ask((whenDone) -> this.time.at(100, () -> whenDone.accept(null, failure))));
		this.time.at(50, () -> second.ask(answer(100, "10.0.0.2")));
		this.time.run();
		assertThat(first.failure).isSameAs(failure);
		assertThat(second.failure).isNotSameAs(failure)
			.isExactlyInstanceOf(UnknownHostException.class)
			.hasMessage("a.test");
		assertThat(second.trace.errors()).containsExactly(second.failure);
	}

	@Test
	void addressIsPassedOnWithoutHooks() {
		Caller caller = new Caller(new Question("tcp", "127.0.0.1", 80));
		this.time.at(0, () -> caller.ask(answer(0, "127.0.0.1")));
		this.time.run();
		assertThat(caller.trace.events()).isEmpty();
		assertThat(caller.events).containsExactly("0: [/127.0.0.1:80] null");
		assertThat(caller.addresses).extracting(NetTraceAddress::traceOf).containsExactly(caller.trace);
	}

	private void resolve(NetTrace trace, Lookup lookup) {
		try {
			this.group.resolve(trace, QUESTION, lookup);
		}
		catch (IOException ignored) {
			// The trace has it
		}
	}

	private Lookup.Async answer(long millis, String literal) {
		return (whenDone) -> this.time.at(this.time.millis() + millis,
				() -> whenDone.accept(List.of(new InetSocketAddress(literal, 80)), null));
	}

	private final class Caller {

		private final Question question;

		private final AsyncCaller eventLoop;

		private final TraceRecorder trace = new TraceRecorder();

		private final List<String> events = new ArrayList<>();

		private List<InetSocketAddress> addresses = List.of();

		private @Nullable Throwable failure;

		private @Nullable Thread deliveredBy;

		private Runnable cancel = () -> {
		};

		Caller(Question question) {
			this(question, new VirtualEventLoop(AsyncLookupTests.this.time));
		}

		Caller(Question question, AsyncCaller eventLoop) {
			this.question = question;
			this.eventLoop = eventLoop;
		}

		void ask(Lookup.Async lookup) {
			BiConsumer<@Nullable List<InetSocketAddress>, @Nullable Throwable> whenDone = (addresses, error) -> {
				this.events.add(AsyncLookupTests.this.time.millis() + ": " + addresses + " " + error);
				this.addresses = (addresses != null) ? addresses : List.of();
				this.failure = error;
				this.deliveredBy = Thread.currentThread();
			};
			this.cancel = AsyncLookupTests.this.group.resolve(NetTraceContext.current(), this.trace, this.question,
					lookup, this.eventLoop, whenDone);
		}

	}

}
