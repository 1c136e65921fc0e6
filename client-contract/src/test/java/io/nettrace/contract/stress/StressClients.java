package io.nettrace.contract.stress;

import java.time.Duration;

import io.micrometer.observation.Observation;

/**
 * The clients of one library, one for each {@link Pool}.
 */
interface StressClients extends AutoCloseable {

	/**
	 * How many connections a host may have in {@link Pool#SMALL}.
	 */
	int SMALL_PER_HOST = 3;

	/**
	 * How many there may be in all, where the library has such a limit.
	 */
	int SMALL_IN_ALL = 10;

	/**
	 * How long a request waits for a connection.
	 */
	Duration LEASE = Duration.ofMillis(150);

	/**
	 * How long a connect may take.
	 */
	Duration CONNECT = Duration.ofMillis(250);

	/**
	 * How long a handshake may take.
	 */
	Duration HANDSHAKE = Duration.ofMillis(150);

	/**
	 * How long a connection of {@link Pool#SMALL} may be idle.
	 */
	Duration IDLE = Duration.ofMillis(100);

	/**
	 * How long a connection of {@link Pool#SMALL} may live.
	 */
	Duration LIFE = Duration.ofMillis(700);

	/**
	 * Send a request, and wait until it is over.
	 * @param observation the request's observation, which is started
	 * @return what the caller has read
	 * @throws Exception what the library's caller gets
	 */
	Outcome send(TrackedRequest request, Observation observation) throws Exception;

	@Override
	void close();

}
