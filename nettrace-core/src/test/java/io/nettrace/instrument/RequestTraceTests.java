package io.nettrace.instrument;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

import io.nettrace.ConnectionTarget;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.NetTraceContextAccessor;
import io.nettrace.RequestInfo;
import io.nettrace.Resolver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class RequestTraceTests {

	private static final ConnectionTarget TARGET = new ConnectionTarget("a.test", 443, true);

	private final List<String> events = new ArrayList<>();

	@Test
	void oneTraceIsMadeForARequestAndServesAllItsDials() {
		AtomicInteger made = new AtomicInteger();
		RequestTrace request = new NetTracing((info) -> {
			made.incrementAndGet();
			return recorder("one");
		}).request("jetty", "a.test", 443);
		request.hooks().getConn(TARGET);
		request.dial().dnsStart("a.test");
		request.dial().dnsStart("b.test");
		assertThat(made).hasValue(1);
		assertThat(this.events).containsExactly("one: for a.test", "one: a.test", "one: b.test");
	}

	@Test
	void traceThatTellsDialsApartHasOneForEach() {
		RequestTrace request = new NetTracing(new DialCountingFactory(), (info) -> recorder("plain")).request("jetty",
				null, -1);
		NetTrace first = request.dial();
		NetTrace second = request.dial();
		second.dnsStart("b.test");
		first.dnsStart("a.test");
		assertThat(this.events).containsExactly("dial 2: b.test", "plain: b.test", "dial 1: a.test", "plain: a.test");
	}

	@Test
	void traceThatFailsToTellDialsApartIsCalledItself() {
		RequestTrace request = new NetTracing((info) -> new NetTrace() {

			@Override
			public void dnsStart(String host) {
				RequestTraceTests.this.events.add("itself: " + host);
			}

			@Override
			public NetTrace forDial() {
				throw new IllegalStateException("forDial");
			}

		}).request("jetty", null, -1);
		request.dial().dnsStart("a.test");
		assertThat(this.events).containsExactly("itself: a.test");
	}

	@Test
	void dialOfNoInterestCallsNothing() {
		RequestTrace request = new NetTracing((info) -> new NetTrace() {

			@Override
			public NetTrace forDial() {
				return NetTrace.NONE;
			}

		}).request("jetty", null, -1);
		assertThat(request.dial()).isSameAs(NetTrace.NONE);
	}

	@Test
	void factoryIsToldWhatTheRequestIs() {
		List<RequestInfo> requests = new ArrayList<>();
		NetTracing tracing = new NetTracing((request) -> {
			requests.add(request);
			return NetTrace.NONE;
		});
		tracing.request("jetty", "a.test", 443);
		tracing.blockingRequest("jdk", null, -1);
		assertThat(requests).containsExactly(new RequestInfo("jetty", "a.test", 443, 1),
				new RequestInfo("jdk", null, -1, 2));
	}

	@Test
	void keepsWhatWasBoundToTheThreadThatSent() {
		NetTracing tracing = new NetTracing();
		Resolver resolver = (network, host) -> List.of(InetAddress.getLoopbackAddress());
		NetTraceContext.Scope scope = NetTraceContext.current()
			.withTrace(recorder("bound"))
			.withResolver(resolver)
			.open();
		RequestTrace request = tracing.request("jetty", null, -1);
		scope.close();
		request.dial().dnsStart("a.test");
		assertThat(this.events).containsExactly("bound: a.test");
		assertThat(request.context().resolver()).isSameAs(resolver);
	}

	@Test
	void isSilentIfTheThreadWas() {
		NetTracing tracing = new NetTracing((request) -> recorder("factory"));
		NetTraceContext.Scope scope = NetTraceContext.silent().open();
		RequestTrace request = tracing.request("jetty", null, -1);
		assertThat(tracing.watchesExchanges()).isFalse();
		scope.close();
		assertThat(request.hooks()).isSameAs(NetTrace.NONE);
		assertThat(request.dial()).isSameAs(NetTrace.NONE);
		assertThat(request.context()).isSameAs(NetTraceContext.silent());
	}

	@Test
	void factoryThatThrowsHarmsNothing() {
		RequestTrace request = new NetTracing((info) -> recorder("good"), new NetTrace.Factory() {

			@Override
			public NetTrace create(RequestInfo info) {
				throw new IllegalStateException("create");
			}

			@Override
			public boolean hasParent() {
				throw new IllegalStateException("hasParent");
			}

			@Override
			public Set<Hook> hooks() {
				throw new IllegalStateException("hooks");
			}

		}).request("jetty", null, -1);
		request.dial().dnsStart("a.test");
		assertThat(this.events).containsExactly("good: a.test");
	}

	@Test
	void findsTheRequestInItsBindings() {
		Map<Object, Object> bindings = Map.of("user", "ann", NetTraceContextAccessor.KEY,
				NetTraceContext.empty().withTrace(recorder("bound")));
		known(new NetTracing(new UserFactory()).request("jetty", null, -1, bindings::get)).dial().dnsStart("a.test");
		assertThat(this.events).containsExactly("bound: a.test", "ann: a.test");
	}

	@Test
	void isSilentIfItsBindingsAre() {
		Map<Object, Object> bindings = Map.of(NetTraceContextAccessor.KEY, NetTraceContext.silent());
		RequestTrace request = new NetTracing((info) -> recorder("factory")).request("jetty", null, -1, bindings::get);
		assertThat(known(request).dial()).isSameAs(NetTrace.NONE);
	}

	@Test
	void isUnknownIfAFactoryHasToSeeItOnTheThread() {
		NetTracing tracing = new NetTracing(new UserFactory(), (request) -> recorder("thread"));
		assertThat(tracing.request("jetty", null, -1, (key) -> null)).isNull();
	}

	@Test
	void factoryThatThrowsAtBindingsHarmsNothing() {
		RequestTrace request = known(new NetTracing(new UserFactory(), new NetTrace.Factory() {

			@Override
			public NetTrace create(RequestInfo info) {
				return NetTrace.NONE;
			}

			@Override
			public NetTrace create(RequestInfo info, Function<Object, @Nullable Object> bindings) {
				throw new IllegalStateException("bindings");
			}

		}).request("jetty", null, -1, Map.of("user", "ann")::get));
		request.dial().dnsStart("a.test");
		assertThat(this.events).containsExactly("ann: a.test");
	}

	@Test
	void exchangesAreWatchedIfAFactoryOrABoundTraceHasTheirHooks() {
		assertThat(new NetTracing().watchesExchanges()).isFalse();
		assertThat(new NetTracing(factory(Hook.DNS, Hook.CONNECT)).watchesExchanges()).isFalse();
		assertThat(new NetTracing(factory(Hook.DNS), factory(Hook.GOT_CONN)).watchesExchanges()).isTrue();
		assertThat(new NetTracing((request) -> recorder("all")).watchesExchanges()).isTrue();
		assertThat(new NetTracing(() -> List.of(factory(Hook.GOT_CONN)), List::of, Set.of(Hook.DNS)).watchesExchanges())
			.isFalse();
		NetTraceContext.Scope scope = NetTraceContext.current().withTrace(recorder("bound")).open();
		assertThat(new NetTracing().watchesExchanges()).isTrue();
		scope.close();
	}

	@Test
	void aHookIsWatchedIfAFactoryOrABoundTraceHasIt() {
		assertThat(new NetTracing().watches(Hook.WAIT)).isFalse();
		assertThat(new NetTracing(factory(Hook.GOT_CONN)).watches(Hook.WAIT)).isFalse();
		assertThat(new NetTracing(factory(Hook.GOT_CONN), factory(Hook.WAIT)).watches(Hook.WAIT)).isTrue();
		assertThat(new NetTracing(() -> List.of(factory(Hook.WAIT)), List::of, Set.of(Hook.DNS)).watches(Hook.WAIT))
			.isFalse();
		NetTraceContext.Scope scope = NetTraceContext.current().withTrace(recorder("bound")).open();
		assertThat(new NetTracing().watches(Hook.WAIT)).isTrue();
		assertThat(new NetTracing(List::of, List::of, Set.of(Hook.DNS)).watches(Hook.WAIT)).isFalse();
		scope.close();
		NetTraceContext.Scope silent = NetTraceContext.silent().open();
		assertThat(new NetTracing(factory(Hook.WAIT)).watches(Hook.WAIT)).isFalse();
		silent.close();
	}

	@Test
	void hooksThatNoFactoryHasAreNotCalledUnlessATraceIsBound() {
		NetTrace.Factory factory = new NetTrace.Factory() {

			@Override
			public NetTrace create(RequestInfo request) {
				return recorder("factory");
			}

			@Override
			public Set<Hook> hooks() {
				return Set.of(Hook.DNS);
			}

		};
		NetTracing tracing = new NetTracing(factory);
		NetTrace hooks = tracing.request("jetty", null, -1).hooks();
		assertThat(NetTracing.watches(hooks, Hook.DNS)).isTrue();
		assertThat(NetTracing.watches(hooks, Hook.GET_CONN)).isFalse();
		assertThat(NetTracing.watches(NetTrace.NONE, Hook.DNS)).isFalse();
		hooks.getConn(new ConnectionTarget("a.test", 80, false));
		hooks.dnsStart("a.test");
		assertThat(this.events).containsExactly("factory: a.test");
		this.events.clear();
		NetTraceContext.Scope scope = NetTraceContext.current().withTrace(recorder("bound")).open();
		NetTrace bound = tracing.blockingRequest("jetty", null, -1).hooks();
		scope.close();
		assertThat(NetTracing.watches(bound, Hook.GET_CONN)).isTrue();
		bound.getConn(new ConnectionTarget("a.test", 80, false));
		assertThat(this.events).containsExactly("bound: for a.test", "factory: for a.test");
	}

	@Test
	void parentIsABoundTraceOrWhatAFactoryKnows() {
		assertThat(new NetTracing((request) -> recorder("factory")).hasParent()).isFalse();
		assertThat(new NetTracing((request) -> recorder("factory"), new ParentFactory()).hasParent()).isTrue();
		NetTraceContext.Scope scope = NetTraceContext.current().withTrace(recorder("bound")).open();
		assertThat(new NetTracing().hasParent()).isTrue();
		scope.close();
		NetTraceContext.Scope silent = NetTraceContext.silent().open();
		assertThat(new NetTracing(new ParentFactory()).hasParent()).isFalse();
		silent.close();
	}

	private static RequestTrace known(@Nullable RequestTrace trace) {
		return Objects.requireNonNull(trace);
	}

	private static NetTrace.Factory factory(Hook... hooks) {
		return new NetTrace.Factory() {

			@Override
			public NetTrace create(RequestInfo request) {
				return NetTrace.NONE;
			}

			@Override
			public Set<Hook> hooks() {
				return Set.of(hooks);
			}

		};
	}

	private NetTrace recorder(String name) {
		return new NetTrace() {

			@Override
			public void getConn(ConnectionTarget target) {
				RequestTraceTests.this.events.add(name + ": for " + target.host());
			}

			@Override
			public void dnsStart(String host) {
				RequestTraceTests.this.events.add(name + ": " + host);
			}

		};
	}

	private final class DialCountingFactory implements NetTrace.Factory {

		@Override
		public NetTrace create(RequestInfo request) {
			AtomicInteger dials = new AtomicInteger();
			return new NetTrace() {

				@Override
				public NetTrace forDial() {
					return recorder("dial " + dials.incrementAndGet());
				}

			};
		}

	}

	private final class UserFactory implements NetTrace.Factory {

		@Override
		public NetTrace create(RequestInfo request) {
			return NetTrace.NONE;
		}

		@Override
		public NetTrace create(RequestInfo request, Function<Object, @Nullable Object> bindings) {
			return recorder(String.valueOf(bindings.apply("user")));
		}

	}

	private static final class ParentFactory implements NetTrace.Factory {

		@Override
		public NetTrace create(RequestInfo request) {
			return NetTrace.NONE;
		}

		@Override
		public boolean hasParent() {
			return true;
		}

	}

}
