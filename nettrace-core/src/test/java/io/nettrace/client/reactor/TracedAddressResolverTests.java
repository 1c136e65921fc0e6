package io.nettrace.client.reactor;

import java.lang.ref.WeakReference;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.DefaultAddressResolverGroup;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.LoopResources;

import static org.assertj.core.api.Assertions.assertThat;

class TracedAddressResolverTests {

	private static final InetSocketAddress NAME = InetSocketAddress.createUnresolved("a.test", 80);

	private static final EventExecutor EXECUTOR = new DefaultEventExecutor();

	@AfterAll
	static void stop() {
		EXECUTOR.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
	}

	/**
	 * Also those that netty may add one day.
	 */
	static Stream<Method> resolverMethods() {
		return Stream.of(AddressResolver.class.getMethods())
			.filter((method) -> !Modifier.isStatic(method.getModifiers()));
	}

	@ParameterizedTest
	@MethodSource("resolverMethods")
	void forwardsEveryMethodOfTheResolver(Method method) throws ReflectiveOperationException {
		List<String> called = new ArrayList<>();
		TracedAddressResolver resolver = new TracedAddressResolver(TracedAddressResolverGroup.BY_DEFAULT,
				recording(called), EXECUTOR, null);
		method.invoke(resolver,
				Stream.of(method.getParameterTypes()).map(TracedAddressResolverTests::argument).toArray());
		assertThat(called).containsExactly(method.getName());
	}

	@Test
	void declaresEveryMethodOfTheGroup() {
		assertThat(Stream.of(AddressResolverGroup.class.getDeclaredMethods())
			.filter((method) -> !Modifier.isPrivate(method.getModifiers()) && !method.isSynthetic())
			.map(Method::getName)).containsExactlyInAnyOrder("getResolver", "newResolver", "close");
		assertThat(Stream.of(TracedAddressResolverGroup.class.getDeclaredMethods()).map(Method::getName))
			.contains("getResolver", "newResolver", "close");
	}

	@Test
	void groupAsksEachEventLoopsResolverAndClosesTheGroup() {
		List<String> called = new ArrayList<>();
		RecordingGroup delegate = new RecordingGroup(called);
		TracedAddressResolverGroup group = new TracedAddressResolverGroup(delegate, false);
		assertThat(group.getResolver(EXECUTOR).resolveAll(NAME).isDone()).isFalse();
		assertThat(group.getResolver(EXECUTOR).resolveAll(NAME).isDone()).isFalse();
		group.close();
		assertThat(called).containsExactly("newResolver", "resolveAll", "resolveAll", "close");
	}

	@Test
	void groupsAreEqualIfTheirDelegatesAre() {
		AddressResolverGroup<?> delegate = DefaultAddressResolverGroup.INSTANCE;
		TracedAddressResolverGroup group = new TracedAddressResolverGroup(delegate, false);
		assertThat(group).isEqualTo(new TracedAddressResolverGroup(delegate, false))
			.hasSameHashCodeAs(new TracedAddressResolverGroup(delegate, false))
			.isNotEqualTo(new TracedAddressResolverGroup(new RecordingGroup(new ArrayList<>()), false))
			.isNotEqualTo(delegate);
	}

	/**
	 * netty's own group keeps its resolvers, and with them itself, as long as the event
	 * loop.
	 */
	@Test
	void groupIsFreedThoughTheEventLoopIsNot() {
		WeakReference<?> group = usedGroup();
		Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
			System.gc();
			return group.get() == null;
		});
	}

	private static WeakReference<?> usedGroup() {
		TracedAddressResolverGroup group = new TracedAddressResolverGroup(DefaultAddressResolverGroup.INSTANCE, true);
		assertThat(group.getResolver(EXECUTOR).isResolved(NAME)).isFalse();
		return new WeakReference<>(group);
	}

	/**
	 * Reactor Netty gives a client with event loops of its own the same resolver anew.
	 */
	@Test
	void lookupsAreTheSystemsUnlessTheApplicationHasSetAResolver() {
		LoopResources loops = LoopResources.create("test");
		assertThat(isSystem(HttpClient.create())).isTrue();
		assertThat(isSystem(HttpClient.create().runOn(loops))).isTrue();
		assertThat(isSystem(HttpClient.create().resolver(DefaultAddressResolverGroup.INSTANCE))).isTrue();
		assertThat(isSystem(HttpClient.create().resolver((spec) -> spec.ndots(7)))).isFalse();
		assertThat(isSystem(HttpClient.create().runOn(loops).resolver(new RecordingGroup(new ArrayList<>()))))
			.isFalse();
		loops.dispose();
	}

	private static boolean isSystem(HttpClient client) {
		HttpClient traced = new NetTraceReactorNetty(new NetTracing(), LookupSettings.defaults(),
				LookupThreads.create())
			.instrument(client);
		return traced.configuration().resolver() instanceof TracedAddressResolverGroup group && group.isSystem();
	}

	private static Object argument(Class<?> type) {
		return (type == SocketAddress.class) ? NAME : EXECUTOR.newPromise();
	}

	@SuppressWarnings("unchecked")
	private static AddressResolver<SocketAddress> recording(List<String> called) {
		InvocationHandler handler = (proxy, method, arguments) -> {
			called.add(method.getName());
			return answer(method.getReturnType());
		};
		return (AddressResolver<SocketAddress>) Proxy.newProxyInstance(
				TracedAddressResolverTests.class.getClassLoader(), new Class<?>[] { AddressResolver.class }, handler);
	}

	private static @Nullable Object answer(Class<?> type) {
		if (type == boolean.class) {
			return true;
		}
		Promise<Object> never = EXECUTOR.newPromise();
		return (type != void.class) ? never : null;
	}

	private static final class RecordingGroup extends AddressResolverGroup<SocketAddress> {

		private final List<String> called;

		RecordingGroup(List<String> called) {
			this.called = called;
		}

		@Override
		protected AddressResolver<SocketAddress> newResolver(EventExecutor executor) {
			this.called.add("newResolver");
			return recording(this.called);
		}

	}

}
