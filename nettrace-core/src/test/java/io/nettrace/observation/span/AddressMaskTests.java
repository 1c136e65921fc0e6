package io.nettrace.observation.span;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class AddressMaskTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			Connect to 10.1.2.3:8443 failed | Connect to _IP:8443 failed
			a.test/10.1.2.3:80              | a.test/_IP:80
			server10.1.2.3                  | server_IP
			10.1.2.3is gone                 | _IPis gone
			peer:10.1.2.3                   | peer:_IP
			x-10.1.2.3-y                    | x-_IP-y
			x_10.1.2.3_y                    | x__IP_y
			to 10.1.2.3.                    | to _IP.
			10.1.2.3.nip.io                 | 10.1.2.3.nip.io
			version 1.10.1.2.3              | version 1.10.1.2.3
			[2001:db8::17]:443              | [_IP]:443
			/0:0:0:0:0:0:0:1                | /_IP
			::1                             | _IP
			fe80::1%eth0 is gone            | _IP is gone
			x_2001:db8::17                  | x__IP
			x-2001:db8::17                  | x-_IP
			::ffff:10.1.2.3                 | _IP
			java.net.ConnectException: no   | java.net.ConnectException: no
			host:port                       | host:port
			""")
	void addressesAreMaskedWhateverTheyTouch(String text, String masked) {
		assertThat(AddressMask.mask(text)).isEqualTo(masked);
	}

	@ParameterizedTest
	@CsvSource({ "peer:2001:db8::17", "peer2001:db8::17", "addr:fe80::1", "x::1y" })
	void addressesOfIpv6DoNotShowWhateverTheyTouch(String text) {
		assertThat(AddressMask.mask(text)).contains("_IP").doesNotContain("db8", "::", "17", "fe80", "::1");
	}

	@ParameterizedTest
	@CsvSource({ "2130706433", "0x7f000001", "0X7F.1", "127.1", "127.0.0.1", "127.0.0.1.", "::1", "0177.0.0.1" })
	void hostsThatAreAddressesAreMaskedHoweverTheyAreWritten(String host) {
		assertThat(AddressMask.maskHost(host)).isEqualTo("_IP");
		assertThat(AddressMask.mask("Connect to " + host + " failed", host)).isEqualTo("Connect to _IP failed");
	}

	@Test
	void hostThatIsANumberDoesNotMaskOtherNumbers() {
		assertThat(AddressMask.mask("Connect to 1:81 failed after 10 ms", "1"))
			.isEqualTo("Connect to _IP:81 failed after 10 ms");
	}

	@ParameterizedTest
	@CsvSource({ "a.test", "1and1.test", "ip-192-0-2-7.test", "0xcafe.test" })
	void namesAreKept(String host) {
		assertThat(AddressMask.maskHost(host)).isEqualTo(host);
		assertThat(AddressMask.mask("Connect to " + host + " failed", host))
			.isEqualTo("Connect to " + host + " failed");
	}

}
