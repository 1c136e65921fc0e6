package io.nettrace.client.jdbc;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CancellationException;

import io.nettrace.DnsAnswerInfo;
import io.nettrace.NetTrace;
import io.nettrace.instrument.ClientLookup;
import io.nettrace.instrument.JvmAnswers;
import org.jspecify.annotations.Nullable;

/**
 * A socket that reports its own connect, and the lookup before it: the driver looks up
 * between getting its socket and connecting it, and does nothing else there.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // what is added need not be
final class TracedSocket extends Socket {

	/**
	 * What asks a server for encryption. All else that a client begins with is longer.
	 */
	private static final int ENCRYPTION_REQUEST_LENGTH = 8;

	private final @Nullable String host;

	private final long startNanos = System.nanoTime();

	private boolean lookingUp;

	private volatile NetTrace dial;

	/**
	 * Create a socket whose driver goes on to look up.
	 * @param dial the hooks
	 * @param host what is looked up, {@code null} if nothing is, or it is not known
	 */
	TracedSocket(NetTrace dial, @Nullable String host) {
		this.dial = dial;
		this.host = host;
		if (host != null) {
			this.lookingUp = true;
			dial.dnsStart(host);
			ClientLookup.begin();
		}
	}

	@Override
	public void connect(SocketAddress address, int timeoutMillis) throws IOException {
		InetAddress answer = (address instanceof InetSocketAddress inet) ? inet.getAddress() : null;
		if (this.lookingUp && answer == null) {
			lookedUp(List.of(), new UnknownHostException(this.host));
			super.connect(address, timeoutMillis);
			return;
		}
		if (answer != null) {
			lookedUp(List.of(answer), null);
		}
		NetTrace dial = this.dial;
		Throwable error = null;
		dial.connectStart("tcp", address);
		try {
			super.connect(address, timeoutMillis);
		}
		catch (Throwable ex) {
			error = ex;
			this.dial = NetTrace.NONE;
			throw ex;
		}
		finally {
			dial.connectDone("tcp", address, error);
		}
	}

	private void lookedUp(List<InetAddress> addresses, @Nullable Throwable error) {
		if (this.lookingUp) {
			this.lookingUp = false;
			ClientLookup.end();
			tellOfJvm(error);
			this.dial.dnsDone(addresses, false, error);
		}
	}

	/**
	 * The driver has asked the JVM, but keeps its exception.
	 */
	private void tellOfJvm(@Nullable Throwable error) {
		String host = this.host;
		if (host == null || error instanceof CancellationException) {
			return;
		}
		DnsAnswerInfo answer = (error == null) ? JvmAnswers.answer(host, this.startNanos, null)
				: JvmAnswers.noAddress(host, this.startNanos);
		if (answer != null) {
			this.dial.dnsAnswer(answer);
		}
	}

	/**
	 * Return the hooks for the handshake, and keep them no longer.
	 */
	NetTrace takeDial() {
		NetTrace dial = this.dial;
		this.dial = NetTrace.NONE;
		return dial;
	}

	/**
	 * The hooks are kept until it is certain that no handshake follows: when the client
	 * sends something else than a request for one.
	 */
	@Override
	public OutputStream getOutputStream() throws IOException {
		OutputStream stream = super.getOutputStream();
		return (this.dial != NetTrace.NONE) ? new UntilStartup(stream) : stream;
	}

	@Override
	public void close() throws IOException {
		lookedUp(List.of(), new CancellationException("operation was canceled"));
		this.dial = NetTrace.NONE;
		super.close();
	}

	private final class UntilStartup extends FilterOutputStream {

		UntilStartup(OutputStream stream) {
			super(stream);
		}

		@Override
		public void write(byte[] bytes, int offset, int length) throws IOException {
			if (length > ENCRYPTION_REQUEST_LENGTH) {
				TracedSocket.this.dial = NetTrace.NONE;
			}
			this.out.write(bytes, offset, length);
		}

	}

}
