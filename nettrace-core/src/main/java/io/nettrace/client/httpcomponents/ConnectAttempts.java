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
import io.nettrace.client.httpcomponents.RacingInitiator.Racer;
import io.nettrace.instrument.NetTraceAddress;
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
	 */
	ConnectionInitiator traced(ConnectionInitiator initiator, NetTrace trace) {
		return new TracedInitiator(initiator, trace);
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

		TracedInitiator(ConnectionInitiator delegate, NetTrace trace) {
			this.delegate = delegate;
			this.trace = trace;
		}

		@Override
		public Future<IOSession> connect(NamedEndpoint remoteEndpoint, @Nullable SocketAddress remoteAddress,
				@Nullable SocketAddress localAddress, @Nullable Timeout timeout, @Nullable Object attachment,
				@Nullable FutureCallback<IOSession> callback) {
			NetTrace carried = NetTraceAddress.traceOf(remoteAddress);
			NetTrace trace = (carried != null) ? carried : this.trace;
			if (trace == NetTrace.NONE || remoteAddress == null) {
				return this.delegate.connect(remoteEndpoint, remoteAddress, localAddress, timeout, attachment,
						callback);
			}
			SocketAddress address = NetTraceAddress.withoutTrace(remoteAddress);
			Attempt attempt = new Attempt(trace, address, callback);
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

		private final @Nullable FutureCallback<IOSession> callback;

		private final AtomicBoolean done = new AtomicBoolean();

		Attempt(NetTrace trace, SocketAddress address, @Nullable FutureCallback<IOSession> callback) {
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
			boolean isOfUse = !(this.callback instanceof Racer racer) || racer.wins();
			done(isOfUse ? null : cancellation());
			if (this.callback != null) {
				this.callback.completed(session);
			}
		}

		@Override
		public void failed(Exception failure) {
			done(isClosing(failure) ? cancellation() : failure);
			if (this.callback != null) {
				this.callback.failed(failure);
			}
		}

		@Override
		public void cancelled() {
			done(cancellation());
			if (this.callback != null) {
				this.callback.cancelled();
			}
		}

		void done(@Nullable Throwable error) {
			if (this.done.compareAndSet(false, true)) {
				ConnectAttempts.this.underWay.remove(this);
				this.trace.connectDone(this.network, this.address, error);
			}
		}

	}

}
