package io.nettrace.observation;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class HostGuardTests {

	@Test
	void firstHostsKeepTheirName() {
		HostGuard guard = new HostGuard(2);
		assertThat(guard.meterHost("a.test")).isEqualTo("a.test");
		assertThat(guard.meterHost("b.test")).isEqualTo("b.test");
		assertThat(guard.meterHost("c.test")).isEqualTo("_OTHER");
		assertThat(guard.meterHost("a.test")).isEqualTo("a.test");
	}

	@Test
	void addressesAreOtherAndNotCounted() {
		HostGuard guard = new HostGuard(1);
		assertThat(guard.meterHost("127.0.0.1")).isEqualTo("_OTHER");
		assertThat(guard.meterHost("::1")).isEqualTo("_OTHER");
		assertThat(guard.meterHost("fe80::1%eth0")).isEqualTo("_OTHER");
		assertThat(guard.meterHost("a.test")).isEqualTo("a.test");
	}

	@Test
	void numbersInANameDoNotMakeItAnAddress() {
		HostGuard guard = new HostGuard(3);
		assertThat(guard.meterHost("10.0.0.1.nip.io")).isEqualTo("10.0.0.1.nip.io");
		assertThat(guard.meterHost("web1")).isEqualTo("web1");
		assertThat(guard.meterHost("/run/app.sock")).isEqualTo("/run/app.sock");
	}

	@Test
	void concurrentCallersNeverAdmitTooMany() {
		HostGuard guard = new HostGuard(10);
		Set<String> hosts = IntStream.range(0, 100_000)
			.parallel()
			.mapToObj((i) -> guard.meterHost("host-" + i % 5_000))
			.collect(Collectors.toSet());
		assertThat(hosts).hasSize(11).contains("_OTHER");
	}

	@Test
	void fewerThanOneHostIsRejected() {
		assertThatIllegalArgumentException().isThrownBy(() -> new HostGuard(0))
			.withMessage("'maxHosts' must be at least 1, not 0");
	}

}
