package io.nettrace.jvm;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Where nothing is traced, every question goes to the resolver behind as it came.
 */
class TracedInetAddressResolverTests {

	private static final InetAddressResolver.LookupPolicy IPV6_FIRST = InetAddressResolver.LookupPolicy
		.of(InetAddressResolver.LookupPolicy.IPV4 | InetAddressResolver.LookupPolicy.IPV6
				| InetAddressResolver.LookupPolicy.IPV6_FIRST);

	private final TracedInetAddressResolver resolver = new TracedInetAddressResolver(new Behind());

	@Test
	void asksForTheAddressesOfANameWithItsPolicy() throws UnknownHostException {
		List<InetAddress> addresses = this.resolver.lookupByName("a.test", IPV6_FIRST).toList();
		assertThat(addresses).containsExactly(InetAddress.getByName("127.0.0.9"));
		assertThatExceptionOfType(UnknownHostException.class)
			.isThrownBy(() -> this.resolver.lookupByName("b.test", IPV6_FIRST))
			.withMessage("b.test " + IPV6_FIRST.characteristics());
	}

	@Test
	void asksForTheNameOfAnAddress() throws UnknownHostException {
		assertThat(this.resolver.lookupByAddress(new byte[] { 127, 0, 0, 9 })).isEqualTo("a.test");
		assertThatExceptionOfType(UnknownHostException.class)
			.isThrownBy(() -> this.resolver.lookupByAddress(new byte[] { 127, 0, 0, 8 }))
			.withMessage("[127, 0, 0, 8]");
	}

	private static final class Behind implements InetAddressResolver {

		@Override
		public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
			if (host.equals("a.test") && policy.characteristics() == IPV6_FIRST.characteristics()) {
				return Stream.of(InetAddress.getByName("127.0.0.9"));
			}
			throw new UnknownHostException(host + " " + policy.characteristics());
		}

		@Override
		public String lookupByAddress(byte[] address) throws UnknownHostException {
			if (address[3] == 9) {
				return "a.test";
			}
			throw new UnknownHostException(Arrays.toString(address));
		}

	}

}
