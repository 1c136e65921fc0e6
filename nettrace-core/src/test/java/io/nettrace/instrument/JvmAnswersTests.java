package io.nettrace.instrument;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import io.nettrace.DnsAnswerInfo;
import io.nettrace.DnsAnswerInfo.Source;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * What can be said of the JVM's cache, and what cannot.
 */
class JvmAnswersTests {

	private static final AtomicInteger NAMES = new AtomicInteger();

	private final String host = "name" + NAMES.incrementAndGet() + ".jvm-answers.invalid";

	private static @Nullable Source source(@Nullable DnsAnswerInfo answer) {
		return (answer != null) ? answer.source() : null;
	}

	@Test
	void nameThatWasNeverAskedForIsNotKnown() {
		JvmAnswers.watch();
		assertThat(JvmAnswers.answer(this.host, System.nanoTime(), null)).isNull();
	}

	@Test
	void answerThatTheSystemHasGivenMeanwhile() {
		JvmAnswers.watch();
		long start = System.nanoTime();
		JvmAnswers.answered(this.host, true);
		assertThat(JvmAnswers.answer(this.host.toUpperCase(Locale.ROOT), start, null))
			.isEqualTo(DnsAnswerInfo.of(Source.SYSTEM, null));
	}

	@Test
	void answerThatTheSystemHasGivenBefore() {
		JvmAnswers.watch();
		JvmAnswers.answered(this.host, true);
		DnsAnswerInfo answer = JvmAnswers.answer(this.host, System.nanoTime() + 1, null);
		assertThat(source(answer)).isEqualTo(Source.JVM_CACHE);
		assertThat(answer).extracting(DnsAnswerInfo::age).isNotNull();
	}

	/**
	 * {@code networkaddress.cache.stale.ttl}: the system has failed, and the JVM answers
	 * all the same.
	 */
	@Test
	void staleAnswerIsAsOldAsItIs() {
		JvmAnswers.watch();
		long start = System.nanoTime();
		JvmAnswers.answered(this.host, true);
		JvmAnswers.answered(this.host, false);
		DnsAnswerInfo answer = JvmAnswers.answer(this.host, start, null);
		assertThat(source(answer)).isEqualTo(Source.JVM_CACHE);
		assertThat(answer).extracting(DnsAnswerInfo::age).isNotNull();
	}

	@Test
	void freshFailureIsTheSystems() {
		JvmAnswers.watch();
		long start = System.nanoTime();
		JvmAnswers.answered(this.host, false);
		assertThat(source(JvmAnswers.answer(this.host, start, new UnknownHostException(this.host + ": no such name"))))
			.isEqualTo(Source.SYSTEM);
	}

	/**
	 * Known without a provider. The name is too long for a label, so that nothing is
	 * asked.
	 */
	@Test
	void failureOfTheJvmsCacheIsNamedAsSuch() {
		String name = "x".repeat(64) + NAMES.incrementAndGet() + ".invalid";
		UnknownHostException fresh = catchThrowableOfType(UnknownHostException.class,
				() -> InetAddress.getAllByName(name));
		UnknownHostException cached = catchThrowableOfType(UnknownHostException.class,
				() -> InetAddress.getAllByName(name));
		assertThat(JvmAnswers.isFromCache(fresh)).isFalse();
		assertThat(JvmAnswers.isFromCache(cached)).isTrue();
		assertThat(source(JvmAnswers.answer(name, System.nanoTime(), cached))).isEqualTo(Source.JVM_CACHE);
	}

	@Test
	void bareNameOfAResolverOfTheApplicationIsNoCachedFailure() {
		assertThat(JvmAnswers.isFromCache(new UnknownHostException(this.host))).isFalse();
	}

	@Test
	void failureOfAnotherKindSaysNothing() {
		JvmAnswers.watch();
		JvmAnswers.answered(this.host, true);
		assertThat(JvmAnswers.answer(this.host, System.nanoTime() + 1, new IllegalStateException("filtered"))).isNull();
		UnknownHostException gaveUp = new UnknownHostException(this.host + ": the lookup timed out");
		gaveUp.initCause(new TimeoutException());
		assertThat(JvmAnswers.answer(this.host, System.nanoTime() + 1, gaveUp)).isNull();
	}

	@Test
	void manyNamesAreForgotten() {
		JvmAnswers.watch();
		JvmAnswers.answered(this.host, true);
		for (int i = 0; i < 1_000; i++) {
			JvmAnswers.answered(i + this.host, true);
		}
		assertThat(JvmAnswers.answer(this.host, System.nanoTime() + 1, null)).isNull();
	}

}
