package io.nettrace.client.jetty;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceAddress;
import io.nettrace.NetTracing;
import org.eclipse.jetty.io.ClientConnector;
import org.jspecify.annotations.Nullable;

/**
 * Fires the connect hooks; each attempt has a channel of its own.
 */
final class TracedConnectListener implements ClientConnector.ConnectListener {

	private final NetTracing tracing;

	private final Map<SocketChannel, Attempt> attempts = new ConcurrentHashMap<>();

	TracedConnectListener(NetTracing tracing) {
		this.tracing = tracing;
	}

	private record Attempt(NetTrace trace, String network, SocketAddress address) {

	}

	@Override
	public void onConnectBegin(SocketChannel channel, SocketAddress address) {
		boolean unix = address instanceof UnixDomainSocketAddress;
		NetTrace trace = unix ? this.tracing.request(NetTraceJetty.CLIENT).newTrace()
				: NetTraceAddress.traceOf(address);
		if (trace != null && trace != NetTrace.NONE) {
			Attempt attempt = new Attempt(trace, unix ? "unix" : "tcp", address);
			this.attempts.put(channel, attempt);
			trace.connectStart(attempt.network(), address);
		}
	}

	@Override
	public void onConnectSuccess(SocketChannel channel) {
		done(channel, null);
	}

	@Override
	public void onConnectFailure(SocketChannel channel, SocketAddress address, Throwable failure) {
		done(channel, failure);
	}

	private void done(SocketChannel channel, @Nullable Throwable failure) {
		Attempt attempt = this.attempts.remove(channel);
		if (attempt != null) {
			attempt.trace().connectDone(attempt.network(), attempt.address(), failure);
		}
	}

}
