package io.nettrace.observation.jfr;

import io.nettrace.observation.StepContext;
import jdk.jfr.Category;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/**
 * What the events of all steps have: they begin and end with their step, on whatever
 * threads.
 */
@Category({ "nettrace" })
@Enabled(false)
@StackTrace(false)
abstract class StepEvent extends Event {

	@Label("Client")
	@Nullable String client;

	@Label("Host")
	@Nullable String host;

	@Label("Error Type")
	@Nullable String errorType;

	/**
	 * Write what only this kind of step has.
	 * @param step the step, which has ended
	 * @param hideAddresses whether no IP address is shown
	 */
	abstract void write(StepContext step, boolean hideAddresses);

}
