package io.nettrace.observation.saving;

import java.time.Duration;

import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class RequestTimerTests {

	private final MockClock clock = new MockClock();

	private final SimpleMeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, this.clock);

	private final RequestTimer timer = new RequestTimer(new HeldTimers(this.registry, (context) -> ""), "phase",
			"Time of a phase", KeyValues.of("host", "api.test"), RequestExemplars.NONE);

	private void record(long nanos) {
		this.timer.record(nanos, null);
	}

	private Timer registered() {
		return this.registry.get("phase").tag("host", "api.test").timer();
	}

	@Test
	void isRegisteredWhenItIsFirstUsed() {
		assertThat(this.registry.getMeters()).isEmpty();
		record(5);
		record(7);
		assertThat(registered().count()).isEqualTo(2);
		assertThat(registered().getId().getDescription()).isEqualTo("Time of a phase");
	}

	@Test
	void isMadeAgainIfItIsRemoved() {
		record(5);
		Meter first = registered();
		this.registry.remove(first);
		record(7);
		assertThat(registered()).isNotSameAs(first).extracting(Timer::count).isEqualTo(1L);
	}

	@Test
	void isMadeAgainIfAllAreRemoved() {
		record(5);
		this.registry.clear();
		record(7);
		assertThat(registered().count()).isEqualTo(1);
	}

	@Test
	void followsAFilterThatIsAddedLate() {
		record(5);
		this.registry.config().meterFilter(MeterFilter.deny());
		this.registry.clear();
		this.clock.add(Duration.ofSeconds(2));
		record(7);
		assertThat(this.registry.getMeters()).isEmpty();
	}

}
