package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;

import io.nettrace.NetTraceContext;
import io.nettrace.TraceRecorder;
import io.nettrace.client.AddressFilters;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.dynamic.loading.ClassLoadingStrategy;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.impl.InMemoryDnsResolver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class TracedDnsResolverTests {

	private final TraceRecorder trace = new TraceRecorder();

	private final NetTraceHttpComponents netTrace = new NetTraceHttpComponents(new NetTracing((client) -> this.trace),
			LookupSettings.defaults(), LookupThreads.create());

	@Test
	void systemResolverIsTheLibrarysOwnClass() {
		assertThat(TracedDnsResolver.isSystem(SystemDefaultDnsResolver.INSTANCE)).isTrue();
		assertThat(TracedDnsResolver.isSystem(new SystemDefaultDnsResolver())).isTrue();
		assertThat(TracedDnsResolver.isSystem(new SystemDefaultDnsResolver() {
		})).isFalse();
		assertThat(TracedDnsResolver.isSystem(new InMemoryDnsResolver())).isFalse();
		assertThat(TracedDnsResolver.isSystem(new Answering())).isFalse();
	}

	/**
	 * As a later release of Spring Boot may have it.
	 */
	@Test
	void filterThatCannotBeReadIsNotTakenForASystemResolver() throws Exception {
		DnsResolver filter = new ByteBuddy().subclass(SystemDefaultDnsResolver.class)
			.name(AddressFilters.TYPES.get(0))
			.make()
			.load(getClass().getClassLoader(), ClassLoadingStrategy.Default.CHILD_FIRST)
			.getLoaded()
			.getDeclaredConstructor()
			.newInstance();
		assertThat(TracedDnsResolver.isSystem(filter)).isFalse();
		assertThat(InnermostDnsResolver.inside(filter)).as("the filter stays, and no resolver takes its place")
			.isSameAs(filter);
	}

	@Test
	void exceptionsOfTheResolverAreTheSame() {
		for (Throwable failure : List.of(new IOException("name server hung up"), new IllegalStateException("broken"),
				new StackOverflowError())) {
			DnsResolver resolver = this.netTrace.dnsResolver(new Answering(failure));
			assertThatThrownBy(() -> resolver.resolve("a.test", 80)).isSameAs(failure);
			assertThatThrownBy(() -> resolver.resolve("a.test")).isSameAs(failure);
		}
		assertThat(this.trace.events()).hasSize(12);
	}

	@Test
	void noAnswerAndNullElementsAreAsTheResolverHasThem() throws Exception {
		InetAddress address = InetAddress.getLoopbackAddress();
		assertThat(this.netTrace.dnsResolver(new Answering()).resolve("a.test")).isNull();
		DnsResolver resolver = this.netTrace.dnsResolver(new Answering(null, address));
		assertThat(resolver.resolve("a.test")).containsExactly(null, address);
	}

	@Test
	void alternateResolverAnswersBothQuestionsInThePlaceOfTheClientsOwn() throws Exception {
		DnsResolver resolver = this.netTrace.dnsResolver(new Answering(new AssertionError("asked")));
		InetAddress address = InetAddress.getByName("127.0.0.7");
		IOException failure = new IOException("alternate");
		NetTraceContext.Scope scope = NetTraceContext.empty().withResolver((network, host) -> {
			if (host.equals("fails.test")) {
				throw failure;
			}
			return Arrays.asList(null, address);
		}).open();
		try {
			assertThat(resolver.resolve("a.test", 80)).containsExactly(null, new InetSocketAddress(address, 80));
			assertThat(resolver.resolve("a.test")).containsExactly(null, address);
			assertThatThrownBy(() -> resolver.resolve("fails.test", 80)).isSameAs(failure);
		}
		finally {
			scope.close();
		}
	}

	/**
	 * Answers, or throws what its interface does not have.
	 */
	private static final class Answering implements DnsResolver {

		private final @Nullable Throwable failure;

		private final InetAddress @Nullable [] answer;

		Answering() {
			this.failure = null;
			this.answer = null;
		}

		Answering(Throwable failure) {
			this.failure = failure;
			this.answer = null;
		}

		Answering(@Nullable InetAddress first, InetAddress second) {
			this.failure = null;
			this.answer = new InetAddress[] { first, second };
		}

		@Override
		public List<InetSocketAddress> resolve(String host, int port) {
			Answering.<RuntimeException>throwAs(this.failure);
			return List.of();
		}

		@Override
		public InetAddress @Nullable [] resolve(String host) {
			Answering.<RuntimeException>throwAs(this.failure);
			return this.answer;
		}

		@SuppressWarnings("unchecked")
		private static <E extends Throwable> void throwAs(@Nullable Throwable failure) throws E {
			if (failure != null) {
				throw (E) failure;
			}
		}

		@Override
		public String resolveCanonicalHostname(String host) {
			return host;
		}

	}

}
