package io.nettrace.benchmarks;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import io.micrometer.core.instrument.MeterRegistry;
import io.nettrace.CloseInfo;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionListener;
import io.nettrace.ConnectionTarget;
import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import io.nettrace.ResponseInfo;
import io.nettrace.TlsInfo;
import io.nettrace.WaitInfo;
import io.nettrace.WroteRequestInfo;
import org.jspecify.annotations.Nullable;

/**
 * Times each phase of a request, and the life of each connection, by hand: an application
 * that wants to know everything.
 */
final class EveryHook implements NetTrace.Factory, ConnectionListener {

	private final HeldTimers waits;

	private final HeldTimers lookups;

	private final HeldTimers connects;

	private final HeldTimers handshakes;

	private final HeldTimers queues;

	private final HeldTimers sending;

	private final HeldTimers firstBytes;

	private final HeldTimers responses;

	private final HeldTimers lives;

	EveryHook(MeterRegistry registry) {
		this.waits = new HeldTimers("every.wait", registry);
		this.lookups = new HeldTimers("every.lookup", registry);
		this.connects = new HeldTimers("every.connect", registry);
		this.handshakes = new HeldTimers("every.handshake", registry);
		this.queues = new HeldTimers("every.queue", registry);
		this.sending = new HeldTimers("every.send", registry);
		this.firstBytes = new HeldTimers("every.first.byte", registry);
		this.responses = new HeldTimers("every.response", registry);
		this.lives = new HeldTimers("every.connection", registry);
	}

	@Override
	public NetTrace create(RequestInfo request) {
		return new Request();
	}

	@Override
	public NetTrace create(RequestInfo request, Function<Object, @Nullable Object> bindings) {
		return create(request);
	}

	@Override
	public void closed(ConnectionInfo connection, CloseInfo close) {
		this.lives.of(close.reason().name(), true).record(connection.age());
	}

	private final class Request implements NetTrace {

		private String host = "";

		private long asked;

		private long stepStart;

		private long moment;

		@Override
		public void getConn(ConnectionTarget target) {
			this.host = target.host();
			this.asked = System.nanoTime();
		}

		@Override
		public void waitStart(WaitInfo wait) {
			this.stepStart = System.nanoTime();
		}

		@Override
		public void waitDone(WaitInfo wait) {
			record(EveryHook.this.waits, this.stepStart, wait.error());
		}

		@Override
		public void dnsStart(String host) {
			this.stepStart = System.nanoTime();
		}

		@Override
		public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
			record(EveryHook.this.lookups, this.stepStart, error);
		}

		@Override
		public void connectStart(String network, SocketAddress address) {
			this.stepStart = System.nanoTime();
		}

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			record(EveryHook.this.connects, this.stepStart, error);
		}

		@Override
		public void tlsHandshakeStart(TlsInfo handshake) {
			this.stepStart = System.nanoTime();
		}

		@Override
		public void tlsHandshakeDone(TlsInfo handshake) {
			record(EveryHook.this.handshakes, this.stepStart, handshake.error());
		}

		@Override
		public void gotConn(ConnectionInfo connection) {
			this.moment = record(EveryHook.this.queues, this.asked, null);
		}

		@Override
		public void wroteRequest(WroteRequestInfo request) {
			this.moment = record(EveryHook.this.sending, this.moment, request.error());
		}

		@Override
		public void gotFirstResponseByte(ConnectionInfo connection) {
			this.moment = record(EveryHook.this.firstBytes, this.moment, null);
		}

		@Override
		public void responseDone(ResponseInfo response) {
			record(EveryHook.this.responses, this.moment, response.error());
		}

		private long record(HeldTimers timers, long since, @Nullable Throwable error) {
			long now = System.nanoTime();
			timers.of(this.host, error == null).record(now - since, TimeUnit.NANOSECONDS);
			return now;
		}

	}

}
