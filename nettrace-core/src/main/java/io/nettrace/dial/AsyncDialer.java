package io.nettrace.dial;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;

/**
 * Lets the addresses of a host race as {@link Dialer} does, for clients that connect
 * without a thread that waits: the same lists, the same delays, the first connection
 * wins, and the other attempts are ended. Hooks and limits of time are those of the
 * client's attempts. Safe for use by several threads.
 */
public final class AsyncDialer {

	private final DialSettings settings;

	private final Delays delays;

	/**
	 * Create a dialer.
	 * @param settings which addresses race, and when the next ones start; without limits
	 * of time
	 * @param executor begins the attempts whose time has come; must not run them on the
	 * calling thread. One that can schedule tasks waits for that time, too
	 */
	public AsyncDialer(DialSettings settings, Executor executor) {
		this(settings, Delays.on(Objects.requireNonNull(executor, "'executor' must not be null")));
	}

	AsyncDialer(DialSettings settings, Delays delays) {
		Objects.requireNonNull(settings, "'settings' must not be null");
		if (settings.timeout() != null || settings.attemptTimeout() != null) {
			throw new IllegalArgumentException(
					"'settings' must have no timeout: an attempt has the connect timeout of its client");
		}
		this.settings = settings;
		this.delays = delays;
	}

	/**
	 * Whether there is something to race. If not, the client does what it does anyway.
	 * @param addresses the addresses in the resolver's order
	 * @return whether the strategy makes more than one list of them
	 */
	public boolean races(List<? extends InetSocketAddress> addresses) {
		return addresses.size() > 1 && this.settings.races()
				&& this.settings.strategy().lists(List.copyOf(addresses)).size() > 1;
	}

	/**
	 * Begin to connect.
	 * @param <C> the type of the connection
	 * @param addresses the addresses in the resolver's order, at least one
	 * @param connector connects them, and is told how the race ends
	 * @return ends the race and every attempt under way, unless one has won; the
	 * connector is told nothing then
	 */
	public <C> Runnable dial(List<? extends InetSocketAddress> addresses, AsyncConnector<C> connector) {
		if (addresses.isEmpty()) {
			throw new IllegalArgumentException("'addresses' must have at least one address");
		}
		AsyncRace<C> race = new AsyncRace<>(this.settings.strategy().lists(List.copyOf(addresses)), connector,
				this.settings.delay(), this.delays);
		race.nextList(0);
		return race::cancel;
	}

}
