package io.nettrace.dial;

import java.time.Duration;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * How a {@link Dialer} dials.
 * <p>
 * There are two limits of time, and both may be set. {@code timeout} is Go's
 * {@code Dialer.Timeout}: it covers the whole dial, resolving included, and each of
 * several addresses that are tried one after the other gets its share of what is left, at
 * least 2 s as long as there is so much. {@code attemptTimeout} limits each attempt and
 * nothing else. It is what HTTP clients call their connect timeout, and what Boot's
 * {@code connect-timeout} is: with 2 s, an address that does not answer costs 2 s, and
 * the next one is tried then. As a {@code timeout}, the same 2 s would all be spent on
 * the first address.
 */
public final class DialSettings {

	private static final DialSettings DEFAULTS = new DialSettings(DialStrategy.GO, null, null, null);

	private final DialStrategy strategy;

	private final @Nullable Duration fallbackDelay;

	private final @Nullable Duration timeout;

	private final @Nullable Duration attemptTimeout;

	private DialSettings(DialStrategy strategy, @Nullable Duration fallbackDelay, @Nullable Duration timeout,
			@Nullable Duration attemptTimeout) {
		Objects.requireNonNull(strategy, "'strategy' must not be null");
		if (attemptTimeout != null && (attemptTimeout.isNegative() || attemptTimeout.isZero())) {
			throw new IllegalArgumentException("'attemptTimeout' must be more than zero, not " + attemptTimeout);
		}
		this.strategy = strategy;
		this.fallbackDelay = fallbackDelay;
		this.timeout = timeout;
		this.attemptTimeout = attemptTimeout;
	}

	/**
	 * Return the default: Go's strategy with its delay, no limit of time.
	 * @return the settings
	 */
	public static DialSettings defaults() {
		return DEFAULTS;
	}

	/**
	 * Return these settings with another strategy.
	 * @param strategy which addresses race
	 * @return the settings
	 */
	public DialSettings withStrategy(DialStrategy strategy) {
		return new DialSettings(strategy, this.fallbackDelay, this.timeout, this.attemptTimeout);
	}

	/**
	 * Return these settings with another delay.
	 * @param fallbackDelay when the next list starts, {@code null} for the strategy's own
	 * delay, negative for no race
	 * @return the settings
	 */
	public DialSettings withFallbackDelay(@Nullable Duration fallbackDelay) {
		return new DialSettings(this.strategy, fallbackDelay, this.timeout, this.attemptTimeout);
	}

	/**
	 * Return these settings with another limit for a whole dial.
	 * @param timeout how long a whole dial may take, or {@code null}
	 * @return the settings
	 */
	public DialSettings withTimeout(@Nullable Duration timeout) {
		return new DialSettings(this.strategy, this.fallbackDelay, timeout, this.attemptTimeout);
	}

	/**
	 * Return these settings with another limit for each attempt.
	 * @param attemptTimeout how long an attempt may take, more than zero, or {@code null}
	 * @return the settings
	 */
	public DialSettings withAttemptTimeout(@Nullable Duration attemptTimeout) {
		return new DialSettings(this.strategy, this.fallbackDelay, this.timeout, attemptTimeout);
	}

	Duration delay() {
		return (this.fallbackDelay != null) ? this.fallbackDelay : this.strategy.defaultDelay();
	}

	boolean races() {
		return !delay().isNegative();
	}

	/**
	 * Return which addresses race.
	 * @return the setting
	 */
	public DialStrategy strategy() {
		return this.strategy;
	}

	/**
	 * Return how long after the first list of addresses the next one starts, if the first
	 * has not failed before; {@code null} for the strategy's own, zero for at once,
	 * negative for no race: every address in the resolver's order, one after the other.
	 * @return the setting
	 */
	public @Nullable Duration fallbackDelay() {
		return this.fallbackDelay;
	}

	/**
	 * Return how long a whole dial may take, {@code null} for no limit; zero or less has
	 * passed before it begins.
	 * @return the setting
	 */
	public @Nullable Duration timeout() {
		return this.timeout;
	}

	/**
	 * Return how long an attempt to connect to one address may take, more than zero,
	 * {@code null} for no limit.
	 * @return the setting
	 */
	public @Nullable Duration attemptTimeout() {
		return this.attemptTimeout;
	}

}
