package io.nettrace;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class NetTraceRequestTests {

	private final List<String> events = new ArrayList<>();

	@Test
	void makesATraceOfItsOwnForEachOperation() {
		NetTraceRequest request = new NetTracing(new CountingFactory()).request("jetty");
		request.newTrace().dnsStart("a.test");
		request.newTrace().dnsStart("b.test");
		assertThat(this.events).containsExactly("jetty 1: a.test", "jetty 2: b.test");
	}

	@Test
	void keepsWhatWasBoundToTheThreadThatSent() {
		NetTracing tracing = new NetTracing();
		Resolver resolver = (network, host) -> List.of(InetAddress.getLoopbackAddress());
		NetTraceContext.Scope scope = NetTraceContext.current()
			.withTrace(recorder("bound"))
			.withResolver(resolver)
			.open();
		NetTraceRequest request = tracing.request("jetty");
		scope.close();
		request.newTrace().dnsStart("a.test");
		assertThat(this.events).containsExactly("bound: a.test");
		assertThat(request.context().resolver()).isSameAs(resolver);
	}

	@Test
	void isSilentIfTheThreadWas() {
		NetTracing tracing = new NetTracing(new CountingFactory());
		NetTraceContext.Scope scope = NetTraceContext.silent().open();
		NetTraceRequest request = tracing.request("jetty");
		scope.close();
		assertThat(request.newTrace()).isSameAs(NetTrace.NONE);
		assertThat(request.context()).isSameAs(NetTraceContext.silent());
	}

	@Test
	void factoryThatDoesNotTellOperationsApartMakesOneTrace() {
		AtomicInteger made = new AtomicInteger();
		NetTraceRequest request = new NetTracing((client) -> {
			made.incrementAndGet();
			return recorder("one");
		}).request("jetty");
		request.newTrace().dnsStart("a.test");
		request.newTrace().dnsStart("b.test");
		assertThat(made).hasValue(1);
		assertThat(this.events).containsExactly("one: a.test", "one: b.test");
	}

	@Test
	void factoryThatThrowsHarmsNobody() {
		NetTraceRequest request = new NetTracing(new CountingFactory(), new NetTrace.Factory() {

			@Override
			public NetTrace create(String client) {
				throw new IllegalStateException("create");
			}

			@Override
			public boolean hasParent() {
				throw new IllegalStateException("hasParent");
			}

		}).request("jetty");
		request.newTrace().dnsStart("a.test");
		assertThat(this.events).containsExactly("jetty 1: a.test");
	}

	@Test
	void findsTheRequestInItsBindings() {
		Map<Object, Object> bindings = Map.of("user", "ann", NetTraceContextAccessor.KEY,
				NetTraceContext.empty().withTrace(recorder("bound")));
		known(new NetTracing(new UserFactory()).capture("jetty", bindings::get)).dnsStart("a.test");
		assertThat(this.events).containsExactly("bound: a.test", "ann: a.test");
	}

	@Test
	void isSilentIfItsBindingsAre() {
		Map<Object, Object> bindings = Map.of(NetTraceContextAccessor.KEY, NetTraceContext.silent());
		assertThat(new NetTracing(new CountingFactory()).capture("jetty", bindings::get)).isSameAs(NetTrace.NONE);
	}

	@Test
	void isUnknownIfAFactoryHasToSeeItOnTheThread() {
		NetTracing tracing = new NetTracing(new UserFactory(), new CountingFactory());
		assertThat(tracing.capture("jetty", (key) -> null)).isNull();
	}

	@Test
	void factoryThatThrowsAtBindingsHarmsNobody() {
		NetTrace trace = known(new NetTracing(new UserFactory(), new NetTrace.Factory() {

			@Override
			public NetTrace create(String client) {
				return NetTrace.NONE;
			}

			@Override
			public NetTrace create(String client, Function<Object, @Nullable Object> bindings) {
				throw new IllegalStateException("bindings");
			}

		}).capture("jetty", Map.of("user", "ann")::get));
		trace.dnsStart("a.test");
		assertThat(this.events).containsExactly("ann: a.test");
	}

	@Test
	void parentIsABoundTraceOrWhatAFactoryKnows() {
		assertThat(new NetTracing(new CountingFactory()).hasParent()).isFalse();
		assertThat(new NetTracing(new CountingFactory(), new ParentFactory()).hasParent()).isTrue();
		NetTraceContext.Scope scope = NetTraceContext.current().withTrace(recorder("bound")).open();
		assertThat(new NetTracing().hasParent()).isTrue();
		scope.close();
		NetTraceContext.Scope silent = NetTraceContext.silent().open();
		assertThat(new NetTracing(new ParentFactory()).hasParent()).isFalse();
		silent.close();
	}

	private static NetTrace known(@Nullable NetTrace trace) {
		return Objects.requireNonNull(trace);
	}

	private NetTrace recorder(String name) {
		return new NetTrace() {

			@Override
			public void dnsStart(String host) {
				NetTraceRequestTests.this.events.add(name + ": " + host);
			}

		};
	}

	private final class CountingFactory implements NetTrace.Factory {

		@Override
		public NetTrace create(String client) {
			return forRequest(client).get();
		}

		@Override
		public Supplier<NetTrace> forRequest(String client) {
			AtomicInteger operations = new AtomicInteger();
			return () -> recorder(client + " " + operations.incrementAndGet());
		}

	}

	private final class UserFactory implements NetTrace.Factory {

		@Override
		public NetTrace create(String client) {
			return NetTrace.NONE;
		}

		@Override
		public NetTrace create(String client, Function<Object, @Nullable Object> bindings) {
			return recorder(String.valueOf(bindings.apply("user")));
		}

	}

	private static final class ParentFactory implements NetTrace.Factory {

		@Override
		public NetTrace create(String client) {
			return NetTrace.NONE;
		}

		@Override
		public boolean hasParent() {
			return true;
		}

	}

}
