package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;

import io.nettrace.NetTrace;
import io.nettrace.instrument.NetTraceAddress;
import io.nettrace.instrument.NetTracing;
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

	/**
	 * A socket that cannot be made, or not be bound to its local address, says so when it
	 * is connected: that is an attempt too, and its address is not known before. Until
	 * then it takes any option; the operator sets some in the same try block.
	 */
	@SuppressWarnings("UnsynchronizedOverridesSynchronized") // Java 17's are
	private static final class TracedSocket extends Socket {

		private final NetTracing tracing;

		private @Nullable IOException unmade;

		TracedSocket(NetTracing tracing) {
			this.tracing = tracing;
			makeDescriptor();
		}

		TracedSocket(NetTracing tracing, Proxy socksProxy) {
			super(socksProxy);
			this.tracing = tracing;
			makeDescriptor();
		}

		@Override
		public void connect(SocketAddress address) throws IOException {
			connect(address, 0);
		}

		@Override
		public void connect(SocketAddress address, int timeoutMillis) throws IOException {
			NetTrace carried = NetTraceAddress.traceOf(address);
			NetTrace trace = (carried != null) ? carried : dialOf(address);
			Throwable error = null;
			trace.connectStart("tcp", address);
			try {
				if (this.unmade != null) {
					throw this.unmade;
				}
				super.connect(address, timeoutMillis);
			}
			catch (Throwable ex) {
				error = Failures.asCancellation(ex);
				throw ex;
			}
			finally {
				trace.connectDone("tcp", address, error);
				NetTraceAddress.release(address); // a socket behind a SOCKS proxy keeps
													// it
			}
		}

		private NetTrace dialOf(SocketAddress address) {
			NetTrace dial = CarriedByThread.DIAL.get();
			if (dial != null) {
				return dial;
			}
			return (address instanceof InetSocketAddress inet)
					? this.tracing.blockingDial(NetTraceHttpComponents.CLIENT, inet.getHostString(), inet.getPort())
					: NetTrace.NONE;
		}

		private void makeDescriptor() {
			try {
				super.getSoTimeout();
			}
			catch (SocketException ex) {
				this.unmade = ex;
			}
		}

		private boolean isMade() {
			return this.unmade == null;
		}

		@Override
		public void bind(SocketAddress localAddress) throws IOException {
			if (!isMade()) {
				return;
			}
			try {
				super.bind(localAddress);
			}
			catch (IOException ex) {
				this.unmade = ex;
			}
		}

		@Override
		public int getSoTimeout() throws SocketException {
			return isMade() ? super.getSoTimeout() : 0;
		}

		@Override
		public void setSoTimeout(int timeoutMillis) throws SocketException {
			if (isMade()) {
				super.setSoTimeout(timeoutMillis);
			}
		}

		@Override
		public void setReceiveBufferSize(int size) throws SocketException {
			if (isMade()) {
				super.setReceiveBufferSize(size);
			}
		}

		@Override
		public void setSendBufferSize(int size) throws SocketException {
			if (isMade()) {
				super.setSendBufferSize(size);
			}
		}

		@Override
		public void setSoLinger(boolean on, int seconds) throws SocketException {
			if (isMade()) {
				super.setSoLinger(on, seconds);
			}
		}

		@Override
		public void setReuseAddress(boolean on) throws SocketException {
			if (isMade()) {
				super.setReuseAddress(on);
			}
		}

		@Override
		public void setTcpNoDelay(boolean on) throws SocketException {
			if (isMade()) {
				super.setTcpNoDelay(on);
			}
		}

		@Override
		public void setKeepAlive(boolean on) throws SocketException {
			if (isMade()) {
				super.setKeepAlive(on);
			}
		}

		@Override
		public <T> Socket setOption(SocketOption<T> name, T value) throws IOException {
			return isMade() ? super.setOption(name, value) : this;
		}

	}

}
