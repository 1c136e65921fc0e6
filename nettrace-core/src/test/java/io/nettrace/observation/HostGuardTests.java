package io.nettrace.observation;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class HostGuardTests {

	@Test
	void firstHostsThatAreFoundKeepTheirName() {
		HostGuard guard = new HostGuard(2);
		assertThat(guard.meterHost("a.test")).as("not known yet").isEqualTo("_OTHER");
		assertThat(guard.foundHost("a.test")).isEqualTo("a.test");
		assertThat(guard.foundHost("b.test")).isEqualTo("b.test");
		assertThat(guard.foundHost("c.test")).isEqualTo("_OTHER");
		assertThat(guard.foundHost("a.test")).isEqualTo("a.test");
		assertThat(guard.meterHost("a.test")).isEqualTo("a.test");
		assertThat(guard.failedHost("a.test")).isEqualTo("a.test");
	}

	@ParameterizedTest
	@ValueSource(strings = { "shop.test", "Shop.TEST", "shop.test.", "SHOP.test." })
	void spellingsOfAHostAreOne(String spelling) {
		HostGuard guard = new HostGuard(1);
		assertThat(guard.foundHost(spelling)).isEqualTo("shop.test");
		assertThat(guard.meterHost("shop.test")).isEqualTo("shop.test");
		assertThat(guard.failedHost("SHOP.TEST")).isEqualTo("shop.test");
	}

	@Test
	void internationalNamesAreOneWithTheirAscii() {
		HostGuard guard = new HostGuard(1);
		assertThat(guard.foundHost("B\u00fccher.example")).isEqualTo("xn--bcher-kva.example");
		assertThat(guard.foundHost("xn--bcher-kva.example.")).isEqualTo("xn--bcher-kva.example");
		assertThat(guard.foundHost("b\u00fccher\u3002example")).isEqualTo("xn--bcher-kva.example");
	}

	@Test
	void hostsThatAreNotFoundTakeNoPlaceOfThoseThatAre() {
		HostGuard guard = new HostGuard(1);
		for (int i = 0; i < 1_000; i++) {
			assertThat(guard.failedHost("x" + i + ".test")).isEqualTo("x" + i + ".test");
		}
		assertThat(guard.foundHost("shop.test")).isEqualTo("shop.test");
	}

	@Test
	void hostNotAskedForLongestMakesRoom() {
		HostGuard guard = new HostGuard(1);
		List<String> forgotten = new ArrayList<>();
		guard.onForgotten(forgotten::add);
		for (int i = 0; i < HostGuard.MAX_NOT_FOUND; i++) {
			guard.failedHost("x" + i + ".test");
		}
		guard.failedHost("x0.test");
		assertThat(forgotten).isEmpty();
		guard.failedHost("one-more.test");
		guard.failedHost("another.test");
		assertThat(forgotten).containsExactly("x1.test", "x2.test");
		assertThat(guard.tells("x0.test")).isTrue();
		assertThat(guard.tells("x1.test")).isFalse();
	}

	@Test
	void hostThatIsFoundMovesOver() {
		HostGuard guard = new HostGuard(1);
		List<String> forgotten = new ArrayList<>();
		guard.onForgotten(forgotten::add);
		assertThat(guard.failedHost("late.test")).isEqualTo("late.test");
		assertThat(guard.isPassing("late.test")).isTrue();
		assertThat(guard.foundHost("late.test")).isEqualTo("late.test");
		assertThat(guard.isPassing("late.test")).isFalse();
		for (int i = 0; i < 2 * HostGuard.MAX_NOT_FOUND; i++) {
			guard.failedHost("x" + i + ".test");
		}
		assertThat(forgotten).hasSize(HostGuard.MAX_NOT_FOUND).doesNotContain("late.test");
	}

	@ParameterizedTest
	@ValueSource(strings = { "127.0.0.1", "::1", "fe80::1%eth0", "127.1", "2130706433", "0x7f000001", "0177.0.0.1",
			"127.0.0.1." })
	void addressesAreOtherAndNotCounted(String address) {
		HostGuard guard = new HostGuard(1);
		assertThat(guard.foundHost(address)).isEqualTo("_OTHER");
		assertThat(guard.failedHost(address)).isEqualTo("_OTHER");
		assertThat(guard.foundHost("a.test")).isEqualTo("a.test");
	}

	@ParameterizedTest
	@ValueSource(strings = { "10.0.0.1.nip.io", "web1", "0xcafe.test", "1and1.test", "/run/app.sock", "/run/App.sock" })
	void numbersInANameDoNotMakeItAnAddress(String host) {
		assertThat(new HostGuard(3).foundHost(host)).isEqualTo(host);
	}

	@Test
	void concurrentCallersNeverAdmitTooMany() {
		HostGuard guard = new HostGuard(10);
		Set<String> hosts = IntStream.range(0, 100_000)
			.parallel()
			.mapToObj((i) -> guard.foundHost("host-" + i % 5_000))
			.collect(Collectors.toSet());
		assertThat(hosts).hasSize(11).contains("_OTHER");
	}

	@Test
	void fewerThanOneHostIsRejected() {
		assertThatIllegalArgumentException().isThrownBy(() -> new HostGuard(0))
			.withMessage("'maxHosts' must be at least 1, not 0");
	}

}
