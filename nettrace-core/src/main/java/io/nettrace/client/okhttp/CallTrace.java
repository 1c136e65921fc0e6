package io.nettrace.client.okhttp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.List;

import io.nettrace.ConnectionTarget;
import io.nettrace.NetTrace;
import io.nettrace.WaitInfo.Outcome;
import io.nettrace.WaitInfo.Reason;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.RequestTrace;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.Dispatcher;
import okhttp3.Handshake;
import okhttp3.HttpUrl;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Makes of the events of one call the hooks of its exchanges. OkHttp tells of them one
 * after the other, on the thread that executes the call; but of attempts that race, of a
 * call that is cancelled, and of one that waits for the dispatcher, on others.
 */
final class CallTrace {

	private final NetTracing tracing;

	private final OkHttpConnections connections;

	private final Call call;

	private volatile @Nullable RequestTrace trace;

	private volatile @Nullable HttpUrl url;

	/**
	 * What the next connection leads through, if that is known.
	 */
	private volatile @Nullable Proxy proxy;

	/**
	 * Whether a proxy is being selected.
	 */
	private volatile boolean selectsProxy;

	private volatile @Nullable OkHttpExchange exchange;

	private volatile @Nullable Connection connection;

	/**
	 * The exchange that has the connection. While OkHttp has not released it, an attempt
	 * of its race that begins late may have begun the next exchange.
	 */
	private volatile @Nullable OkHttpExchange holder;

	/**
	 * Whether the exchange is over, and what comes next belongs to another one.
	 */
	private volatile boolean asksAgain;

	/**
	 * Whether OkHttp is about to send the request again.
	 */
	private volatile boolean retries;

	private volatile boolean left;

	private volatile long startedAt = System.nanoTime();

	CallTrace(Call call, NetTracing tracing, OkHttpConnections connections) {
		this.call = call;
		this.tracing = tracing;
		this.connections = connections;
	}

	/**
	 * The call is executed, or enqueued, by the current thread.
	 */
	void starts() {
		this.connections.notice();
		this.startedAt = System.nanoTime();
		HttpUrl url = this.call.request().url();
		this.url = url;
		RequestTrace trace = this.tracing.request(NetTraceOkHttp.CLIENT, url.host(), url.port());
		if (trace.hooks() != NetTrace.NONE || this.tracing.watchesConnections()) {
			this.trace = trace;
		}
	}

	/**
	 * The call waits for the dispatcher. Another thread may have told of the end of the
	 * wait already.
	 */
	synchronized void waits(Dispatcher dispatcher) {
		if (!this.left && !this.call.isCanceled() && this.exchange == null) {
			OkHttpExchange exchange = asking();
			if (exchange != null) {
				exchange.waits(reason(dispatcher));
			}
		}
	}

	private Reason reason(Dispatcher dispatcher) {
		HttpUrl url = this.url;
		long ofHost = dispatcher.runningCalls()
			.stream()
			.filter((running) -> url != null && running.request().url().host().equals(url.host()))
			.count();
		if (ofHost >= dispatcher.getMaxRequestsPerHost()) {
			return Reason.HOST_LIMIT;
		}
		return (dispatcher.runningCallsCount() >= dispatcher.getMaxRequests()) ? Reason.POOL_LIMIT : Reason.UNKNOWN;
	}

	/**
	 * The dispatcher executes the call. How its wait has ended is known when it has a
	 * connection, or opens one.
	 */
	void leavesQueue() {
		synchronized (this) {
			this.left = true;
		}
		this.startedAt = System.nanoTime();
	}

	/**
	 * OkHttp selects a proxy for the exchange: the pool has no connection.
	 */
	void selectsProxy(HttpUrl url) {
		this.url = url;
		this.proxy = null;
		this.selectsProxy = true;
		OkHttpExchange exchange = this.exchange;
		if (exchange != null && !this.asksAgain) {
			exchange.endWait(Outcome.NEW, null);
		}
	}

	/**
	 * OkHttp has selected proxies, and tries one after the other. Only now it is known
	 * what the exchange asks for a connection to.
	 */
	void selected(List<Proxy> proxies) {
		this.selectsProxy = false;
		this.proxy = proxies.isEmpty() ? null : proxies.get(0);
		asking();
	}

	void lookupStarts(String name) {
		OkHttpExchange exchange = asking();
		if (exchange != null) {
			exchange.dial().lookupStarts(name);
		}
	}

	void lookupEnds(List<@Nullable InetAddress> addresses) {
		OkHttpExchange exchange = this.exchange;
		if (exchange != null) {
			exchange.dial().lookupEnds(addresses);
		}
	}

	/**
	 * An attempt begins: for the exchange that asks for a connection, or, of a race that
	 * is over, for the last one that did.
	 */
	void connectStarts(InetSocketAddress route, Proxy proxy) {
		OkHttpExchange exchange = (this.exchange == null || this.retries) ? asking() : this.exchange;
		if (exchange != null) {
			exchange.endWait(Outcome.NEW, null);
			exchange.dial().connectStarts(route, proxy);
		}
	}

	void connectFails(InetSocketAddress route, Throwable error) {
		OkHttpExchange exchange = this.exchange;
		if (exchange != null) {
			exchange.dial().fails(route, failure(error));
		}
	}

	void handshakeStarts() {
		OkHttpExchange exchange = this.exchange;
		if (exchange != null) {
			exchange.dial().handshakeStarts();
		}
	}

	void handshakeEnds(@Nullable Handshake agreed) {
		OkHttpExchange exchange = this.exchange;
		if (exchange != null) {
			exchange.dial().handshakeEnds(agreed);
		}
	}

	void connects(InetSocketAddress route, @Nullable Protocol protocol) {
		OkHttpExchange exchange = this.exchange;
		if (exchange != null) {
			exchange.dial().connects(route, protocol);
		}
	}

	void acquires(Connection connection) {
		if (this.exchange == null || this.asksAgain) {
			// of the pool's, an interceptor may have changed it
			this.url = connection.route().address().url();
			this.proxy = connection.route().proxy();
		}
		OkHttpExchange exchange = asking();
		if (exchange != null) {
			this.connection = connection;
			this.holder = exchange;
			exchange.got(this.connections.acquired(connection, exchange.hasOpened()), connection, false);
			return;
		}
		OkHttpConnection known = this.connections.find(connection);
		if (known != null) {
			known.record().count();
		}
	}

	/**
	 * The head of a request is about to be written. The next exchange of the call may
	 * have the connection of the one before, of which OkHttp says nothing.
	 */
	void sends() {
		OkHttpExchange before = this.holder;
		Connection connection = this.connection;
		if (before == null || connection == null || (isUnderWay(before) && !before.hasBegun())) {
			return;
		}
		endUnlessOver(before);
		before.release(true);
		asksAgainAfter(before);
		OkHttpExchange next = asking();
		this.holder = next;
		if (next != null) {
			next.got(this.connections.acquired(connection, true), connection, true);
		}
	}

	void wroteHeaders(Request request) {
		OkHttpExchange exchange = this.exchange;
		if (exchange != null) {
			exchange.wroteHeaders(request);
		}
	}

	void writesBody() {
		OkHttpExchange exchange = this.exchange;
		if (exchange != null) {
			exchange.writesBody();
		}
	}

	void wroteBody() {
		OkHttpExchange exchange = this.exchange;
		if (exchange != null) {
			exchange.wroteRequest(null);
		}
	}

	void failsToWrite(Throwable error) {
		OkHttpExchange exchange = this.exchange;
		if (exchange != null) {
			exchange.wroteRequest(failure(error));
		}
	}

	void responds() {
		OkHttpExchange exchange = this.exchange;
		if (exchange != null) {
			exchange.responds();
		}
	}

	void responds(Response response) {
		OkHttpExchange exchange = this.exchange;
		if (exchange != null) {
			exchange.responds(response);
		}
	}

	/**
	 * The response has been read. If the request was cancelled before its head was
	 * written, OkHttp 5.3 forgets to say more, and to release the connection.
	 */
	void responded(long bytes) {
		OkHttpExchange exchange = this.exchange;
		if (exchange != null) {
			exchange.responded(bytes);
			if (!exchange.hasBegun()) {
				release(exchange);
			}
		}
	}

	void failsToRead(Throwable error) {
		OkHttpExchange exchange = this.exchange;
		if (exchange != null) {
			Throwable failure = failure(error);
			exchange.wroteRequest(failure);
			exchange.responded(failure);
		}
	}

	/**
	 * The exchange has failed.
	 * @param retries whether OkHttp sends the request again
	 */
	void fails(Throwable error, boolean retries) {
		OkHttpExchange exchange = this.exchange;
		if (exchange != null) {
			exchange.end(failure(error));
			this.retries = retries;
			this.asksAgain |= retries;
		}
	}

	void releases(Connection connection) {
		OkHttpExchange holder = this.holder;
		if (holder != null) {
			release(holder);
			return;
		}
		OkHttpConnection known = this.connections.find(connection);
		if (known != null) {
			known.record().idle();
			this.connections.released(known);
		}
	}

	private void release(OkHttpExchange holder) {
		this.connection = null;
		this.holder = null;
		endUnlessOver(holder);
		OkHttpConnection released = holder.release(false);
		if (released != null) {
			this.connections.released(released);
		}
		asksAgainAfter(holder);
	}

	@SuppressWarnings("ReferenceEquality") // it is the one
	private synchronized boolean isUnderWay(OkHttpExchange exchange) {
		return this.exchange == exchange && !this.asksAgain;
	}

	/**
	 * What comes next belongs to another exchange, which may have begun.
	 */
	@SuppressWarnings("ReferenceEquality") // it is the one
	private synchronized void asksAgainAfter(OkHttpExchange exchange) {
		this.asksAgain |= this.exchange == exchange;
	}

	/**
	 * Another thread cancels the call, or OkHttp does because it takes too long.
	 */
	void cancels() {
		OkHttpExchange waiting;
		synchronized (this) {
			waiting = this.exchange;
		}
		if (waiting != null) {
			Throwable error = failure(null);
			waiting.endWait(Failures.outcome(error), error);
		}
	}

	/**
	 * The call is over.
	 * @param error why it has failed, {@code null} if OkHttp does not tell
	 */
	void ends(@Nullable Throwable error) {
		OkHttpExchange exchange = this.selectsProxy ? asking() : this.exchange;
		if (exchange != null && error != null) {
			exchange.end(failure(error));
		}
		else if (exchange != null) {
			endUnlessOver(exchange);
		}
		this.connections.notice();
	}

	/**
	 * Return the exchange that asks for a connection.
	 * @return the exchange, {@code null} if nothing listens
	 */
	private @Nullable OkHttpExchange asking() {
		RequestTrace trace = this.trace;
		HttpUrl url = this.url;
		if (trace == null || url == null) {
			return null;
		}
		OkHttpExchange exchange;
		synchronized (this) {
			OkHttpExchange present = this.exchange;
			if (present != null && !this.asksAgain) {
				return present;
			}
			this.asksAgain = false;
			this.retries = false;
			exchange = new OkHttpExchange(trace, target(url, this.proxy), url.host());
			this.exchange = exchange;
		}
		exchange.asks();
		return exchange;
	}

	/**
	 * Return what a connection is asked for to: a proxy that speaks HTTP, if there is
	 * one.
	 */
	private static ConnectionTarget target(HttpUrl url, @Nullable Proxy proxy) {
		return (proxy != null && proxy.type() == Proxy.Type.HTTP
				&& proxy.address() instanceof InetSocketAddress address)
						? new ConnectionTarget(address.getHostString(), address.getPort(), url.isHttps())
						: new ConnectionTarget(url.host(), url.port(), url.isHttps());
	}

	/**
	 * Return what the hooks are told of a failure. A call that is cancelled fails before
	 * OkHttp says that it is.
	 * @param error what OkHttp says, which is only the consequence of that
	 */
	private Throwable failure(@Nullable Throwable error) {
		if (error != null && !this.call.isCanceled()) {
			return error;
		}
		return takesTooLong() ? Failures.timedOut(error) : Failures.cancelled(error);
	}

	/**
	 * OkHttp has begun to measure a bit before.
	 */
	private boolean takesTooLong() {
		long timeout = this.call.timeout().timeoutNanos();
		return timeout > 0 && System.nanoTime() - this.startedAt >= timeout / 10 * 9;
	}

	/**
	 * End an exchange of which OkHttp has not said that it has failed. If it has not been
	 * answered either, an interceptor or a listener has thrown something.
	 */
	private void endUnlessOver(OkHttpExchange exchange) {
		if (!exchange.isOver()) {
			exchange.end(this.call.isCanceled() ? failure(null) : new IOException("the exchange has been given up"));
		}
	}

}
