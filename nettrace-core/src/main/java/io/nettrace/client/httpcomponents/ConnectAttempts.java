package io.nettrace.client.httpcomponents;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedSelectorException;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

import io.nettrace.NetTrace;
import io.nettrace.instrument.NetTraceAddress;
import org.apache.hc.core5.concurrent.CallbackContribution;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.net.NamedEndpoint;
import org.apache.hc.core5.reactor.ConnectionInitiator;
import org.apache.hc.core5.reactor.IOReactorShutdownException;
import org.apache.hc.core5.reactor.IOSession;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * The attempts under way of one connection manager. Its connection operator calls the
 * connection initiator once for each address it tries.
 */
final class ConnectAttempts {

	private final Set<Attempt> underWay = ConcurrentHashMap.newKeySet();

	private volatile boolean closed;

	/**
	 * Trace the attempts of one dial.
	 * @param initiator the library's initiator
	 * @param trace the trace of the dial
	 * @param connected sees what is connected
	 */
	ConnectionInitiator traced(ConnectionInitiator initiator, NetTrace trace, Connected connected) {
		return new TracedInitiator(initiator, trace, connected);
	}

	/**
	 * Sees what is connected.
	 */
	@FunctionalInterface
	interface Connected {

		/**
		 * An attempt has succeeded.
		 * @param session the session
		 * @param endpoint the host that it is connected to
		 * @param callback to be called with the session, or what is used in its place
		 */
		void connected(IOSession session, NamedEndpoint endpoint, FutureCallback<IOSession> callback);

	}

	/**
	 * The I/O reactor drops connects under way when it is closed, without a word to their
	 * callbacks (httpcore 5.4, {@code SingleCoreIOReactor.closeOpenChannels}).
	 */
	void cancelAll() {
		this.closed = true;
		this.underWay.forEach((attempt) -> attempt.done(cancellation()));
	}

	/**
	 * A failure that is about the client, which is being closed, and not about the
	 * address. A client closes its I/O reactor before its connection manager.
	 */
	private boolean isClosing(Throwable failure) {
		return this.closed || failure instanceof ClosedSelectorException
				|| failure instanceof IOReactorShutdownException;
	}

	private static CancellationException cancellation() {
		return new CancellationException("operation was canceled");
	}

	private final class TracedInitiator implements ConnectionInitiator {

		private final ConnectionInitiator delegate;

		private final NetTrace trace;

		private final Connected connected;

		TracedInitiator(ConnectionInitiator delegate, NetTrace trace, Connected connected) {
			this.delegate = delegate;
			this.trace = trace;
			this.connected = connected;
		}

		@Override
		public Future<IOSession> connect(NamedEndpoint remoteEndpoint, @Nullable SocketAddress remoteAddress,
				@Nullable SocketAddress localAddress, @Nullable Timeout timeout, @Nullable Object attachment,
				@Nullable FutureCallback<IOSession> callback) {
			FutureCallback<IOSession> using = new CallbackContribution<>(callback) {

				@Override
				public void completed(IOSession session) {
					if (callback != null) {
						TracedInitiator.this.connected.connected(session, remoteEndpoint, callback);
					}
				}

			};
			NetTrace carried = NetTraceAddress.traceOf(remoteAddress);
			NetTrace trace = (carried != null) ? carried : this.trace;
			if (trace == NetTrace.NONE || remoteAddress == null) {
				return this.delegate.connect(remoteEndpoint, remoteAddress, localAddress, timeout, attachment, using);
			}
			SocketAddress address = NetTraceAddress.withoutTrace(remoteAddress);
			Attempt attempt = new Attempt(trace, address, using);
			attempt.start();
			try {
				return this.delegate.connect(remoteEndpoint, address, localAddress, timeout, attachment, attempt);
			}
			catch (Throwable ex) {
				attempt.done(isClosing(ex) ? cancellation() : ex);
				throw ex;
			}
		}

	}

	private final class Attempt implements FutureCallback<IOSession> {

		private final NetTrace trace;

		private final SocketAddress address;

		private final String network;

		private final FutureCallback<IOSession> callback;

		private final AtomicBoolean done = new AtomicBoolean();

		Attempt(NetTrace trace, SocketAddress address, FutureCallback<IOSession> callback) {
			this.trace = trace;
			this.address = address;
			this.network = (address instanceof UnixDomainSocketAddress) ? "unix" : "tcp";
			this.callback = callback;
		}

		/**
		 * Not known to others before its hook has returned: the second hook must not
		 * overtake the first.
		 */
		void start() {
			this.trace.connectStart(this.network, this.address);
			ConnectAttempts.this.underWay.add(this);
			if (ConnectAttempts.this.closed) {
				done(cancellation());
			}
		}

		@Override
		public void completed(IOSession session) {
			done(null);
			this.callback.completed(session);
		}

		@Override
		public void failed(Exception failure) {
			done(isClosing(failure) ? cancellation() : failure);
			this.callback.failed(failure);
		}

		@Override
		public void cancelled() {
			done(cancellation());
			this.callback.cancelled();
		}

		void done(@Nullable Throwable error) {
			if (this.done.compareAndSet(false, true)) {
				ConnectAttempts.this.underWay.remove(this);
				this.trace.connectDone(this.network, this.address, error);
			}
		}

	}

}
