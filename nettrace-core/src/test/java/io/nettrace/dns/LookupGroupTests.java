package io.nettrace.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceAddress;
import io.nettrace.NetTraceContext;
import io.nettrace.PartialAnswerException;
import io.nettrace.TraceRecorder;
import io.nettrace.concurrent.Clock;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.concurrent.VirtualTime;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Lookups of callers that wait. What Go does in each case is in the recordings; here are
 * the cases that Go does not have, and those that it cannot be recorded in.
 */
class LookupGroupTests {

	private static final Question QUESTION = new Question("tcp", "a.test", 80);

	private final VirtualTime time = VirtualTime.inOrder();

	private final LookupThreads threads = LookupThreads.of(this.time, 3);

	private final AtomicInteger asked = new AtomicInteger();

	private LookupGroup group = group(LookupSettings.defaults());

	private LookupGroup group(LookupSettings settings) {
		return new LookupGroup(settings, this.threads, true, this.time);
	}

	@AfterEach
	void nothingIsLeft() {
		assertThat(this.group.inFlight()).as("flights").isZero();
		assertThat(this.threads.abandoned()).as("abandoned lookups").isZero();
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
		assertThat(first.failure).isInstanceOf(UnknownHostException.class);
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
		this.time.at(30_000, () -> assertThat(this.threads.abandoned()).isEqualTo(3));
		this.time.run();
		assertThat(this.asked).as("resolver calls").hasValue(3);
		assertThat(callers.subList(0, 3)).extracting((caller) -> caller.ended).containsExactly(1000L, 2001L, 3002L);
		assertThat(callers.subList(3, 20)).allSatisfy((caller) -> {
			assertThat(caller.failure).isInstanceOf(UnknownHostException.class)
				.hasMessage("a.test: 3 lookups that nobody waits for any more are still running, "
						+ "so no further one is started")
				.hasCauseInstanceOf(RejectedExecutionException.class);
			assertThat(caller.trace.events()).containsExactly("dnsStart a.test", "dnsDone [] UnknownHostException");
		});
	}

	@Test
	void sharedLookupThatEverybodyLeftIsAbandonedUntilSomebodyJoins() {
		List<Integer> abandoned = new ArrayList<>();
		for (int start : new int[] { 0, 10, 200 }) {
			this.time.at(start, () -> new Caller(QUESTION).askInTime(this.time.deadlineIn(Duration.ofMillis(100)),
					(question) -> answer(1000)));
		}
		for (int when : new int[] { 50, 150, 250, 350 }) {
			this.time.at(when, () -> abandoned.add(this.threads.abandoned()));
		}
		this.time.run();
		assertThat(this.asked).hasValue(1);
		assertThat(abandoned).containsExactly(0, 1, 0, 1);
	}

	@Test
	void executorThatFailsLeavesNobodyWaiting() {
		LookupGroup broken = new LookupGroup(LookupSettings.defaults(), LookupThreads.of((task) -> {
			throw new OutOfMemoryError("unable to create native thread");
		}, 3), true, this.time);
		Caller caller = new Caller(QUESTION);
		this.time.at(0, () -> caller.ask(broken, Clock.NEVER, (question) -> answer(100)));
		this.time.run();
		assertThat(caller.failure).isInstanceOf(OutOfMemoryError.class);
		assertThat(caller.trace.events()).containsExactly("dnsStart a.test", "dnsDone [] OutOfMemoryError");
		assertThat(broken.inFlight()).isZero();
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
	void alternateResolverOfTheFirstCallerAnswersAll() {
		Caller first = new Caller(QUESTION);
		Caller second = new Caller(QUESTION);
		this.time.at(0, () -> withResolver("10.0.0.1", () -> first.ask((question) -> answer(100, "10.9.9.9"))));
		this.time.at(50, () -> withResolver("10.0.0.2", () -> second.ask((question) -> answer(100, "10.9.9.9"))));
		this.time.run();
		assertThat(first.answer()).isEqualTo(second.answer()).containsExactly(new InetSocketAddress("10.0.0.1", 80));
	}

	@Test
	void alternateResolverIsNotAskedForAnAddress() {
		Caller caller = new Caller(new Question("tcp", "[::1]", 80));
		this.time.at(0, () -> withResolver("10.0.0.1", () -> caller.ask((question) -> answer(0, "::1"))));
		this.time.run();
		assertThat(caller.answer()).containsExactly(new InetSocketAddress("::1", 80));
		assertThat(caller.trace.events()).isEmpty();
	}

	private void withResolver(String address, Runnable task) {
		NetTraceContext.Scope scope = NetTraceContext.current()
			.withResolver((network, host) -> List.of(answer(100, address).get(0).getAddress()))
			.open();
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
