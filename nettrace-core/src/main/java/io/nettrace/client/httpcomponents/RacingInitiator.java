package io.nettrace.client.httpcomponents;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;

import io.nettrace.dial.AsyncAttempt;
import io.nettrace.dial.AsyncConnector;
import io.nettrace.dial.AsyncDialer;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.concurrent.ComplexFuture;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.net.NamedEndpoint;
import org.apache.hc.core5.reactor.ConnectionInitiator;
import org.apache.hc.core5.reactor.IOSession;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * Lets the addresses of a host race (Happy Eyeballs) where the library tries one after
 * the other; one for each dial. The library asks for its first address, and the race is
 * run; when it is lost, each further address that the library asks for has failed
 * already, so that the application gets the library's own exception. Each attempt has the
 * connect timeout of its own.
 */
final class RacingInitiator implements ConnectionInitiator {

	private final ConnectionInitiator delegate;

	private final AsyncDialer dialer;

	private final Map<SocketAddress, Throwable> failures = new ConcurrentHashMap<>();

	private volatile List<InetSocketAddress> addresses = List.of();

	/**
	 * Create an initiator.
	 * @param delegate makes each attempt
	 * @param dialer lets them race
	 */
	RacingInitiator(ConnectionInitiator delegate, AsyncDialer dialer) {
		this.delegate = delegate;
		this.dialer = dialer;
	}

	/**
	 * The host has been looked up.
	 * @param addresses what the library is going to connect to, filtered
	 */
	void resolved(@Nullable List<InetSocketAddress> addresses) {
		if (addresses != null && addresses.stream().allMatch(Objects::nonNull) && this.dialer.races(addresses)) {
			this.addresses = List.copyOf(addresses);
		}
	}

	@Override
	public Future<IOSession> connect(NamedEndpoint remoteEndpoint, @Nullable SocketAddress remoteAddress,
			@Nullable SocketAddress localAddress, @Nullable Timeout timeout, @Nullable Object attachment,
			@Nullable FutureCallback<IOSession> callback) {
		List<InetSocketAddress> addresses = this.addresses;
		if (remoteAddress == null || addresses.stream().noneMatch((each) -> each == remoteAddress)) {
			return this.delegate.connect(remoteEndpoint, remoteAddress, localAddress, timeout, attachment, callback);
		}
		ComplexFuture<IOSession> future = new ComplexFuture<>(callback);
		Throwable failure = this.failures.get(remoteAddress);
		if (failure != null) {
			fail(future, failure);
			return future;
		}
		Runnable race = this.dialer.dial(addresses, new Race(future, remoteAddress, (address, attempt) -> this.delegate
			.connect(remoteEndpoint, address, localAddress, timeout, attachment, new Racer(attempt))));
		future.setDependency((Cancellable) () -> {
			race.run();
			return true;
		});
		return future;
	}

	private static void fail(ComplexFuture<IOSession> future, Throwable failure) {
		if (failure instanceof Error error) {
			throw error;
		}
		if (failure instanceof CancellationException) {
			future.cancel(); // as in the library
		}
		else {
			future.failed((Exception) failure);
		}
	}

	/**
	 * Begins an attempt.
	 */
	@FunctionalInterface
	private interface Begin {

		Future<IOSession> connect(InetSocketAddress address, AsyncAttempt<IOSession> attempt);

	}

	private final class Race implements AsyncConnector<IOSession> {

		private final ComplexFuture<IOSession> future;

		private final SocketAddress first;

		private final Begin attempts;

		Race(ComplexFuture<IOSession> future, SocketAddress first, Begin attempts) {
			this.future = future;
			this.first = first;
			this.attempts = attempts;
		}

		@Override
		public Runnable connect(InetSocketAddress address, AsyncAttempt<IOSession> attempt) {
			Future<IOSession> connecting = this.attempts.connect(address, attempt);
			return () -> connecting.cancel(true);
		}

		@Override
		public void connected(IOSession session) {
			if (!this.future.completed(session)) {
				session.close(CloseMode.IMMEDIATE);
			}
		}

		@Override
		public void failed(Map<InetSocketAddress, Throwable> failures) {
			RacingInitiator.this.failures.putAll(failures);
			fail(this.future, Objects.requireNonNull(failures.get(this.first)));
		}

	}

	/**
	 * One attempt of a race. Who traces it asks whether it has won before it says that it
	 * has succeeded.
	 */
	static final class Racer implements FutureCallback<IOSession> {

		private final AsyncAttempt<IOSession> attempt;

		Racer(AsyncAttempt<IOSession> attempt) {
			this.attempt = attempt;
		}

		boolean wins() {
			return this.attempt.wins();
		}

		@Override
		public void completed(IOSession session) {
			if (wins()) {
				this.attempt.connected(session);
			}
			else {
				session.close(CloseMode.IMMEDIATE);
			}
		}

		@Override
		public void failed(Exception ex) {
			this.attempt.failed(ex);
		}

		/**
		 * By the race, whose attempt has lost, or by the I/O reactor, which is being
		 * closed.
		 */
		@Override
		public void cancelled() {
			this.attempt.failed(new CancellationException("operation was canceled"));
		}

	}

}
