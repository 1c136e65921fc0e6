package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.concurrent.CancellationException;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceAddress;
import io.nettrace.NetTracing;
import org.apache.hc.client5.http.io.DetachedSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes sockets that report their own connect: the operator makes one for each address it
 * tries.
 */
final class TracedSocketFactory implements DetachedSocketFactory {

	private final NetTracing tracing;

	TracedSocketFactory(NetTracing tracing) {
		this.tracing = tracing;
	}

	@Override
	public Socket create(@Nullable Proxy socksProxy) {
		return (socksProxy != null) ? new TracedSocket(this.tracing, socksProxy) : new TracedSocket(this.tracing);
	}

	private static final class TracedSocket extends Socket {

		private final NetTracing tracing;

		TracedSocket(NetTracing tracing) {
			this.tracing = tracing;
		}

		TracedSocket(NetTracing tracing, Proxy socksProxy) {
			super(socksProxy);
			this.tracing = tracing;
		}

		@Override
		public void connect(SocketAddress address) throws IOException {
			connect(address, 0);
		}

		@Override
		public void connect(SocketAddress address, int timeoutMillis) throws IOException {
			NetTrace carried = NetTraceAddress.traceOf(address);
			NetTrace trace = (carried != null) ? carried : this.tracing.capture(NetTraceHttpComponents.CLIENT);
			Throwable error = null;
			trace.connectStart("tcp", address);
			try {
				super.connect(address, timeoutMillis);
			}
			catch (Throwable ex) {
				error = isAborted(ex) ? cancellation(ex) : ex;
				throw ex;
			}
			finally {
				trace.connectDone("tcp", address, error);
			}
		}

		/**
		 * Another thread has closed the socket, which is how a request is aborted, or has
		 * interrupted this one, which closes the socket on a virtual thread. Whatever
		 * fails, the JDK closes the socket: only the message tells.
		 */
		private static boolean isAborted(Throwable failure) {
			String message = String.valueOf(failure.getMessage());
			return failure instanceof SocketException && (message.equals("Socket closed")
					|| message.equals("Socket is closed") || message.equals("Closed by interrupt"));
		}

		private static CancellationException cancellation(Throwable cause) {
			CancellationException cancellation = new CancellationException("operation was canceled");
			cancellation.initCause(cause);
			return cancellation;
		}

	}

}
