package io.nettrace.observation;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class HostPatternsTests {

	@ParameterizedTest
	@CsvSource({ "api.test, api.test, true", "api.test, api.test., true", "api.test, API.Test, true",
			"api.test, xapi.test, false", "*.test, api.test, true", "*.test, a.b.test, true", "*.test, test, false",
			"10.*, 10.0.0.1, true", "*a*b*c, xaybzc, true", "*a*b*c, xaybz, false", "web?, web1, true",
			"web?, web12, false", "api.test., api.test, true", "*.TEST., api.test, true",
			"*.b\u00fccher.test, a.xn--bcher-kva.test, true", "xn--bcher-kva.test, B\u00fccher.test, true",
			"2001:DB8::*, 2001:db8::1, true", "*, anything, true", "api.*.test, api.test, false" })
	void patternMatchesTheWholeName(String pattern, String host, boolean matches) {
		assertThat(new HostPatterns(List.of(pattern), List.of()).matches(host)).isEqualTo(matches);
	}

	@Test
	void withoutIncludesEveryHostIsIn() {
		assertThat(HostPatterns.all().matches("any.test")).isTrue();
	}

	@Test
	void excludeWinsOverInclude() {
		HostPatterns patterns = new HostPatterns(List.of("*.test"), List.of("noisy.*", "*.internal.test"));
		assertThat(patterns.matches("api.test")).isTrue();
		assertThat(patterns.matches("noisy.test")).isFalse();
		assertThat(patterns.matches("db.internal.test")).isFalse();
		assertThat(patterns.matches("api.example")).isFalse();
	}

	@Test
	void emptyPatternIsRejected() {
		assertThatIllegalArgumentException().isThrownBy(() -> new HostPatterns(List.of("a", " "), List.of()))
			.withMessage("'include' must not contain an empty pattern");
	}

}
