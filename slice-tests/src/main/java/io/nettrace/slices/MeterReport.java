package io.nettrace.slices;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.stereotype.Component;

/**
 * Prints the count of each of nettrace's timers, and the counters that Micrometer makes
 * of an observation's events. There must be none of these.
 */
@Component
@ConditionalOnClass(MeterRegistry.class)
final class MeterReport implements DisposableBean {

	private final ObjectProvider<MeterRegistry> registry;

	MeterReport(ObjectProvider<MeterRegistry> registry) {
		this.registry = registry;
	}

	@Override
	public void destroy() {
		this.registry.ifAvailable((registry) -> {
			for (String name : new String[] { "dns.lookup.duration", "socket.connect.duration" }) {
				long count = registry.find(name).timers().stream().mapToLong(Timer::count).sum();
				SliceApplication.print("meter", name + " " + count);
			}
			registry.getMeters()
				.stream()
				.filter((meter) -> meter instanceof Counter)
				.map((meter) -> meter.getId().getName())
				.filter((name) -> name.startsWith("http.client.requests"))
				.forEach((name) -> SliceApplication.print("meter", name));
		});
	}

}
