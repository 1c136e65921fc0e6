package io.nettrace.client.reactor;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;

import io.nettrace.DnsAnswerInfo;
import io.nettrace.NetTrace;
import io.nettrace.ProxyInfo;
import io.nettrace.TlsInfo;
import io.nettrace.instrument.ForwardingNetTrace;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.util.concurrent.EventExecutor;
import org.jspecify.annotations.Nullable;

/**
 * Ends the hooks of a dial when its request is cancelled, and calls none afterwards. The
 * pool does not know of the cancellation and goes on to make the connection, for another
 * request; that is not this request's any more. Everything runs on one event loop, where
 * the attempts follow each other.
 */
final class DialTrace extends ForwardingNetTrace implements ChannelFutureListener {

	private final NetTrace delegate;

	private final EventExecutor eventLoop;

	private boolean cancelled;

	private boolean lookingUp;

	// Set by the thread that asks the resolver
	private volatile @Nullable NettyLookup lookup;

	// Of the attempt under way
	private @Nullable String network;

	private @Nullable SocketAddress address;

	// Of the attempts that race it
	private List<SocketAddress> racing = List.of();

	// Under way
	private @Nullable ProxyInfo proxy;

	// Under way
	private @Nullable TlsInfo handshake;

	DialTrace(NetTrace delegate, EventExecutor eventLoop) {
		this.delegate = delegate;
		this.eventLoop = eventLoop;
	}

	/**
	 * Return a trace, as an address carries it, as one that a channel can tell of its
	 * end. Most often it is such a one, but another client's resolver may have made the
	 * address.
	 */
	static DialTrace of(NetTrace trace, EventExecutor eventLoop) {
		return (trace instanceof DialTrace dial) ? dial : new DialTrace(trace, eventLoop);
	}

	@Override
	protected NetTrace delegate() {
		return this.cancelled ? NONE : this.delegate;
	}

	@Override
	public void dnsStart(String host) {
		if (!this.cancelled) {
			this.lookingUp = true;
			this.delegate.dnsStart(host);
		}
	}

	/**
	 * The resolver is asked for this dial, and tells of its queries.
	 */
	void asks(NettyLookup lookup) {
		this.lookup = lookup;
	}

	@Override
	public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
		if (this.lookingUp) {
			this.lookingUp = false;
			NettyLookup lookup = this.lookup;
			this.lookup = null;
			DnsAnswerInfo answer = (lookup != null) ? lookup.answer() : null;
			if (answer != null) {
				this.delegate.dnsAnswer(answer);
			}
			this.delegate.dnsDone(addresses, coalesced, error);
		}
	}

	@Override
	public void connectStart(String network, SocketAddress address) {
		if (this.cancelled) {
			return;
		}
		if (this.address == null) {
			this.network = network;
			this.address = address;
		}
		else {
			this.racing = this.racing.isEmpty() ? new ArrayList<>(2) : this.racing;
			this.racing.add(address);
		}
		this.delegate.connectStart(network, address);
	}

	@Override
	public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
		if (!this.racing.isEmpty() && this.racing.remove(address)) {
			this.delegate.connectDone(network, address, error);
		}
		else if (this.address != null) {
			this.address = null;
			this.delegate.connectDone(network, address, error);
		}
	}

	@Override
	public void proxyStart(ProxyInfo proxy) {
		if (!this.cancelled) {
			this.proxy = proxy;
			this.delegate.proxyStart(proxy);
		}
	}

	@Override
	public void proxyDone(ProxyInfo proxy) {
		if (this.proxy != null) {
			this.proxy = null;
			this.delegate.proxyDone(proxy);
		}
	}

	@Override
	public void tlsHandshakeStart(TlsInfo handshake) {
		if (!this.cancelled) {
			this.handshake = handshake;
			this.delegate.tlsHandshakeStart(handshake);
		}
	}

	@Override
	public void tlsHandshakeDone(TlsInfo handshake) {
		if (this.handshake != null) {
			this.handshake = null;
			this.delegate.tlsHandshakeDone(handshake);
		}
	}

	/**
	 * The attempt under way has ended.
	 */
	@Override
	public void operationComplete(ChannelFuture attempt) {
		if (this.network != null && this.address != null) {
			connectDone(this.network, this.address, error(attempt.cause()));
		}
	}

	/**
	 * Return what an attempt has failed with. A channel that is closed while it connects
	 * was closed on this side: its event loop is being shut down.
	 */
	static @Nullable Throwable error(@Nullable Throwable failure) {
		if (failure instanceof ClosedChannelException) {
			CancellationException cancellation = cancellation();
			cancellation.initCause(failure);
			return cancellation;
		}
		return failure;
	}

	/**
	 * Most of the time everything has ended: WebClient cancels what it has got its answer
	 * from. Otherwise a hook may be at work on this very thread, so its end comes later.
	 */
	void cancel() {
		if (this.eventLoop.inEventLoop() && !isUnderWay()) {
			this.cancelled = true;
			return;
		}
		try {
			this.eventLoop.execute(this::end);
		}
		catch (RejectedExecutionException ex) {
			end(); // the event loop is gone: this is the last chance
		}
	}

	private boolean isUnderWay() {
		return this.lookingUp || this.address != null || !this.racing.isEmpty() || this.proxy != null
				|| this.handshake != null;
	}

	private void end() {
		this.cancelled = true;
		if (this.lookingUp) {
			dnsDone(List.of(), false, cancellation());
		}
		if (this.network != null && this.address != null) {
			connectDone(this.network, this.address, cancellation());
		}
		for (SocketAddress address : List.copyOf(this.racing)) {
			connectDone("tcp", address, cancellation());
		}
		ProxyInfo asked = this.proxy;
		if (asked != null) {
			proxyDone(
					new ProxyInfo(asked.protocol(), asked.proxyAddress(), asked.host(), asked.port(), cancellation()));
		}
		TlsInfo begun = this.handshake;
		if (begun != null) {
			tlsHandshakeDone(TlsInfo.failed(begun.serverName(), cancellation()));
		}
	}

	private static CancellationException cancellation() {
		return new CancellationException("operation was canceled");
	}

}
