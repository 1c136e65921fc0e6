package io.nettrace.client.jetty;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;

import io.nettrace.dial.AsyncAttempt;
import io.nettrace.dial.AsyncConnector;
import io.nettrace.instrument.NetTraceAddress;
import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.util.Promise;
import org.jspecify.annotations.Nullable;

/**
 * Lets the addresses of a host race (Happy Eyeballs) where Jetty tries one after the
 * other; one for each dial. Jetty asks for its first address, and the race is run, with
 * attempts that Jetty makes itself. When it is lost, each further address that Jetty asks
 * for has failed already, so that the application gets Jetty's own exception. When the
 * winner cannot be used, because the handshake with it fails, Jetty asks for the next
 * address, and those that are left race.
 */
final class RacingTransport extends Transport.Wrapper {

	private final JettyRaces races;

	private final TracedConnectListener connects;

	private final List<InetSocketAddress> addresses;

	private final @Nullable DialTrace dial;

	private final Map<InetSocketAddress, Throwable> failures = new ConcurrentHashMap<>();

	private volatile @Nullable InetSocketAddress winner;

	/**
	 * Create a transport.
	 * @param races the client's
	 * @param connects is told of each attempt
	 * @param transport Jetty's own, perhaps traced
	 * @param addresses what Jetty tries, at least two
	 * @param dial the dial, {@code null} if nothing listens
	 */
	RacingTransport(JettyRaces races, TracedConnectListener connects, Transport transport,
			List<InetSocketAddress> addresses, @Nullable DialTrace dial) {
		super(transport);
		this.races = races;
		this.connects = connects;
		this.addresses = List.copyOf(addresses);
		this.dial = dial;
	}

	@Override
	public void connect(SocketAddress asked, Map<String, Object> context) {
		List<InetSocketAddress> left = this.addresses.stream()
			.filter((address) -> !this.failures.containsKey(address))
			.toList();
		if (!(asked instanceof InetSocketAddress address) || !this.addresses.contains(address)) {
			super.connect(asked, context);
		}
		else if (left.isEmpty()) {
			promise(context).failed(this.failures.get(address));
		}
		else {
			context.computeIfPresent(Connection.PROMISE_CONTEXT_KEY, (key, promise) -> watched(promise));
			new Round(address, context).run(left);
		}
	}

	/**
	 * What Jetty waits for is told when the winner cannot be used.
	 */
	@SuppressWarnings("unchecked") // what Jetty keeps there
	private Promise<Connection> watched(Object promise) {
		return new Promise.Wrapper<>((Promise<Connection>) promise) {

			@Override
			public void failed(Throwable failure) {
				winnerFails(failure);
				super.failed(failure);
			}

		};
	}

	private void winnerFails(Throwable failure) {
		InetSocketAddress winner = this.winner;
		if (winner != null) {
			this.failures.putIfAbsent(winner, failure);
		}
	}

	@SuppressWarnings("unchecked") // as above
	private static Promise<Object> promise(Map<String, Object> context) {
		return (Promise<Object>) Objects.requireNonNull(context.get(ClientConnector.CONNECTION_PROMISE_CONTEXT_KEY));
	}

	/**
	 * One race.
	 */
	private final class Round implements AsyncConnector<InetSocketAddress>, Runnable {

		private final InetSocketAddress asked;

		private final Map<String, Object> context;

		private final Promise<Object> promise;

		private volatile @Nullable Runnable end;

		private volatile boolean isOver;

		Round(InetSocketAddress asked, Map<String, Object> context) {
			this.asked = asked;
			this.context = context;
			Promise<Object> promise = promise(context);
			this.promise = Promise.from(promise::succeeded, (failure) -> {
				winnerFails(failure);
				promise.failed(failure);
			});
		}

		/**
		 * The first attempt may end the race before this returns.
		 */
		void run(List<InetSocketAddress> addresses) {
			RacingTransport.this.races.add(this);
			this.end = RacingTransport.this.races.dialer().dial(addresses, this);
			if (this.isOver) {
				RacingTransport.this.races.remove(this);
			}
			else if (!RacingTransport.this.races.isRunning()) {
				run();
			}
		}

		/**
		 * End the race, because the client stops.
		 */
		@Override
		public void run() {
			Runnable end = this.end;
			if (end != null) {
				over();
				end.run();
			}
		}

		private void over() {
			this.isOver = true;
			RacingTransport.this.races.remove(this);
		}

		@Override
		public Runnable connect(InetSocketAddress address, AsyncAttempt<InetSocketAddress> attempt) {
			if (!RacingTransport.this.races.isRunning()) {
				throw new RejectedExecutionException("The client has been stopped");
			}
			DialTrace dial = RacingTransport.this.dial;
			// one that is raced again carries its trace again
			InetSocketAddress to = (dial != null) ? NetTraceAddress.carrying(address, dial) : address;
			RacingAttempt racer = new RacingAttempt(TracedTransport.around(Transport.TCP_IP, dial),
					RacingTransport.this.connects, address, attempt, this.context);
			racer.start(to, this.promise, (failure) -> RacingTransport.this.failures.put(address, failure));
			return racer::end;
		}

		@Override
		public void connected(InetSocketAddress winner) {
			RacingTransport.this.winner = winner;
			over();
		}

		@Override
		public void failed(Map<InetSocketAddress, Throwable> failures) {
			over();
			RacingTransport.this.failures.putAll(failures);
			this.promise.failed(RacingTransport.this.failures.get(this.asked));
		}

	}

}
