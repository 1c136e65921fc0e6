package io.nettrace.observation;

import java.util.Objects;

import io.nettrace.WaitInfo;

/**
 * What happened while a request waited for a connection.
 */
public final class ConnectionWaitContext extends StepContext {

	static final String DESCRIPTION = "Time until an exchange has a connection or begins to set one up";

	private WaitInfo wait;

	/**
	 * Create the context of a wait.
	 * @param client the client library that waits
	 * @param wait what it waits for
	 */
	public ConnectionWaitContext(String client, WaitInfo wait) {
		super(client, wait.target().host());
		this.wait = wait;
	}

	/**
	 * Return what is known of the wait.
	 * @return what the request waits for and, once the wait is over, how it ended
	 */
	public WaitInfo getWait() {
		return this.wait;
	}

	/**
	 * Set what is known of the wait.
	 * @param wait the wait with its end; {@link #setError} says why it failed
	 */
	public void setWait(WaitInfo wait) {
		this.wait = Objects.requireNonNull(wait, "'wait' must not be null");
	}

	@Override
	public String getDescription() {
		return DESCRIPTION;
	}

}
