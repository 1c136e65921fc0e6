package io.nettrace.jvm;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

import io.nettrace.DnsAnswerInfo;
import io.nettrace.DnsAnswerInfo.Source;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.client.jdk.JvmLookups;
import io.nettrace.client.jdk.NetTraceJdk;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupGroup;
import io.nettrace.dns.LookupSettings;
import io.nettrace.dns.Question;
import io.nettrace.instrument.NetTracing;
import io.nettrace.observation.ErrorType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Whether the JVM has asked for an answer or had it in its cache, on a client that asks
 * the JVM.
 */
class CachedAnswerTests {

	private final List<DnsAnswerInfo> answers = new ArrayList<>();

	private final List<String> errors = new ArrayList<>();

	private final LookupGroup jvm = LookupGroup.ofJvm(LookupSettings.defaults(), LookupThreads.create(), true);

	private final class Recorder implements NetTrace {

		@Override
		public void dnsAnswer(DnsAnswerInfo answer) {
			CachedAnswerTests.this.answers.add(answer);
		}

		@Override
		public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
			CachedAnswerTests.this.errors.add((error != null) ? ErrorType.of(error) : "none");
		}

	}

	private void lookUp(LookupGroup lookups, String name) throws IOException {
		lookups.resolve(new Recorder(), new Question("tcp", name, 80),
				(question) -> List.of(new InetSocketAddress(InetAddress.getAllByName(question.host())[0], 80)));
	}

	@Test
	void firstAnswerIsTheSystemsAndTheNextTheCaches() throws IOException {
		String name = ScriptedResolverProvider.newName("good.test");
		lookUp(this.jvm, name);
		lookUp(this.jvm, name);
		assertThat(this.answers).extracting(DnsAnswerInfo::source).containsExactly(Source.SYSTEM, Source.JVM_CACHE);
		assertThat(this.answers.get(0).age()).isNull();
		assertThat(this.answers.get(1).age()).isNotNull();
	}

	@Test
	void answerThatAnotherThreadOfTheJvmHasGotIsTheCaches() throws IOException {
		String name = ScriptedResolverProvider.newName("good.test");
		InetAddress.getAllByName(name);
		lookUp(this.jvm, name);
		assertThat(this.answers).extracting(DnsAnswerInfo::source).containsExactly(Source.JVM_CACHE);
	}

	@Test
	void failureOfTheCacheIsWhatTheSystemHasSaid() {
		String name = ScriptedResolverProvider.newName("unknown.test");
		assertThatExceptionOfType(UnknownHostException.class).isThrownBy(() -> lookUp(this.jvm, name));
		assertThatExceptionOfType(UnknownHostException.class).isThrownBy(() -> lookUp(this.jvm, name));
		assertThat(this.answers).extracting(DnsAnswerInfo::source).containsExactly(Source.SYSTEM, Source.JVM_CACHE);
		assertThat(this.answers.get(1).age()).isNotNull();
		assertThat(this.errors).containsExactly("host_not_found", "host_not_found");
	}

	/**
	 * Nor of one that the caller has bound: their answers are not the JVM's.
	 */
	@Test
	void nothingIsSaidOfAResolverOfTheApplication() throws IOException {
		String name = ScriptedResolverProvider.newName("good.test");
		InetAddress.getAllByName(name);
		lookUp(new LookupGroup(LookupSettings.defaults(), LookupThreads.create(), true), name);
		NetTraceContext.Scope scope = NetTraceContext.current()
			.withResolver((network, host) -> List.of(InetAddress.getLoopbackAddress()))
			.open();
		try {
			lookUp(this.jvm, name);
		}
		finally {
			scope.close();
		}
		assertThat(this.answers).isEmpty();
	}

	/**
	 * They are only seen if the JVM asks.
	 */
	@Test
	void lookupsOfTheJdksClientsAreTheSystems() throws IOException {
		NetTraceJdk application = new NetTraceJdk(new NetTracing());
		JvmLookups.traceWith(application);
		NetTraceContext.Scope scope = NetTraceContext.current().withTrace(new Recorder()).open();
		try {
			String name = ScriptedResolverProvider.newName("good.test");
			InetAddress.getAllByName(name);
			InetAddress.getAllByName(name);
		}
		finally {
			scope.close();
			JvmLookups.stopTracingWith(application);
		}
		assertThat(this.answers).containsExactly(DnsAnswerInfo.of(Source.SYSTEM, null));
	}

}
