package io.nettrace.equality;

import java.util.List;
import java.util.stream.Stream;

/**
 * All scenarios.
 */
final class Scenarios {

	private Scenarios() {
	}

	static List<Scenario> all() {
		return Stream
			.of(ExchangeScenarios.all(), ConnectionScenarios.all(), NameScenarios.all(), ProxyScenarios.all(),
					TlsScenarios.all(), SettingScenarios.all(), ObservationScenarios.all(), ThreadScenarios.all(),
					OkHttpScenarios.all())
			.flatMap(List::stream)
			.toList();
	}

}
