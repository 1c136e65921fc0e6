package io.nettrace.dial;

import java.net.InetSocketAddress;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Connects the addresses of one dial without waiting, and is told how it ends. Its
 * methods are called by the thread that dials, by those that report what has become of
 * the attempts, and by the dialer's executor.
 *
 * @param <C> the type of the connections
 */
public interface AsyncConnector<C> {

	/**
	 * Begin to connect; must not wait. What it throws is what the attempt has failed
	 * with.
	 * @param address what to connect to
	 * @param attempt is told once what has become of it, perhaps before this method
	 * returns
	 * @return ends the attempt, which may already have ended, or {@code null} if it
	 * cannot be ended. Called at most once
	 */
	@Nullable Runnable connect(InetSocketAddress address, AsyncAttempt<C> attempt);

	/**
	 * An attempt has won. The others have been ended.
	 * @param connection its connection
	 */
	void connected(C connection);

	/**
	 * No attempt has connected.
	 * @param failures why, for each address
	 */
	void failed(Map<InetSocketAddress, Throwable> failures);

}
