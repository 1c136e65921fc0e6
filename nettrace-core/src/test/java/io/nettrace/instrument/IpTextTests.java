package io.nettrace.instrument;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class IpTextTests {

	/**
	 * RFC 5952, sections 1, 2 and 4.
	 */
	@ParameterizedTest
	@CsvSource({ "127.0.0.9, 127.0.0.9", "0:0:0:0:0:0:0:1, ::1", "0:0:0:0:0:0:0:0, ::", "2001:DB8::1, 2001:db8::1",
			"2001:0db8:0:0:0:0:2:0001, 2001:db8::2:1", "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
			"2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1", "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
			"1:2:3:4:5:6:0:0, 1:2:3:4:5:6::", "0:0:3:4:5:6:7:8, ::3:4:5:6:7:8",
			"fe80::a00:27ff:fe4e:66a1, fe80::a00:27ff:fe4e:66a1" })
	void hasOneTextForOneAddress(String literal, String text) throws Exception {
		assertThat(IpText.of(InetAddress.getByName(literal))).isEqualTo(text);
	}

	@Test
	void ipv4MappedAddressIsIpv4() throws Exception {
		byte[] mapped = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 127, 0, 0, 9 };
		InetAddress address = Inet6Address.getByAddress("a.test", mapped, -1);
		assertThat(address).isInstanceOf(Inet6Address.class);
		assertThat(IpText.of(address)).isEqualTo("127.0.0.9");
		assertThat(IpText.isIpv6(address)).isFalse();
		assertThat(IpText.isIpv6(InetAddress.getByName("::1"))).isTrue();
	}

	@Test
	void keepsAZone() throws Exception {
		byte[] linkLocal = InetAddress.getByName("fe80::1").getAddress();
		assertThat(IpText.of(Inet6Address.getByAddress(null, linkLocal, 3))).isEqualTo("fe80::1%3");
	}

	@ParameterizedTest
	@CsvSource({ "::1", "0:0:0:0:0:0:0:1" })
	void hostOfALiteralIsItsText(String literal) throws Exception {
		InetAddress address = InetAddress.getByAddress(literal, InetAddress.getByName("::1").getAddress());
		assertThat(IpText.host(new InetSocketAddress(address, 80))).isEqualTo("::1");
	}

	@Test
	void hostOfANamedAddressIsItsName() throws Exception {
		InetAddress address = InetAddress.getByAddress("a.test", InetAddress.getByName("::1").getAddress());
		assertThat(IpText.host(new InetSocketAddress(address, 80))).isEqualTo("a.test");
	}

}
