package io.nettrace.benchmarks;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A plain Micrometer Observation around a lookup or connect, written by hand: three keys
 * of low cardinality and three of high, under Boot's handlers.
 */
@State(Scope.Thread)
public class KeyedObservation {

	/**
	 * What listens.
	 */
	@Param({ "METERS", "SAMPLED", "UNSAMPLED" })
	public Watching watching = Watching.METERS;

	private ObservationRegistry registry;

	private Application application;

	/**
	 * Start the application.
	 */
	@Setup
	public void start() {
		this.application = new Application(this.watching, "nettrace.enabled=false");
		this.registry = this.application.bean(ObservationRegistry.class);
	}

	Observation observe() {
		Observation observation = Observation.createNotStarted("lookup", this.registry)
			.lowCardinalityKeyValue("client", "httpcomponents")
			.lowCardinalityKeyValue("host", Fixed.HOST)
			.lowCardinalityKeyValue("coalesced", "false")
			.highCardinalityKeyValue("answers", "127.0.0.1")
			.highCardinalityKeyValue("port", "8080")
			.highCardinalityKeyValue("attempt", "1")
			.start();
		observation.stop();
		return observation;
	}

	/**
	 * Stop the application.
	 */
	@TearDown
	public void stop() {
		this.application.close();
	}

}
