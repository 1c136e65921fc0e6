package io.nettrace.dns;

import java.time.Duration;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * How lookups behave.
 */
public final class LookupSettings {

	private final SingleFlightPolicy singleFlight;

	private final @Nullable Duration timeout;

	private LookupSettings(SingleFlightPolicy singleFlight, @Nullable Duration timeout) {
		Objects.requireNonNull(singleFlight, "'singleFlight' must not be null");
		if (timeout != null && (timeout.isNegative() || timeout.isZero())) {
			throw new IllegalArgumentException("'timeout' must be more than zero, not " + timeout);
		}
		this.singleFlight = singleFlight;
		this.timeout = timeout;
	}

	/**
	 * Return the default: lookups of system resolvers are shared, and there is no
	 * timeout.
	 * @return the settings
	 */
	public static LookupSettings defaults() {
		return new LookupSettings(SingleFlightPolicy.SYSTEM, null);
	}

	/**
	 * Return these settings with another choice of sharing.
	 * @param singleFlight which concurrent lookups of one name share one call
	 * @return the settings
	 */
	public LookupSettings withSingleFlight(SingleFlightPolicy singleFlight) {
		return new LookupSettings(singleFlight, this.timeout);
	}

	/**
	 * Return these settings with another timeout.
	 * @param timeout how long a caller waits, more than zero, or {@code null}
	 * @return the settings
	 */
	public LookupSettings withTimeout(@Nullable Duration timeout) {
		return new LookupSettings(this.singleFlight, timeout);
	}

	/**
	 * Return which concurrent lookups of one name share one call of the resolver.
	 * @return the setting
	 */
	public SingleFlightPolicy singleFlight() {
		return this.singleFlight;
	}

	/**
	 * Return how long a caller waits for the answer, {@code null} for as long as the
	 * resolver takes.
	 * @return the setting
	 */
	public @Nullable Duration timeout() {
		return this.timeout;
	}

}
