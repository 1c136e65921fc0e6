package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

import io.nettrace.CloseInfo;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionListener;
import io.nettrace.ConnectionTarget;
import io.nettrace.InterimResponse;
import io.nettrace.NetTrace;
import io.nettrace.ProxyInfo;
import io.nettrace.PutIdleInfo;
import io.nettrace.ResponseInfo;
import io.nettrace.TlsInfo;
import io.nettrace.WaitInfo;
import io.nettrace.WroteRequestInfo;
import io.nettrace.observation.ErrorType;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Records which hooks of an application are called for each request and for its
 * connections.
 */
@Configuration(proxyBeanMethods = false)
class PhaseLog {

	private final List<Request> requests = new ArrayList<>();

	private final List<String> connections = new ArrayList<>();

	private final Set<Long> opened = new HashSet<>();

	@Bean
	NetTrace.Factory loggingTraces() {
		return (request) -> {
			Request logged = new Request();
			synchronized (this.requests) {
				this.requests.add(logged);
			}
			return logged;
		};
	}

	@Bean
	ConnectionListener loggingListener() {
		return new Connections();
	}

	/**
	 * Forget all requests and connections.
	 */
	void clear() {
		synchronized (this.requests) {
			this.requests.clear();
		}
		synchronized (this.connections) {
			this.connections.clear();
			this.opened.clear();
		}
	}

	/**
	 * Return the hooks of a request, in calling order.
	 * @param number which of the requests, from 0
	 */
	List<String> request(int number) {
		Request request;
		synchronized (this.requests) {
			if (number >= this.requests.size()) {
				return List.of();
			}
			request = this.requests.get(number);
		}
		synchronized (request.hooks) {
			return List.copyOf(request.hooks);
		}
	}

	/**
	 * Return the hooks of each request.
	 */
	List<List<String>> requests() {
		int count;
		synchronized (this.requests) {
			count = this.requests.size();
		}
		return IntStream.range(0, count).mapToObj(this::request).toList();
	}

	/**
	 * Return what happened to connections, in calling order.
	 */
	List<String> connections() {
		synchronized (this.connections) {
			return List.copyOf(this.connections);
		}
	}

	private static String ended(String hook, @Nullable Throwable error) {
		return (error != null) ? hook + " ! " + ErrorType.of(error) : hook;
	}

	private final class Connections implements ConnectionListener {

		/**
		 * Leave out connections that were opened before the log was cleared: OkHttp's may
		 * be told to be closed long after they were.
		 */
		private void add(ConnectionInfo connection, String event) {
			synchronized (PhaseLog.this.connections) {
				if (PhaseLog.this.opened.contains(connection.id())) {
					PhaseLog.this.connections.add(event);
				}
			}
		}

		@Override
		public void opened(ConnectionInfo connection) {
			synchronized (PhaseLog.this.connections) {
				PhaseLog.this.opened.add(connection.id());
			}
			add(connection, "opened");
		}

		@Override
		public void acquired(ConnectionInfo connection) {
			add(connection, "acquired");
		}

		@Override
		public void released(ConnectionInfo connection) {
			add(connection, "released");
		}

		@Override
		public void closed(ConnectionInfo connection, CloseInfo close) {
			add(connection,
					"closed " + close.reason() + ((close.http2ErrorCode() >= 0) ? " " + close.http2ErrorCode() : ""));
		}

	}

	private static final class Request implements NetTrace {

		private final List<String> hooks = new ArrayList<>();

		private void add(String hook) {
			synchronized (this.hooks) {
				this.hooks.add(hook);
			}
		}

		@Override
		public void getConn(ConnectionTarget target) {
			add("getConn");
		}

		@Override
		public void waitStart(WaitInfo wait) {
			if (wait.elapsed().isZero()) { // else the machine is busy
				add("waitStart " + wait.reason());
			}
		}

		@Override
		public void waitDone(WaitInfo wait) {
			if (wait.elapsed().isZero()) {
				add(ended("waitDone " + wait.outcome(), wait.error()));
			}
		}

		@Override
		public void dnsStart(String host) {
			add("dnsStart");
		}

		@Override
		public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
			add(ended("dnsDone", error));
		}

		@Override
		public void connectStart(String network, SocketAddress address) {
			add("connectStart");
		}

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			add(ended("connectDone", error));
		}

		@Override
		public void proxyStart(ProxyInfo proxy) {
			add("proxyStart " + proxy.protocol());
		}

		@Override
		public void proxyDone(ProxyInfo proxy) {
			add((proxy.error() != null) ? "proxyDone !" : "proxyDone");
		}

		@Override
		public void tlsHandshakeStart(TlsInfo handshake) {
			add("tlsHandshakeStart");
		}

		@Override
		public void tlsHandshakeDone(TlsInfo handshake) {
			String agreed = (handshake.error() != null) ? ""
					: " " + handshake.version() + (handshake.resumed() ? " resumed" : "");
			add(ended("tlsHandshakeDone" + agreed, handshake.error()));
		}

		@Override
		public void gotConn(ConnectionInfo connection) {
			add("gotConn" + (connection.reused() ? " reused" : "") + (connection.wasIdle() ? " idle" : ""));
		}

		@Override
		public void wroteHeaders(ConnectionInfo connection) {
			add("wroteHeaders");
		}

		@Override
		public void wait100Continue(ConnectionInfo connection) {
			add("wait100Continue");
		}

		@Override
		public void got100Continue(ConnectionInfo connection) {
			add("got100Continue");
		}

		@Override
		public void got1xxResponse(InterimResponse response) {
			add("got1xxResponse " + response.status());
		}

		@Override
		public void wroteRequest(WroteRequestInfo request) {
			add(ended("wroteRequest", request.error()));
		}

		@Override
		public void gotFirstResponseByte(ConnectionInfo connection) {
			add("gotFirstResponseByte");
		}

		@Override
		public void responseDone(ResponseInfo response) {
			add(ended("responseDone " + response.status(), response.error()));
		}

		@Override
		public void putIdleConn(PutIdleInfo connection) {
			add(ended("putIdleConn", connection.error()));
		}

	}

}
