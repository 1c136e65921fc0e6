package io.nettrace.autoconfigure;

import java.lang.reflect.Constructor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import io.nettrace.client.AddressFilters;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.impl.InMemoryDnsResolver;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.http.client.InetAddressFilter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Spring Boot's own filters, which are private.
 */
class AddressFiltersTests {

	private static final InetAddressFilter FILTER = InetAddressFilter.not("127.0.0.8");

	@Test
	void innermostResolverIsSeenThroughFilters() throws Exception {
		DnsResolver own = new InMemoryDnsResolver();
		assertThat(AddressFilters.innermost(own, DnsResolver.class)).isSameAs(own);
		assertThat(AddressFilters.innermost(filtered(DnsResolver.class, 0, own), DnsResolver.class)).isSameAs(own);
		assertThat(AddressFilters.innermost(filtered(DnsResolver.class, 0, filtered(DnsResolver.class, 0, own)),
				DnsResolver.class))
			.isSameAs(own);
		SocketAddressResolver jetty = new SocketAddressResolver.Sync();
		assertThat(
				AddressFilters.innermost(filtered(SocketAddressResolver.class, 1, jetty), SocketAddressResolver.class))
			.isSameAs(jetty);
	}

	@Test
	void filterStaysInFrontOfAWrappedResolverOfHttpComponents() throws Exception {
		DnsResolver filtered = filtered(DnsResolver.class, 0,
				filtered(DnsResolver.class, 0, SystemDefaultDnsResolver.INSTANCE));
		InMemoryDnsResolver other = new InMemoryDnsResolver();
		other.add("some.test", InetAddress.getByName("127.0.0.8"), InetAddress.getByName("127.0.0.9"));
		other.add("denied.test", InetAddress.getByName("127.0.0.8"));
		DnsResolver wrapped = AddressFilters.wrapInnermost(filtered, DnsResolver.class, (innermost) -> {
			assertThat(innermost).isSameAs(SystemDefaultDnsResolver.INSTANCE);
			return other;
		});
		assertThat(wrapped).hasSameClassAs(filtered);
		assertThat(wrapped.resolve("some.test")).containsExactly(InetAddress.getByName("127.0.0.9"));
		assertThat(wrapped.resolve("some.test", 80)).containsExactly(new InetSocketAddress("127.0.0.9", 80));
		assertThatThrownBy(() -> wrapped.resolve("denied.test", 80)).hasMessageContaining("denied.test");
	}

	@Test
	void filterStaysInFrontOfAWrappedResolverOfJetty() throws Exception {
		SocketAddressResolver filtered = filtered(SocketAddressResolver.class, 1, new SocketAddressResolver.Sync());
		SocketAddressResolver wrapped = AddressFilters.wrapInnermost(filtered, SocketAddressResolver.class,
				(innermost) -> (host, port, context, promise) -> promise.succeeded(
						List.of(new InetSocketAddress("127.0.0.8", port), new InetSocketAddress("127.0.0.9", port))));
		CompletableFuture<List<InetSocketAddress>> answer = new CompletableFuture<>();
		wrapped.resolve("some.test", 80, Map.of(),
				Promise.from(answer::complete, (failure) -> answer.completeExceptionally(failure)));
		assertThat(answer.get()).containsExactly(new InetSocketAddress("127.0.0.9", 80));
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1 })
	void filterCanBeReadInANativeImage(int type) throws Exception {
		RuntimeHints hints = new RuntimeHints();
		new NetTraceRuntimeHints().registerHints(hints, getClass().getClassLoader());
		Class<?> filter = Class.forName(AddressFilters.TYPES.get(type));
		for (String field : AddressFilters.FIELDS) {
			assertThat(RuntimeHintsPredicates.reflection().onFieldAccess(filter.getDeclaredField(field)))
				.accepts(hints);
		}
		assertThat(RuntimeHintsPredicates.reflection().onConstructorInvocation(filter.getDeclaredConstructors()[0]))
			.accepts(hints);
	}

	private static <T> T filtered(Class<T> type, int filter, T resolver) throws Exception {
		Constructor<?> constructor = Class.forName(AddressFilters.TYPES.get(filter))
			.getDeclaredConstructor(type, InetAddressFilter.class);
		constructor.setAccessible(true);
		return type.cast(constructor.newInstance(resolver, FILTER));
	}

}
