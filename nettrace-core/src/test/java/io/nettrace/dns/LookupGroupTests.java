package io.nettrace.dns;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.PartialAnswerException;
import io.nettrace.Resolver;
import io.nettrace.TraceRecorder;
import io.nettrace.concurrent.Clock;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.concurrent.VirtualTime;
import io.nettrace.instrument.NetTraceAddress;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Lookups of callers that wait. What Go does in each case is in the recordings; here are
 * the cases that Go does not have, and those that it cannot be recorded in.
 */
class LookupGroupTests {

	private static final Question QUESTION = new Question("tcp", "a.test", 80);

	private final VirtualTime time = VirtualTime.inOrder();

	private final LookupThreads threads = LookupThreads.of(this.time, 3, 9, 9);

	private final AtomicInteger asked = new AtomicInteger();

	private LookupGroup group = group(LookupSettings.defaults());

	private LookupGroup group(LookupSettings settings) {
		return new LookupGroup(settings, this.threads, true, this.time);
	}

	@AfterEach
	void nothingIsLeft() {
		assertThat(this.group.inFlight()).as("flights").isZero();
		assertThat(this.group.abandoned()).as("abandoned lookups").isZero();
	}

	@Test
	void lookupWithoutDeadlineRunsOnTheCallersThread() {
		Caller caller = new Caller(QUESTION);
		List<Thread> resolving = new ArrayList<>();
		Thread thread = this.time.at(0, () -> caller.ask((question) -> {
			resolving.add(Thread.currentThread());
			return answer(100, "10.0.0.1");
		}));
		this.time.run();
		assertThat(caller.trace.events()).containsExactly("dnsStart a.test", "dnsDone [10.0.0.1]");
		assertThat(caller.trace.threads()).containsExactly(thread);
		assertThat(resolving).containsExactly(thread);
		assertThat(this.time.threads()).isOne();
	}

	@Test
	void lookupWithTimeoutRunsOnAThreadOfItsOwnAndHooksOnTheCallers() {
		this.group = group(LookupSettings.defaults().withTimeout(Duration.ofSeconds(1)));
		Caller caller = new Caller(QUESTION);
		List<Thread> resolving = new ArrayList<>();
		Thread thread = this.time.at(0, () -> caller.ask((question) -> {
			resolving.add(Thread.currentThread());
			return answer(100, "10.0.0.1");
		}));
		this.time.run();
		assertThat(caller.trace.events()).containsExactly("dnsStart a.test", "dnsDone [10.0.0.1]");
		assertThat(caller.trace.threads()).containsExactly(thread);
		assertThat(resolving).doesNotContain(thread).hasSize(1);
	}

	@Test
	void answerCarriesTheTraceAndEachCallerHasItsOwnList() {
		Caller first = new Caller(QUESTION);
		Caller second = new Caller(QUESTION);
		this.time.at(0, () -> first.ask((question) -> answer(100, "10.0.0.1", "10.0.0.2")));
		this.time.at(50, () -> second.ask((question) -> answer(100, "10.0.0.3")));
		this.time.run();
		assertThat(this.asked).hasValue(1);
		assertThat(first.answer()).isEqualTo(second.answer()).isNotSameAs(second.answer());
		assertThat(first.answer()).extracting(NetTraceAddress::traceOf).containsOnly(first.trace);
		assertThat(second.answer()).extracting(NetTraceAddress::traceOf).containsOnly(second.trace);
		first.answer().clear();
		assertThat(second.answer()).hasSize(2);
	}

	@Test
	void portsAreTheCallersOwn() {
		Caller http = new Caller(new Question("tcp", "a.test", 80));
		Caller https = new Caller(new Question("tcp", "a.test", 443));
		this.time.at(0, () -> http.ask((question) -> answer(100, "10.0.0.1")));
		this.time.at(50, () -> https.ask((question) -> answer(100, "10.0.0.2")));
		this.time.run();
		assertThat(this.asked).hasValue(1);
		assertThat(http.answer()).containsExactly(new InetSocketAddress("10.0.0.1", 80));
		assertThat(https.answer()).containsExactly(new InetSocketAddress("10.0.0.1", 443));
		assertThat(https.trace.events()).containsExactly("dnsStart a.test", "dnsDone [10.0.0.1] coalesced");
	}

	@Test
	void resolverThatChoosesPortsIsAskedForEachPort() {
		Caller http = new Caller(new Question("tcp", "a.test", 80));
		Caller https = new Caller(new Question("tcp", "a.test", 443));
		this.time.at(0, () -> http.ask((question) -> {
			answer(100);
			return List.of(new InetSocketAddress("10.0.0.1", 8080));
		}));
		this.time.at(50, () -> https.ask((question) -> {
			answer(100);
			return List.of(new InetSocketAddress("10.0.0.1", 8443));
		}));
		this.time.run();
		assertThat(http.answer()).containsExactly(new InetSocketAddress("10.0.0.1", 8080));
		assertThat(https.answer()).containsExactly(new InetSocketAddress("10.0.0.1", 8443));
		assertThat(https.trace.events()).containsExactly("dnsStart a.test", "dnsDone [10.0.0.1]");
	}

	@Test
	void groupsDoNotShare() {
		LookupGroup filtered = group(LookupSettings.defaults());
		Caller free = new Caller(QUESTION);
		Caller guarded = new Caller(QUESTION);
		this.time.at(0, () -> free.ask((question) -> answer(100, "169.254.169.254", "10.0.0.1")));
		this.time.at(0, () -> guarded.ask(filtered, (question) -> {
			List<InetSocketAddress> allowed = new ArrayList<>(answer(100, "169.254.169.254", "10.0.0.1"));
			allowed.removeIf((address) -> address.getAddress().isLinkLocalAddress());
			return allowed;
		}));
		this.time.run();
		assertThat(this.asked).hasValue(2);
		assertThat(free.trace.events()).containsExactly("dnsStart a.test", "dnsDone [169.254.169.254, 10.0.0.1]");
		assertThat(guarded.trace.events()).containsExactly("dnsStart a.test", "dnsDone [10.0.0.1]");
	}

	@Test
	void withoutSingleFlightEveryCallerAsks() {
		this.group = group(LookupSettings.defaults().withSingleFlight(SingleFlightPolicy.NEVER));
		Caller first = new Caller(QUESTION);
		Caller second = new Caller(QUESTION);
		this.time.at(0, () -> first.ask((question) -> answer(100, "10.0.0.1")));
		this.time.at(50, () -> second.ask((question) -> answer(100, "10.0.0.2")));
		this.time.run();
		assertThat(this.asked).hasValue(2);
		assertThat(second.trace.events()).containsExactly("dnsStart a.test", "dnsDone [10.0.0.2]");
	}

	@ParameterizedTest
	@CsvSource({ "SYSTEM, true, true", "SYSTEM, false, false", "ALWAYS, true, true", "ALWAYS, false, true",
			"NEVER, true, false", "NEVER, false, false" })
	void policyAndResolverDecideWhatIsShared(SingleFlightPolicy policy, boolean systemResolver, boolean shares) {
		LookupSettings settings = LookupSettings.defaults().withSingleFlight(policy);
		LookupGroup group = new LookupGroup(settings, this.threads, systemResolver, this.time);
		Caller first = new Caller(QUESTION);
		Caller second = new Caller(QUESTION);
		this.time.at(0, () -> first.ask(group, (question) -> answer(100, "10.0.0.1")));
		this.time.at(50, () -> second.ask(group, (question) -> answer(100, "10.0.0.2")));
		this.time.run();
		assertThat(this.asked).hasValue(shares ? 1 : 2);
		assertThat(second.trace.events()).last()
			.isEqualTo(shares ? "dnsDone [10.0.0.1] coalesced" : "dnsDone [10.0.0.2]");
		assertThat(group.isTransparent(NetTraceContext.empty())).isEqualTo(!shares);
		assertThat(group.isTransparent(NetTraceContext.empty().withResolver((network, host) -> List.of()))).isFalse();
		assertThat(new LookupGroup(settings.withTimeout(Duration.ofSeconds(1)), this.threads, systemResolver)
			.isTransparent(NetTraceContext.empty())).isFalse();
	}

	@Test
	void uncheckedExceptionOfAFilterReachesEverySharerAsItIs() {
		Caller first = new Caller(QUESTION);
		Caller second = new Caller(QUESTION);
		SecurityException denied = new SecurityException("denied");
		this.time.at(0, () -> first.ask((question) -> {
			answer(100);
			throw denied;
		}));
		this.time.at(50, () -> second.ask((question) -> answer(100, "10.0.0.1")));
		this.time.run();
		assertThat(first.failure).isSameAs(denied);
		assertThat(second.failure).isSameAs(denied);
		assertThat(second.trace.events()).containsExactly("dnsStart a.test", "dnsDone [] coalesced SecurityException");
	}

	@Test
	void exceptionOfTheResolverReachesTheCallerAsItIsAndTheHooksWithTheHost() {
		IOException failure = new IOException("name server hung up");
		for (LookupSettings settings : List.of(LookupSettings.defaults(),
				LookupSettings.defaults().withTimeout(Duration.ofSeconds(1)),
				LookupSettings.defaults().withSingleFlight(SingleFlightPolicy.NEVER))) {
			LookupGroup group = group(settings);
			Caller caller = new Caller(QUESTION);
			this.time.at(0, () -> caller.ask(group, (question) -> {
				throw failure;
			}));
			this.time.run();
			assertThat(caller.failure).isSameAs(failure);
			assertThat(caller.trace.errors()).singleElement()
				.satisfies((told) -> assertThat(told).isInstanceOf(UnknownHostException.class)
					.hasMessage("a.test: name server hung up")
					.hasCause(failure));
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void failureOfASharedLookupIsAnExceptionOfEachCallersOwn(boolean timeout) {
		this.group = group(LookupSettings.defaults().withTimeout(timeout ? Duration.ofSeconds(1) : null));
		List<Caller> callers = List.of(new Caller(QUESTION), new Caller(QUESTION), new Caller(QUESTION));
		UnknownHostException failure = new UnknownHostException("a.test: Name or service not known");
		failure.initCause(new IOException("cause"));
		failure.addSuppressed(new IOException("suppressed"));
		callers.forEach((caller) -> this.time.at(0, () -> caller.ask((question) -> {
			answer(100);
			throw failure;
		})));
		this.time.run();
		assertThat(this.asked).hasValue(1);
		assertThat(callers.get(0).failure).isSameAs(failure);
		failure.addSuppressed(new IOException("added by its caller"));
		assertThat(callers.subList(1, 3)).extracting((caller) -> caller.failure).doesNotHaveDuplicates();
		assertThat(callers.subList(1, 3)).allSatisfy((caller) -> {
			assertThat(caller.failure).isNotSameAs(failure)
				.isExactlyInstanceOf(UnknownHostException.class)
				.hasMessage(failure.getMessage())
				.hasCause(failure.getCause());
			Throwable own = Objects.requireNonNull(caller.failure);
			assertThat(own.getSuppressed()).containsExactly(failure.getSuppressed()[0]);
			assertThat(own.getStackTrace()).isEqualTo(failure.getStackTrace());
			assertThat(caller.trace.errors()).containsExactly(caller.failure);
		});
	}

	@Test
	void emptyAnswersAndNoAnswerAndNullElementsAreTheResolversOwn() {
		List<InetSocketAddress> withNull = new ArrayList<>();
		withNull.add(null);
		withNull.add(new InetSocketAddress("10.0.0.1", 80));
		List<@Nullable List<InetSocketAddress>> answers = new ArrayList<>();
		answers.add(null);
		answers.add(List.of());
		answers.add(withNull);
		for (List<InetSocketAddress> answer : answers) {
			Caller alone = new Caller(new Question("tcp", "b.test", 80));
			Caller first = new Caller(QUESTION);
			Caller second = new Caller(QUESTION);
			Caller otherPort = new Caller(new Question("tcp", "a.test", 81));
			Lookup lookup = (question) -> {
				answer(100);
				return answer;
			};
			List.of(alone, first, second, otherPort).forEach((caller) -> this.time.at(0, () -> caller.ask(lookup)));
			this.time.run();
			assertThat(List.of(alone, first, second)).allSatisfy((caller) -> {
				assertThat(caller.failure).isNull();
				assertThat(caller.answer).isEqualTo(answer);
			});
			assertThat(otherPort.failure).isNull();
			assertThat(otherPort.trace.events()).hasSize(2);
		}
	}

	@Test
	void listThatChangesWhileItIsReadCostsNoDone() {
		List<InetSocketAddress> unreadable = new AbstractList<>() {

			@Override
			public InetSocketAddress get(int index) {
				throw new ConcurrentModificationException();
			}

			@Override
			public int size() {
				return 1;
			}

		};
		Caller alone = new Caller(new Question("tcp", "b.test", 80));
		Caller first = new Caller(QUESTION);
		Caller second = new Caller(QUESTION);
		Lookup lookup = (question) -> {
			answer(100);
			return unreadable;
		};
		List.of(alone, first, second).forEach((caller) -> this.time.at(0, () -> caller.ask(lookup)));
		this.time.run();
		assertThat(List.of(alone, first, second)).allSatisfy((caller) -> {
			assertThat(caller.failure).isInstanceOf(ConcurrentModificationException.class);
			assertThat(caller.trace.events()).hasSize(2);
		});
	}

	@Test
	void listIsCopiedOnce() {
		List<InetSocketAddress> live = new ArrayList<>();
		Caller first = new Caller(QUESTION);
		Caller second = new Caller(QUESTION);
		Caller third = new Caller(QUESTION);
		Lookup lookup = (question) -> {
			live.addAll(answer(100, "10.0.0.1"));
			return live;
		};
		this.time.at(0, () -> first.ask(NetTrace.NONE, lookup));
		this.time.at(50, () -> {
			second.ask(lookup);
			live.clear();
		});
		this.time.at(60, () -> third.ask(NetTrace.NONE, lookup));
		this.time.run();
		third.answer().clear();
		assertThat(first.answer()).containsExactly(new InetSocketAddress("10.0.0.1", 80));
		assertThat(second.answer()).containsExactly(new InetSocketAddress("10.0.0.1", 80));
	}

	@Test
	void joinerThatIsInterruptedAsksForItselfAndStaysInterrupted() {
		Caller first = new Caller(QUESTION);
		Caller deaf = new Caller(QUESTION);
		Caller listening = new Caller(QUESTION);
		this.time.at(0, () -> first.ask((question) -> answer(100, "10.0.0.1")));
		Thread deafThread = this.time.at(10, () -> deaf.ask((question) -> {
			assertThat(Thread.currentThread().isInterrupted()).isTrue();
			this.asked.incrementAndGet();
			return List.of(new InetSocketAddress("10.0.0.2", 80));
		}));
		Thread listeningThread = this.time.at(20, () -> listening.ask((question) -> answer(100, "10.0.0.3")));
		this.time.at(50, () -> {
			this.time.interrupt(deafThread);
			this.time.interrupt(listeningThread);
		});
		this.time.run();
		assertThat(this.asked).hasValue(3);
		assertThat(deaf.trace.events()).containsExactly("dnsStart a.test", "dnsDone [10.0.0.2]");
		assertThat(listening.failure).isExactlyInstanceOf(IOException.class).hasMessage("interrupted");
		assertThat(List.of(deaf, listening)).allSatisfy((caller) -> {
			assertThat(caller.interrupted).isTrue();
			assertThat(caller.ended).isEqualTo(50);
		});
		assertThat(first.trace.events()).containsExactly("dnsStart a.test", "dnsDone [10.0.0.1] coalesced");
	}

	static Stream<Exception> interruptions() {
		return Stream.of(new InterruptedIOException("interrupted"), new ClosedByInterruptException(),
				new IOException(new InterruptedException()), new IllegalStateException(new InterruptedException()));
	}

	@ParameterizedTest
	@MethodSource("interruptions")
	void interruptionThatAResolverHasTakenFromItsThreadIsNotTheJoiners(Exception interrupted) {
		Caller first = new Caller(QUESTION);
		Caller second = new Caller(QUESTION);
		this.time.at(0, () -> first.ask((question) -> {
			answer(100);
			throw LookupFailures.rethrow(interrupted);
		}));
		this.time.at(50, () -> second.ask((question) -> answer(100, "10.0.0.2")));
		this.time.run();
		assertThat(first.failure).isSameAs(interrupted);
		assertThat(second.answer()).containsExactly(new InetSocketAddress("10.0.0.2", 80));
	}

	@Test
	void timeoutOfAResolverIsNoInterruption() {
		Caller first = new Caller(QUESTION);
		Caller second = new Caller(QUESTION);
		SocketTimeoutException silent = new SocketTimeoutException("name server silent");
		List.of(first, second).forEach((caller) -> this.time.at(0, () -> caller.ask((question) -> {
			answer(100);
			throw silent;
		})));
		this.time.run();
		assertThat(this.asked).hasValue(1);
		assertThat(List.of(first, second)).allSatisfy((caller) -> assertThat(caller.failure).isSameAs(silent));
	}

	@Test
	void callerThatIsInterruptedEndsItsOwnWaitAndStaysInterrupted() {
		Caller first = new Caller(QUESTION);
		Caller second = new Caller(QUESTION);
		Thread thread = this.time.at(0, () -> first.askInTime(Clock.NEVER, (question) -> answer(100, "10.0.0.1")));
		this.time.at(20, () -> second.ask((question) -> answer(100, "10.0.0.2")));
		this.time.at(50, () -> this.time.interrupt(thread));
		this.time.run();
		assertThat(first.failure).isInstanceOf(UnknownHostException.class)
			.hasMessage("a.test: the lookup was cancelled")
			.hasCauseInstanceOf(CancellationException.class);
		assertThat(first.interrupted).isTrue();
		assertThat(first.ended).isEqualTo(50);
		assertThat(first.trace.events()).containsExactly("dnsStart a.test", "dnsDone [] UnknownHostException");
		assertThat(second.trace.events()).containsExactly("dnsStart a.test", "dnsDone [10.0.0.1] coalesced");
	}

	@Test
	void interruptionOfTheThreadThatAsksForOthersIsNotTheirs() {
		Caller first = new Caller(QUESTION);
		List<Caller> others = List.of(new Caller(QUESTION), new Caller(QUESTION));
		Thread thread = this.time.at(0, () -> first.ask((question) -> answer(100, "10.0.0.1")));
		others.forEach((other) -> this.time.at(20, () -> other.ask((question) -> answer(100, "10.0.0.2"))));
		this.time.at(50, () -> this.time.interrupt(thread));
		this.time.run();
		assertThat(first.failure).isExactlyInstanceOf(IOException.class).hasMessage("interrupted");
		assertThat(first.trace.events()).containsExactly("dnsStart a.test", "dnsDone [] UnknownHostException");
		assertThat(this.asked).hasValue(2);
		assertThat(others).allSatisfy((other) -> {
			assertThat(other.trace.events()).containsExactly("dnsStart a.test", "dnsDone [10.0.0.2] coalesced");
			assertThat(other.ended).isEqualTo(150);
		});
	}

	@Test
	void timeoutOfTheSettingsAndOfTheCallerBothHold() {
		this.group = group(LookupSettings.defaults().withTimeout(Duration.ofMillis(200)));
		Caller patient = new Caller(QUESTION);
		Caller hasty = new Caller(QUESTION);
		this.time.at(0, () -> patient.askInTime(this.time.deadlineIn(Duration.ofDays(1)), (question) -> answer(500)));
		this.time.at(10, () -> hasty.askInTime(this.time.deadlineIn(Duration.ofMillis(50)), (question) -> answer(500)));
		this.time.run();
		assertThat(patient.ended).isEqualTo(200);
		assertThat(hasty.ended).isEqualTo(60);
		assertThat(patient.failure).hasCauseInstanceOf(TimeoutException.class)
			.hasMessage("a.test: the lookup timed out");
		assertThat(hasty.failure).hasCauseInstanceOf(TimeoutException.class);
	}

	@Test
	void timeoutOfCenturiesIsNone() {
		this.group = group(LookupSettings.defaults().withTimeout(Duration.ofSeconds(Long.MAX_VALUE)));
		Caller caller = new Caller(QUESTION);
		this.time.at(0, () -> caller.ask((question) -> answer(100, "10.0.0.1")));
		this.time.run();
		assertThat(caller.answer()).hasSize(1);
	}

	@Test
	void outageOfDnsPilesUpNoThreads() {
		this.group = group(LookupSettings.defaults().withTimeout(Duration.ofSeconds(1)));
		List<Caller> callers = new ArrayList<>();
		for (int second = 0; second < 20; second++) {
			Caller caller = new Caller(QUESTION);
			callers.add(caller);
			this.time.at(second * 1001L, () -> caller.ask((question) -> answer(60_000)));
		}
		this.time.at(30_000, () -> assertThat(this.group.abandoned()).isEqualTo(3));
		this.time.run();
		assertThat(this.asked).as("resolver calls").hasValue(3);
		assertThat(callers.subList(0, 3)).extracting((caller) -> caller.ended).containsExactly(1000L, 2001L, 3002L);
		assertThat(callers.subList(3, 20)).allSatisfy((caller) -> {
			assertThat(caller.failure).isInstanceOf(UnknownHostException.class)
				.hasMessage("a.test: 3 abandoned lookups of a.test are still running, so no further one is started")
				.hasCauseInstanceOf(RejectedExecutionException.class);
			assertThat(caller.trace.events()).containsExactly("dnsStart a.test", "dnsDone [] UnknownHostException");
		});
	}

	@Test
	void namesThatHangDoNotStopTheLookupsOfAHostThatWasFoundBefore() {
		this.group = group(LookupSettings.defaults().withTimeout(Duration.ofSeconds(1)));
		Question found = new Question("tcp", "found.test", 80);
		Question failed = new Question("tcp", "failed.test", 80);
		new Callers(found, failed).ask(0);
		for (int i = 0; i < 9; i++) {
			Question made = new Question("tcp", i + ".test", 80);
			this.time.at(100, () -> new Caller(made).ask((question) -> answer(60_000)));
		}
		Callers later = new Callers(found, failed);
		later.ask(2000);
		this.time.run();
		assertThat(later.first.answer()).hasSize(1);
		assertThat(later.second.failure).hasMessage(
				"failed.test: 9 abandoned lookups of this client are still running, " + "so no further one is started");
	}

	private final class Callers {

		private final Caller first;

		private final Caller second;

		Callers(Question found, Question failed) {
			this.first = new Caller(found);
			this.second = new Caller(failed);
		}

		void ask(long millis) {
			LookupGroupTests.this.time.at(millis, () -> this.first.ask((question) -> answer(10, "10.0.0.1")));
			LookupGroupTests.this.time.at(millis, () -> this.second.ask((question) -> {
				throw new PartialAnswerException(List.of(InetAddress.getLoopbackAddress()), new IOException("half"));
			}));
		}

	}

	@Test
	void sharedLookupThatAllCallersLeftIsAbandonedUntilAnotherJoins() {
		List<Integer> abandoned = new ArrayList<>();
		for (int start : new int[] { 0, 10, 200 }) {
			this.time.at(start, () -> new Caller(QUESTION).askInTime(this.time.deadlineIn(Duration.ofMillis(100)),
					(question) -> answer(1000)));
		}
		for (int when : new int[] { 50, 150, 250, 350 }) {
			this.time.at(when, () -> abandoned.add(this.group.abandoned()));
		}
		this.time.run();
		assertThat(this.asked).hasValue(1);
		assertThat(abandoned).containsExactly(0, 1, 0, 1);
	}

	@Test
	void lookupForWhichNoThreadCanBeStartedRunsOnTheCallersOwn() {
		LookupGroup broken = new LookupGroup(LookupSettings.defaults(), LookupThreads.of((task) -> {
			throw new OutOfMemoryError("unable to create native thread");
		}, 3, 9, 9), true, this.time);
		Caller first = new Caller(QUESTION);
		Caller second = new Caller(QUESTION);
		this.time.at(0, () -> first.ask(broken, Clock.NEVER, (question) -> answer(100, "10.0.0.1")));
		this.time.at(50, () -> second.ask(broken, Clock.NEVER, (question) -> answer(100, "10.0.0.2")));
		this.time.run();
		assertThat(List.of(first, second)).allSatisfy((caller) -> assertThat(caller.trace.events())
			.containsExactly("dnsStart a.test", "dnsDone [10.0.0.1] coalesced"));
		assertThat(broken.inFlight()).isZero();
		assertThat(broken.abandoned()).isZero();
	}

	@Test
	void resolverThatAsksBackDoesNotWaitForItself() {
		Caller caller = new Caller(QUESTION);
		Lookup asksBack = (question) -> {
			answer(100);
			return this.group.resolve(NetTrace.NONE, QUESTION, (again) -> answer(100, "10.0.0.1"));
		};
		this.time.at(0, () -> caller.ask(asksBack));
		this.time.run();
		assertThat(caller.answer()).hasSize(1);
		assertThat(caller.trace.events()).containsExactly("dnsStart a.test", "dnsDone [10.0.0.1]");
		this.time.at(1000, () -> caller.askInTime(Clock.NEVER, asksBack));
		this.time.run();
		assertThat(caller.answer()).hasSize(1);
	}

	@Test
	void answersOfAnAlternateResolverAreForItsCallerAlone() {
		List<Caller> callers = List.of(new Caller(QUESTION), new Caller(QUESTION), new Caller(QUESTION));
		Lookup own = innermost((question) -> answer(100, "10.9.9.9"));
		Resolver alternate = (network, host) -> List.of(answer(100, "10.0.0.1").get(0).getAddress());
		this.time.at(0, () -> withResolver(alternate, () -> callers.get(0).ask(own)));
		this.time.at(20, () -> callers.get(1).ask(own));
		this.time.at(40, () -> withResolver(alternate, () -> callers.get(2).ask(own)));
		this.time.run();
		assertThat(callers).extracting((caller) -> caller.trace.events().get(1))
			.containsExactly("dnsDone [10.0.0.1]", "dnsDone [10.9.9.9]", "dnsDone [10.0.0.1]");
		assertThat(this.asked).hasValue(3);
	}

	@Test
	void alternateResolverIsInThePlaceOfTheInnermostOneBelowAFilter() {
		this.group = group(LookupSettings.defaults().withTimeout(Duration.ofSeconds(1)));
		Lookup own = innermost((question) -> answer(100, "10.9.9.9"));
		SecurityException denied = new SecurityException("denied");
		Lookup filter = (question) -> {
			if (Objects.requireNonNull(own.run(question)).get(0).getAddress().isLinkLocalAddress()) {
				throw denied;
			}
			return List.of();
		};
		Caller caller = new Caller(QUESTION);
		this.time.at(0, () -> withResolver("169.254.169.254", () -> caller.ask(filter)));
		this.time.run();
		assertThat(caller.failure).isSameAs(denied);
		assertThat(caller.trace.events()).containsExactly("dnsStart a.test", "dnsDone [] SecurityException");
	}

	@Test
	void whatAnAlternateResolverLooksUpItselfDoesNotComeBackToIt() {
		Lookup own = innermost((question) -> answer(100, "10.9.9.9"));
		Caller caller = new Caller(QUESTION);
		Resolver delegating = (network, host) -> List
			.of(Objects.requireNonNull(this.group.resolve(NetTrace.NONE, QUESTION, own)).get(0).getAddress());
		this.time.at(0, () -> withResolver(delegating, () -> caller.ask(own)));
		this.time.run();
		assertThat(caller.answer()).containsExactly(new InetSocketAddress("10.9.9.9", 80));
	}

	@Test
	void alternateResolverIsAskedByALookupOnly() {
		withResolver("10.0.0.1", () -> assertThat(AlternateResolver.current()).isNull());
	}

	private static Lookup innermost(Lookup own) {
		return (question) -> {
			AlternateResolver alternate = AlternateResolver.current();
			return (alternate != null) ? alternate.resolve(question) : own.run(question);
		};
	}

	@Test
	void alternateResolverIsNotAskedForAnAddress() {
		Caller caller = new Caller(new Question("tcp", "[::1]", 80));
		this.time.at(0, () -> withResolver("10.0.0.1", () -> caller.ask(innermost((question) -> answer(0, "::1")))));
		this.time.run();
		assertThat(caller.answer()).containsExactly(new InetSocketAddress("::1", 80));
		assertThat(caller.trace.events()).isEmpty();
	}

	private void withResolver(String address, Runnable task) {
		withResolver((network, host) -> List.of(answer(100, address).get(0).getAddress()), task);
	}

	private static void withResolver(Resolver resolver, Runnable task) {
		NetTraceContext.Scope scope = NetTraceContext.current().withResolver(resolver).open();
		try {
			task.run();
		}
		finally {
			scope.close();
		}
	}

	@Test
	void partialAnswerIsToldToTheHooksAndFailsTheCaller() {
		Caller caller = new Caller(QUESTION);
		PartialAnswerException failure = new PartialAnswerException(List.of(InetAddress.getLoopbackAddress()),
				new IOException("AAAA: server failure"));
		this.time.at(0, () -> caller.ask((question) -> {
			throw failure;
		}));
		this.time.run();
		assertThat(caller.trace.events()).containsExactly("dnsStart a.test",
				"dnsDone [127.0.0.1] PartialAnswerException");
		assertThat(caller.failure).isSameAs(failure).hasMessage("AAAA: server failure");
	}

	private List<InetSocketAddress> answer(long millis, String... literals) throws IOException {
		this.asked.incrementAndGet();
		try {
			this.time.mailbox().poll(this.time.deadlineIn(Duration.ofMillis(millis)));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IOException("interrupted");
		}
		List<InetSocketAddress> addresses = new ArrayList<>();
		for (String literal : literals) {
			addresses.add(new InetSocketAddress(literal, 80));
		}
		return addresses;
	}

	private final class Caller {

		private final Question question;

		private final TraceRecorder trace = new TraceRecorder();

		private @Nullable List<InetSocketAddress> answer;

		private @Nullable Throwable failure;

		private boolean interrupted;

		private long ended;

		Caller(Question question) {
			this.question = question;
		}

		void ask(Lookup lookup) {
			ask(LookupGroupTests.this.group, lookup);
		}

		void ask(NetTrace trace, Lookup lookup) {
			note(() -> LookupGroupTests.this.group.resolve(trace, this.question, lookup));
		}

		void ask(LookupGroup group, Lookup lookup) {
			note(() -> group.resolve(this.trace, this.question, lookup));
		}

		void askInTime(long deadline, Lookup lookup) {
			ask(LookupGroupTests.this.group, deadline, lookup);
		}

		void ask(LookupGroup group, long deadline, Lookup lookup) {
			note(() -> group.resolve(this.trace, this.question, lookup, deadline));
		}

		private void note(Callable<@Nullable List<InetSocketAddress>> resolving) {
			try {
				this.answer = resolving.call();
			}
			catch (Throwable ex) {
				this.failure = ex;
			}
			this.interrupted = Thread.currentThread().isInterrupted();
			this.ended = LookupGroupTests.this.time.millis();
		}

		List<InetSocketAddress> answer() {
			if (this.answer == null) {
				throw new AssertionError("No answer", this.failure);
			}
			return this.answer;
		}

	}

}
