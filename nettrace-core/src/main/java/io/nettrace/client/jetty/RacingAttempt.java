package io.nettrace.client.jetty;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import io.nettrace.dial.AsyncAttempt;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a race, which Jetty makes with a channel of its own. Until it has won,
 * what Jetty knows of it is kept apart from what it knows of the connection.
 */
final class RacingAttempt extends Transport.Wrapper {

	private static final List<String> OF_WINNER = List.of(ClientConnector.REMOTE_SOCKET_ADDRESS_CONTEXT_KEY,
			ClientConnector.CONNECTION_PROMISE_CONTEXT_KEY);

	private final TracedConnectListener connects;

	private final InetSocketAddress address;

	private final AsyncAttempt<InetSocketAddress> attempt;

	private final Map<String, Object> context;

	private volatile @Nullable SocketChannel channel;

	private volatile boolean hasWon;

	private volatile boolean isEnded;

	/**
	 * Create an attempt.
	 * @param transport makes the channel
	 * @param connects is told by Jetty what becomes of it
	 * @param address what is connected to
	 * @param attempt the race's
	 * @param context what Jetty knows of the connection that it waits for
	 */
	RacingAttempt(Transport transport, TracedConnectListener connects, InetSocketAddress address,
			AsyncAttempt<InetSocketAddress> attempt, Map<String, Object> context) {
		super(transport);
		this.connects = connects;
		this.address = address;
		this.attempt = attempt;
		this.context = context;
	}

	/**
	 * Connect.
	 * @param to the address, perhaps with a trace to carry
	 * @param promise is told once the attempt has won
	 * @param failures is told why it has failed, before it could win or lose
	 */
	void start(InetSocketAddress to, Promise<Object> promise, Consumer<Throwable> failures) {
		Map<String, Object> own = new ConcurrentHashMap<>(this.context);
		own.put(Transport.CONTEXT_KEY, this);
		own.put(ClientConnector.CONNECTION_PROMISE_CONTEXT_KEY, telling(promise, failures));
		connect(to, own);
	}

	@Override
	public SelectableChannel newSelectableChannel() throws IOException {
		SelectableChannel channel = super.newSelectableChannel();
		if (channel instanceof SocketChannel socket) {
			this.channel = socket;
			this.connects.add(socket, this);
		}
		return channel;
	}

	/**
	 * The attempt has won, and Jetty goes on as if there had been no other.
	 */
	@Override
	public Connection newConnection(EndPoint endPoint, Map<String, Object> own) throws IOException {
		for (String key : OF_WINNER) {
			this.context.computeIfPresent(key, (same, present) -> own.getOrDefault(key, present));
		}
		return super.newConnection(endPoint, this.context);
	}

	private Promise<Object> telling(Promise<Object> promise, Consumer<Throwable> failures) {
		return new Promise.Wrapper<>(promise) {

			@Override
			public void failed(Throwable failure) {
				if (RacingAttempt.this.hasWon) {
					super.failed(failure);
					return;
				}
				if (!RacingAttempt.this.isEnded) {
					failures.accept(failure);
				}
				RacingAttempt.this.attempt.failed(failure);
			}

		};
	}

	/**
	 * The channel has connected.
	 * @return whether it is the first one
	 */
	boolean wins() {
		this.hasWon = this.attempt.wins();
		return this.hasWon;
	}

	/**
	 * The channel has won: the others are ended.
	 */
	void connected() {
		this.attempt.connected(this.address);
	}

	/**
	 * End the attempt, which has lost.
	 */
	void end() {
		this.isEnded = true;
		SocketChannel channel = this.channel;
		if (channel != null) {
			this.connects.lose(channel);
		}
	}

}
