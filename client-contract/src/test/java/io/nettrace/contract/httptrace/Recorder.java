package io.nettrace.contract.httptrace;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.InterimResponse;
import io.nettrace.NetTrace;
import io.nettrace.ProxyInfo;
import io.nettrace.PutIdleInfo;
import io.nettrace.ResponseInfo;
import io.nettrace.TlsInfo;
import io.nettrace.WroteRequestInfo;
import io.nettrace.instrument.IpText;
import org.jspecify.annotations.Nullable;

/**
 * Notes the hooks and marks of one run.
 */
final class Recorder {

	private static final int MOST_CAUSES = 10;

	private final Addresses addresses;

	private final List<Recorded> events = new ArrayList<>();

	private final Map<Long, String> connections = new HashMap<>();

	private final IdentityHashMap<Throwable, String> dialErrors = new IdentityHashMap<>();

	private boolean closing;

	Recorder(Addresses addresses) {
		this.addresses = addresses;
	}

	/**
	 * Make a trace of a request.
	 * @param by the request
	 * @param trace the trace's name, if there are several
	 */
	NetTrace trace(String by, @Nullable String trace) {
		return new RecordingTrace(by, trace);
	}

	/**
	 * Note a mark.
	 */
	void mark(String name, String by, Map<String, Object> arguments, @Nullable Throwable error) {
		add(new Event(name, by, null, arguments), error);
	}

	private synchronized void add(Event event, @Nullable Throwable error) {
		this.events.add(new Recorded(event, Thread.currentThread().getName(), error, this.closing));
	}

	/**
	 * The client is about to be closed.
	 */
	synchronized void closing() {
		this.closing = true;
	}

	synchronized List<Recorded> events() {
		return List.copyOf(this.events);
	}

	/**
	 * Whether each start has its done, and each written request its {@code WroteRequest}.
	 */
	synchronized boolean isSettled() {
		Map<String, Integer> open = new HashMap<>();
		for (Recorded each : this.events) {
			String name = each.event().name();
			String end = name.equals("wroteHeaders") ? "wroteRequest" : Event.ENDS.get(name);
			open.merge((end != null) ? end : name, (end != null) ? 1 : -1, Integer::sum);
		}
		return open.values().stream().allMatch((count) -> count <= 0);
	}

	/**
	 * Return the class of an error: that which a hook of the dial has reported before, if
	 * it is the same error.
	 */
	synchronized String errorClass(Throwable error, String event) {
		Throwable inner = error;
		for (int depth = 0; inner != null && depth < MOST_CAUSES; depth++) {
			String told = this.dialErrors.get(inner);
			if (told != null) {
				return told;
			}
			inner = inner.getCause();
		}
		String errorClass = ErrorClass.of(error, event);
		if (Event.DIAL.contains(event)) {
			this.dialErrors.put(error, errorClass);
		}
		return errorClass;
	}

	private synchronized String connectionName(long id, String by) {
		String known = this.connections.get(id);
		if (known == null) {
			int count = 1;
			known = by;
			while (this.connections.containsValue(known)) {
				count++;
				known = by + "#" + count;
			}
			this.connections.put(id, known);
		}
		return known;
	}

	private final class RecordingTrace implements NetTrace {

		private final String by;

		private final @Nullable String trace;

		RecordingTrace(String by, @Nullable String trace) {
			this.by = by;
			this.trace = trace;
		}

		private void add(String hook, ConnectionInfo connection, Map<String, Object> arguments,
				@Nullable Throwable error) {
			Map<String, Object> all = new LinkedHashMap<>(arguments);
			all.put("connection", connectionName(connection.id(), this.by));
			add(hook, all, error);
		}

		private void add(String hook, Map<String, Object> arguments, @Nullable Throwable error) {
			Map<String, Object> all = new LinkedHashMap<>(arguments);
			if (error != null) {
				all.put("error", errorClass(error, hook));
			}
			Recorder.this.add(new Event(hook, this.by, this.trace, all), error);
		}

		@Override
		public void getConn(ConnectionTarget target) {
			add("getConn", Map.of("host_port", Recorder.this.addresses.ofScenario(target.host(), target.port())), null);
		}

		@Override
		public void dnsStart(String host) {
			add("dnsStart", Map.of("host", host), null);
		}

		@Override
		public void dnsDone(List<InetAddress> answer, boolean coalesced, @Nullable Throwable error) {
			Map<String, Object> arguments = new LinkedHashMap<>();
			arguments.put("addrs", map(answer, (each) -> Recorder.this.addresses.ofScenario(IpText.of(each))));
			arguments.put("coalesced", coalesced);
			add("dnsDone", arguments, error);
		}

		@Override
		public void connectStart(String network, SocketAddress address) {
			add("connectStart", Map.of("addr", text(address), "network", network), null);
		}

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			add("connectDone", Map.of("addr", text(address), "network", network), error);
		}

		@Override
		public void proxyStart(ProxyInfo proxy) {
			add("proxyStart", Map.of("protocol", proxy.protocol()), null);
		}

		@Override
		public void proxyDone(ProxyInfo proxy) {
			add("proxyDone", Map.of("protocol", proxy.protocol()), proxy.error());
		}

		@Override
		public void tlsHandshakeStart(TlsInfo handshake) {
			add("tlsHandshakeStart", Map.of(), null);
		}

		@Override
		public void tlsHandshakeDone(TlsInfo handshake) {
			Map<String, Object> arguments = new LinkedHashMap<>();
			String version = Objects.requireNonNullElse(handshake.version(), "");
			arguments.put("version", version.replace("TLSv", ""));
			arguments.put("cipher_set", handshake.cipherSuite() != null);
			arguments.put("alpn", handshake.negotiatedProtocol());
			arguments.put("resumed", handshake.resumed());
			arguments.put("server_name", (handshake.error() == null) ? handshake.serverName() : "");
			// Go has none of a handshake that fails
			arguments.put("peer_certificates", (handshake.error() == null) ? handshake.peerCertificates().size() : 0);
			arguments.put("complete", handshake.error() == null);
			add("tlsHandshakeDone", arguments, handshake.error());
		}

		@Override
		public void gotConn(ConnectionInfo connection) {
			Map<String, Object> arguments = new LinkedHashMap<>();
			arguments.put("idle_time_positive", !connection.idleTime().isZero());
			SocketAddress peer = connection.peerAddress();
			if (peer != null) {
				arguments.put("remote", text(peer));
			}
			arguments.put("reused", connection.reused());
			arguments.put("was_idle", connection.wasIdle());
			arguments.put("protocol", Objects.requireNonNullElse(connection.protocol(), ""));
			add("gotConn", connection, arguments, null);
		}

		@Override
		public void wroteHeaders(ConnectionInfo connection) {
			add("wroteHeaders", connection, Map.of(), null);
		}

		@Override
		public void wait100Continue(ConnectionInfo connection) {
			add("wait100Continue", connection, Map.of(), null);
		}

		@Override
		public void got100Continue(ConnectionInfo connection) {
			add("got100Continue", connection, Map.of(), null);
		}

		@Override
		public void got1xxResponse(InterimResponse response) {
			add("got1xxResponse", response.connection(), Map.of("code", response.status()), null);
		}

		@Override
		public void wroteRequest(WroteRequestInfo request) {
			add("wroteRequest", request.connection(), Map.of(), request.error());
		}

		@Override
		public void gotFirstResponseByte(ConnectionInfo connection) {
			add("gotFirstResponseByte", connection, Map.of(), null);
		}

		@Override
		public void responseDone(ResponseInfo response) {
			add("responseDone", response.connection(), Map.of("status", response.status()), response.error());
		}

		@Override
		public void putIdleConn(PutIdleInfo connection) {
			add("putIdleConn", connection.connection(), Map.of(), connection.error());
		}

		private String text(SocketAddress address) {
			if (address instanceof InetSocketAddress inet) {
				return Recorder.this.addresses.ofScenario(inet.isUnresolved() ? inet.getHostString()
						: IpText.of(Objects.requireNonNull(inet.getAddress())), inet.getPort());
			}
			return address.toString();
		}

		private static <A, B> List<B> map(List<A> list, Function<A, B> function) {
			return list.stream().map(function).toList();
		}

	}

}
