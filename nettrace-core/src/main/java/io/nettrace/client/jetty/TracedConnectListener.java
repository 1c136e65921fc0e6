package io.nettrace.client.jetty;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Collections;
import java.util.EventListener;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;

import io.nettrace.NetTrace;
import io.nettrace.instrument.NetTracing;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.util.IO;
import org.eclipse.jetty.util.component.LifeCycle;
import org.jspecify.annotations.Nullable;

/**
 * Fires the connect hooks of one connector; each attempt has a channel and an address of
 * its own. Jetty calls it on the thread that connects, or on the selector's.
 */
final class TracedConnectListener implements ClientConnector.ConnectListener, LifeCycle.Listener {

	private final NetTracing tracing;

	private final ClientConnector connector;

	private final Map<SocketChannel, ConnectAttempt> underWay = new ConcurrentHashMap<>();

	/**
	 * The attempts of races, until one has won.
	 */
	private final Map<SocketChannel, RacingAttempt> racing = new ConcurrentHashMap<>();

	/**
	 * The dials of open connections. A dial that has connected does not keep its request.
	 */
	private final Map<SocketChannel, DialTrace> connected = Collections.synchronizedMap(new WeakHashMap<>());

	private TracedConnectListener(NetTracing tracing, ClientConnector connector) {
		this.tracing = tracing;
		this.connector = connector;
	}

	/**
	 * Listen to a connector, but only once: clients may share it.
	 */
	static TracedConnectListener addTo(ClientConnector connector, NetTracing tracing) {
		synchronized (connector) {
			for (EventListener listener : connector.getEventListeners()) {
				if (listener instanceof TracedConnectListener present) {
					return present;
				}
			}
			TracedConnectListener added = new TracedConnectListener(tracing, connector);
			connector.addEventListener(added);
			return added;
		}
	}

	/**
	 * Return the dial that has connected a channel.
	 * @return the dial, {@code null} if nothing listened
	 */
	@Nullable DialTrace dialOf(SocketChannel channel) {
		return this.connected.get(channel);
	}

	/**
	 * A channel has been made that takes part in a race.
	 */
	void add(SocketChannel channel, RacingAttempt racer) {
		this.racing.put(channel, racer);
	}

	/**
	 * A channel has lost its race. Its socket would stay, were its selector not woken.
	 */
	void lose(SocketChannel channel) {
		cancel(channel, null);
		List<Selector> selectors = this.connector.getSelectorManager()
			.getBeans(ManagedSelector.class)
			.stream()
			.map(ManagedSelector::getSelector)
			.filter((selector) -> selector != null && channel.keyFor(selector) != null)
			.toList();
		IO.close(channel);
		selectors.forEach(Selector::wakeup);
		this.racing.remove(channel);
	}

	@Override
	public void onConnectBegin(SocketChannel channel, SocketAddress address) {
		ConnectAttempt attempt = attempt(address);
		if (attempt == null) {
			return;
		}
		try {
			attempt.start();
		}
		finally {
			this.underWay.put(channel, attempt);
		}
		if (!this.connector.isRunning()) {
			cancel(channel, null); // it may have stopped before there was anything to end
		}
	}

	/**
	 * Jetty notices that a channel which has lost has been closed.
	 */
	@Override
	public void onConnectSuccess(SocketChannel channel) {
		RacingAttempt racer = this.racing.get(channel);
		if (racer == null) {
			connected(channel);
		}
		else if (racer.wins()) {
			this.racing.remove(channel);
			try {
				connected(channel);
			}
			finally {
				racer.connected();
			}
		}
		else {
			lose(channel);
		}
	}

	private void connected(SocketChannel channel) {
		ConnectAttempt attempt = this.underWay.remove(channel);
		if (attempt != null) {
			if (attempt.dial() != null) {
				this.connected.put(channel, attempt.dial());
			}
			attempt.done(null);
		}
	}

	/**
	 * Also called for a channel that cannot be bound to the client's own address, which
	 * has not begun to connect.
	 */
	@Override
	public void onConnectFailure(@Nullable SocketChannel channel, SocketAddress address, Throwable failure) {
		if (channel == null) {
			return; // Jetty 12.1.12; TracedTransport has seen it
		}
		this.racing.remove(channel);
		if (failure instanceof ClosedChannelException) {
			cancel(channel, failure);
			return;
		}
		ConnectAttempt begun = this.underWay.remove(channel);
		if (begun != null) {
			begun.done(failure);
			return;
		}
		ConnectAttempt attempt = ConnectAttempt.of(address);
		if (attempt != null) {
			attempt.startAndFail(failure);
		}
	}

	/**
	 * Jetty closes the channels of a connector that stops, but does not say so of each.
	 */
	@Override
	public void lifeCycleStopping(LifeCycle stopping) {
		this.underWay.keySet().forEach((channel) -> cancel(channel, null));
		this.racing.clear();
	}

	private void cancel(SocketChannel channel, @Nullable Throwable cause) {
		ConnectAttempt attempt = this.underWay.remove(channel);
		if (attempt != null) {
			CancellationException cancellation = new CancellationException("operation was canceled");
			cancellation.initCause(cause);
			attempt.done(cancellation);
		}
	}

	private @Nullable ConnectAttempt attempt(SocketAddress address) {
		if (isUnix(address)) {
			NetTrace trace = this.tracing.dial(NetTraceJetty.CLIENT, null, -1);
			return (trace != NetTrace.NONE) ? new ConnectAttempt(null, trace, "unix", address) : null;
		}
		return ConnectAttempt.of(address);
	}

	private static boolean isUnix(SocketAddress address) {
		return address instanceof UnixDomainSocketAddress;
	}

}
