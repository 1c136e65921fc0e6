package io.nettrace.observation.jfr;

import java.util.Locale;

import io.nettrace.WaitInfo;
import io.nettrace.observation.ConnectionWaitContext;
import io.nettrace.observation.StepContext;
import jdk.jfr.Description;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/**
 * A wait for a connection.
 */
@Name("nettrace.Wait")
@Label("Wait for Connection")
final class WaitEvent extends StepEvent {

	@Label("Port")
	int port;

	@Label("Reason")
	@Nullable String reason;

	@Label("Outcome")
	@Nullable String outcome;

	@Label("Time Before")
	@Description("How long the request had waited when the wait was noticed, on libraries that do not tell of its start")
	@Timespan(Timespan.NANOSECONDS)
	long before;

	@Override
	void write(StepContext step, boolean hideAddresses) {
		WaitInfo wait = ((ConnectionWaitContext) step).getWait();
		this.port = wait.target().port();
		this.reason = text(wait.reason());
		this.outcome = text(wait.outcome());
		this.before = wait.elapsed().toNanos();
	}

	private static @Nullable String text(@Nullable Enum<?> value) {
		return (value != null) ? value.name().toLowerCase(Locale.ROOT) : null;
	}

}
