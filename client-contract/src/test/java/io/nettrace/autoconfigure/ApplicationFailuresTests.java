package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import io.micrometer.common.KeyValues;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationFilter;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationPredicate;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.autoconfigure.TracedClient.Caller;
import io.nettrace.observation.DefaultDnsLookupObservationConvention;
import io.nettrace.observation.DefaultSocketConnectObservationConvention;
import io.nettrace.observation.DnsLookupContext;
import io.nettrace.observation.SocketConnectContext;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.client.ClientRequestObservationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Each kind of application code on each client: if it throws or returns {@code null}
 * while nettrace calls it, requests work as without nettrace, the other hooks are called,
 * every span and long task timer ends, and nothing stays bound to the thread.
 */
@EnabledIfSystemProperty(named = "nettrace.tests", matches = "all", disabledReason = "-Dnettrace.tests=all")
class ApplicationFailuresTests {

	private static final String ACCESSOR = "application.failures";

	private static final AtomicReference<@Nullable Culprit> culprit = new AtomicReference<>();

	private static final AtomicReference<@Nullable Runnable> callAgain = new AtomicReference<>();

	private static final AtomicInteger happened = new AtomicInteger();

	private static final AtomicInteger events = new AtomicInteger();

	private final DnsServer dns = DnsServer.start();

	enum Culprit {

		NONE, HOOK, HOOK_INTERRUPTS, HOOK_CALLS_THE_CLIENT, FACTORY, FACTORY_RETURNS_NULL, PREDICATE, SUPPORTS_CONTEXT,
		ON_START, ON_ERROR, ON_STOP, ON_SCOPE_OPENED, ON_SCOPE_CLOSED, CONVENTION, CONVENTION_RETURNS_NULL, FILTER,
		FILTER_RETURNS_NULL, ACCESSOR_GET, ACCESSOR_SET, ACCESSOR_RESTORE;

		/**
		 * Whether there is an observation at all.
		 */
		boolean leavesObservations() {
			return this != PREDICATE && this != SUPPORTS_CONTEXT;
		}

		/**
		 * Throw something different each time, but no error of the JVM.
		 */
		void happen() {
			if (culprit.get() == this) {
				switch (happened.getAndIncrement() % 3) {
					case 0 -> throw new IllegalStateException(name());
					case 1 -> throw new StackOverflowError(name());
					default -> throw new NoClassDefFoundError(name());
				}
			}
		}

		boolean isActive() {
			return culprit.get() == this;
		}

	}

	@BeforeEach
	void register() {
		ContextRegistry.getInstance().registerThreadLocalAccessor(new Accessor());
	}

	@AfterEach
	void stop() {
		culprit.set(null);
		callAgain.set(null);
		ContextRegistry.getInstance().removeThreadLocalAccessor(ACCESSOR);
		this.dns.close();
	}

	@ParameterizedTest
	@EnumSource
	void requestsAreAsWithoutNettrace(TracedClient client) {
		assumeTrue(client.isJdk() == (Runtime.version().feature() >= 18), "each on one JDK: the JDK's needs Java 18");
		LoopbackNames.use(this.dns);
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				TracedApplication application = client.start(List.of(LoopbackNames.class, Culprits.class),
						"nettrace.meters.active=true")) {
			Caller caller = client.caller(application);
			for (Culprit each : Culprit.values()) {
				String label = (each + "." + client).toLowerCase(java.util.Locale.ROOT).replace('_', '-') + ".test";
				this.dns.set(label, DnsAnswer.addresses("127.0.0.1"));
				this.dns.set("no." + label, DnsAnswer.unknown());
				this.dns.set("again." + label, DnsAnswer.addresses("127.0.0.1"));
				callAgain
					.set(() -> client.caller(application).get("http://again." + label + ":" + server.port() + "/"));
				events.set(0);
				culprit.set(each);
				try {
					check(client, each, caller, "http://" + label + ":" + server.port() + "/");
				}
				finally {
					culprit.set(null);
				}
				checkNothingStays(application, each);
				if (client.isJdk() && each == Culprit.ON_SCOPE_OPENED) {
					continue; // no parent can be seen, nor the JVM's lookups without one
								// are left alone
				}
				assertThat(events.get()).as("%s: the other hooks", each).isPositive();
				if (each.leavesObservations()) {
					checkObservations(application, client, each, label);
				}
			}
		}
	}

	private static void check(TracedClient client, Culprit culprit, Caller caller, String url) {
		if (culprit == Culprit.HOOK_INTERRUPTS) {
			try {
				caller.get(url); // its own request may end
			}
			catch (RuntimeException ex) {
				assertThat(ex).isNotNull();
			}
			Thread.interrupted();
			ApplicationFailuresTests.culprit.set(null);
			caller.get(url);
			return;
		}
		caller.get(url);
		assertThatExceptionOfType(RuntimeException.class).as("%s on %s", culprit, client)
			.isThrownBy(() -> caller.get(url.replace("://", "://no.")))
			.satisfies((failure) -> assertThat(failure).hasStackTraceContaining("no."));
	}

	private static void checkNothingStays(TracedApplication application, Culprit culprit) {
		assertThat(application.bean(ObservationRegistry.class).getCurrentObservationScope()).as("%s", culprit).isNull();
		assertThat(application.bean(Tracer.class).currentSpan()).as("%s", culprit).isNull();
		assertThat(NetTraceContext.current()).as("%s", culprit).isSameAs(NetTraceContext.empty());
		Balance balance = application.bean(Balance.class);
		Awaitility.await()
			.atMost(Duration.ofSeconds(10))
			.untilAsserted(() -> assertThat(balance.open).as("%s: spans that never end", culprit).isEmpty());
		assertThat(application.bean(MeterRegistry.class)
			.getMeters()
			.stream()
			.filter(LongTaskTimer.class::isInstance)
			.filter((meter) -> meter.getId().getTag("nettrace.client") != null)
			.mapToInt((meter) -> ((LongTaskTimer) meter).activeTasks())
			.sum()).as("%s: long task timers", culprit).isZero();
	}

	/**
	 * Our handlers still work.
	 */
	private static void checkObservations(TracedApplication application, TracedClient client, Culprit culprit,
			String host) {
		List<String> expected = new ArrayList<>(List.of("DNS lookup"));
		if (!client.has(Limit.CONNECTS)) {
			expected.add("socket connect");
		}
		Awaitility.await()
			.atMost(Duration.ofSeconds(10))
			.untilAsserted(() -> assertThat(application.spans()).as("%s on %s", culprit, client)
				.filteredOn((span) -> span.getAttributes().asMap().containsValue(host))
				.extracting((span) -> span.getName())
				.containsAll(expected));
		assertThat(application.bean(MeterRegistry.class)
			.find("dns.lookup.duration")
			.tag("dns.question.name", host)
			.timers()).as("%s on %s", culprit, client).isNotEmpty();
	}

	private static boolean isOurs(Observation.Context context) {
		return context instanceof DnsLookupContext || context instanceof SocketConnectContext;
	}

	@SuppressWarnings({ "NullAway", "TypeParameterUnusedInFormals" })
	private static <T> T nothing() {
		return Collections.singletonList((@Nullable T) null).get(0);
	}

	/**
	 * The beans that an application may have.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Culprits {

		@Bean
		NetTrace.Factory failingFactory() {
			return (client) -> {
				Culprit.FACTORY.happen();
				return Culprit.FACTORY_RETURNS_NULL.isActive() ? nothing() : new FailingTrace();
			};
		}

		@Bean
		NetTrace.Factory otherFactory() {
			return (client) -> new OtherTrace();
		}

		@Bean
		ObservationPredicate failingPredicate() {
			return (name, context) -> {
				if (isOurs(context)) {
					Culprit.PREDICATE.happen();
				}
				return true;
			};
		}

		@Bean
		ObservationFilter failingFilter() {
			return (context) -> {
				if (isOurs(context)) {
					Culprit.FILTER.happen();
					if (Culprit.FILTER_RETURNS_NULL.isActive()) {
						return nothing();
					}
				}
				return context;
			};
		}

		@Bean
		FailingHandler failingHandler() {
			return new FailingHandler();
		}

		@Bean
		DefaultDnsLookupObservationConvention failingDnsConvention() {
			return new DefaultDnsLookupObservationConvention() {

				@Override
				public KeyValues getLowCardinalityKeyValues(DnsLookupContext context) {
					Culprit.CONVENTION.happen();
					return Culprit.CONVENTION_RETURNS_NULL.isActive() ? nothing()
							: super.getLowCardinalityKeyValues(context);
				}

			};
		}

		@Bean
		DefaultSocketConnectObservationConvention failingConnectConvention() {
			return new DefaultSocketConnectObservationConvention() {

				@Override
				public KeyValues getHighCardinalityKeyValues(SocketConnectContext context) {
					Culprit.CONVENTION.happen();
					return Culprit.CONVENTION_RETURNS_NULL.isActive() ? nothing()
							: super.getHighCardinalityKeyValues(context);
				}

			};
		}

		@Bean
		Balance balance() {
			return new Balance();
		}

	}

	private static final class FailingTrace implements NetTrace {

		@Override
		public void dnsStart(String host) {
			act();
		}

		@Override
		public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
			Culprit.HOOK.happen();
		}

		@Override
		public void connectStart(String network, SocketAddress address) {
			act();
		}

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			Culprit.HOOK.happen();
		}

		private static void act() {
			Culprit.HOOK.happen();
			if (Culprit.HOOK_INTERRUPTS.isActive()) {
				Thread.currentThread().interrupt();
			}
			Runnable again = callAgain.get();
			if (Culprit.HOOK_CALLS_THE_CLIENT.isActive() && again != null && !isEventLoop()) {
				again.run();
			}
		}

		/**
		 * Where nothing may block.
		 */
		private static boolean isEventLoop() {
			return !Thread.currentThread().getName().equals("main");
		}

	}

	private static final class OtherTrace implements NetTrace {

		@Override
		public void dnsStart(String host) {
			events.incrementAndGet();
		}

	}

	private static final class FailingHandler implements ObservationHandler<Observation.Context> {

		@Override
		public boolean supportsContext(Observation.Context context) {
			if (isOurs(context)) {
				Culprit.SUPPORTS_CONTEXT.happen();
			}
			// Spring opens no scope for WebClient, but opens one for RestClient
			return isOurs(context) || context instanceof ClientRequestObservationContext;
		}

		@Override
		public void onStart(Observation.Context context) {
			if (isOurs(context)) {
				Culprit.ON_START.happen();
			}
		}

		@Override
		public void onError(Observation.Context context) {
			if (isOurs(context)) {
				Culprit.ON_ERROR.happen();
			}
		}

		@Override
		public void onScopeOpened(Observation.Context context) {
			Culprit.ON_SCOPE_OPENED.happen();
		}

		@Override
		public void onScopeClosed(Observation.Context context) {
			Culprit.ON_SCOPE_CLOSED.happen();
		}

		@Override
		public void onStop(Observation.Context context) {
			if (isOurs(context)) {
				Culprit.ON_STOP.happen();
			}
		}

	}

	/**
	 * Spans that were started and have not ended.
	 */
	static final class Balance implements SpanProcessor {

		private final List<String> open = Collections.synchronizedList(new ArrayList<>());

		@Override
		public void onStart(Context parentContext, ReadWriteSpan span) {
			this.open.add(span.getSpanContext().getSpanId());
		}

		@Override
		public boolean isStartRequired() {
			return true;
		}

		@Override
		public void onEnd(ReadableSpan span) {
			this.open.remove(span.getSpanContext().getSpanId());
		}

		@Override
		public boolean isEndRequired() {
			return true;
		}

	}

	private static final class Accessor implements ThreadLocalAccessor<String> {

		@Override
		public Object key() {
			return ACCESSOR;
		}

		@Override
		public @Nullable String getValue() {
			Culprit.ACCESSOR_GET.happen();
			return "bound";
		}

		@Override
		public void setValue(String value) {
			Culprit.ACCESSOR_SET.happen();
		}

		@Override
		public void setValue() {
			Culprit.ACCESSOR_SET.happen();
		}

		@Override
		public void restore(String previousValue) {
			Culprit.ACCESSOR_RESTORE.happen();
		}

	}

}
