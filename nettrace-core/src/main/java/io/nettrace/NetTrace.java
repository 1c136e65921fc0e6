package io.nettrace;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * Hooks that a request calls on its way: those of Go's {@code net/http/httptrace}
 * ({@code ClientTrace}) and of the {@code internal/nettrace} below it, with Go's names.
 * Implement the hooks of interest, the others do nothing.
 *
 * <pre>
 * request
 *   getConn                               each exchange: a redirect or a retry is another
 *     waitStart ... waitDone                if the pool has neither a connection nor place
 *     dnsStart ... dnsAnswer, dnsDone     to set up a connection, if the pool has none:
 *     connectStart ... connectDone          each address that is tried
 *     proxyStart ... proxyDone              CONNECT or SOCKS
 *     tlsHandshakeStart ... Done            behind an HTTPS proxy two of them
 *   gotConn
 *   wroteHeaders
 *   wait100Continue                       with Expect: 100-continue
 *   wroteRequest
 *   gotFirstResponseByte
 *   got100Continue, got1xxResponse        each 1xx
 *   responseDone                          the body has been read
 *   putIdleConn                           back to the pool
 * </pre>
 *
 * Which hooks a client library calls stands in the documentation, in the table of
 * clients. The contract is the same for all:
 * <ul>
 * <li>Each start gets exactly one done, also on failure, timeout, cancellation and
 * interruption. An address that is never tried fires nothing.
 * <li>A host that is an IP address, and the empty host, fire no DNS hooks. A request on a
 * pooled connection fires none of those that set one up.
 * <li>Setting up a connection belongs to the request that began it, even if another one
 * uses the connection first; it may go on, and call hooks, when that request is over.
 * <li>What a resolver does to find its answer, its own connects included, fires nothing.
 * <li>DNS hooks are called by the thread that asked for the lookup, or on its executor or
 * event loop if it asked asynchronously. Connect hooks are called by the thread that
 * connects; when addresses race, two attempts of one request may call at the same time,
 * and the attempt that lost may call after the request has returned.
 * <li>The request waits for a hook, so a hook must be fast. It is called without any lock
 * held, except on the JDK's clients: the JVM looks up under a lock for each name, so that
 * other threads which ask for the same name wait for the hook as well.
 * <li>What a hook throws is logged, at most every ten minutes for each class, and changes
 * nothing; Go lets it panic. Only errors of the JVM, which {@link OutOfMemoryError} and
 * the like are and a {@link StackOverflowError} is not, reach the caller, or on an event
 * loop the thread's handler of uncaught exceptions, once the done hooks have been called.
 * <li>What a hook sends itself, through whatever client, fires no hooks.
 * </ul>
 * A trace that keeps state belongs to one request. {@link Factory} makes such traces. A
 * trace bound with {@link NetTraceContext} sees every request in its scope.
 */
public interface NetTrace {

	/**
	 * A trace without hooks. Instrumentation that is handed this instance does nothing
	 * and allocates nothing.
	 */
	NetTrace NONE = new NetTrace() {

		@Override
		public String toString() {
			return "NetTrace.NONE";
		}

	};

	/**
	 * An exchange asks for a connection; it is not known yet whether the pool has one.
	 * @param target what the exchange is for
	 */
	default void getConn(ConnectionTarget target) {
	}

	/**
	 * The exchange waits for the pool. Go has no such hook. Where the library does not
	 * tell of waits this is called just before {@link #waitDone}, if it was a long one.
	 * @param wait what it waits for, and for how long it has already
	 */
	default void waitStart(WaitInfo wait) {
	}

	/**
	 * The wait has ended.
	 * @param wait as in {@link #waitStart}, and how it ended
	 */
	default void waitDone(WaitInfo wait) {
	}

	/**
	 * A lookup begins; it is not known yet whether another one is joined.
	 * @param host the name, exactly as it was asked for: case and trailing dot are kept
	 */
	default void dnsStart(String host) {
	}

	/**
	 * The lookup that is about to be done got its answer, that there is none included.
	 * Called right before {@link #dnsDone}, and only if something is known of it: for a
	 * caller that has joined another one's lookup, and with most resolvers, nothing is.
	 * Go has no such hook.
	 * @param answer where the answer came from, with the queries if they are known
	 */
	default void dnsAnswer(DnsAnswerInfo answer) {
	}

	/**
	 * A lookup has ended for this caller. If the caller gave up by timeout, cancellation
	 * or interruption the lookup itself may still be running for others.
	 * @param addresses the answers in the order in which they are tried; empty on failure
	 * @param coalesced whether the result was shared with another caller: true for the
	 * caller that started the lookup too, if another one joined it; false for a caller
	 * that gave up
	 * @param error why there is no answer, or {@code null}
	 */
	default void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
	}

	/**
	 * A connect attempt to one address begins; no socket is connecting yet.
	 * @param network {@code tcp} or {@code unix}
	 * @param address the resolved address with its port, or the path of a Unix domain
	 * socket. It is unresolved if Reactor Netty could make no socket: the name would have
	 * been looked up after that
	 */
	default void connectStart(String network, SocketAddress address) {
	}

	/**
	 * The attempt has ended.
	 * @param network as in {@link #connectStart}
	 * @param address the instance given to {@link #connectStart}
	 * @param error why the attempt failed, or {@code null} if it connected. An attempt
	 * that was given up because another one won, or because the caller cancelled, has a
	 * {@link java.util.concurrent.CancellationException}
	 */
	default void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
	}

	/**
	 * The proxy is asked to connect to the host: {@code CONNECT} is sent, or SOCKS. Go
	 * has no such hook.
	 * @param proxy the proxy, and what it is asked for
	 */
	default void proxyStart(ProxyInfo proxy) {
	}

	/**
	 * The proxy has answered, or failed.
	 * @param proxy as in {@link #proxyStart}, and how it ended
	 */
	default void proxyDone(ProxyInfo proxy) {
	}

	/**
	 * A TLS handshake begins: the transport is connected, and the tunnel of a proxy
	 * stands.
	 * @param handshake whom the handshake is with
	 */
	default void tlsHandshakeStart(TlsInfo handshake) {
	}

	/**
	 * The handshake has ended.
	 * @param handshake as in {@link #tlsHandshakeStart}, and what was agreed on or why it
	 * failed
	 */
	default void tlsHandshakeDone(TlsInfo handshake) {
	}

	/**
	 * The exchange has its connection. There is no such call for a request that failed
	 * before.
	 * @param connection the connection, and whether it came from the pool
	 */
	default void gotConn(ConnectionInfo connection) {
	}

	/**
	 * The head of the request has been written; some of it may still be in a buffer.
	 * @param connection the connection that it was written to
	 */
	default void wroteHeaders(ConnectionInfo connection) {
	}

	/**
	 * The body of the request waits for {@code 100 Continue}.
	 * @param connection the connection that it waits on
	 */
	default void wait100Continue(ConnectionInfo connection) {
	}

	/**
	 * The server has answered {@code 100 Continue} to a request that expected it.
	 * @param connection the connection that it came from
	 */
	default void got100Continue(ConnectionInfo connection) {
	}

	/**
	 * An interim response has come, asked for or not. {@code 101} is none.
	 * @param response the interim response
	 */
	default void got1xxResponse(InterimResponse response) {
	}

	/**
	 * The request and its body have been written, or failed to be.
	 * @param request how it ended
	 */
	default void wroteRequest(WroteRequestInfo request) {
	}

	/**
	 * The first byte of the response is there, on most libraries its whole head. An
	 * interim response counts.
	 * @param connection the connection that it came from
	 */
	default void gotFirstResponseByte(ConnectionInfo connection) {
	}

	/**
	 * The response has been read to its end, or is given up. Go has no such hook.
	 * @param response how it ended
	 */
	default void responseDone(ResponseInfo response) {
	}

	/**
	 * The connection goes back to the pool, or the pool does not want it.
	 * @param connection the connection, and why it is not kept
	 */
	default void putIdleConn(PutIdleInfo connection) {
	}

	/**
	 * Return the hooks of one dial: the lookup, attempts, proxy and handshake that set up
	 * one connection. A trace that has to tell apart two dials which its request has
	 * under way at once returns an object of its own for each. By default all dials call
	 * this trace.
	 * @return the trace whose hooks the dial calls; those of an exchange are not called
	 * on it
	 */
	default NetTrace forDial() {
		return this;
	}

	/**
	 * Makes the trace of one request. It is called where the request first asks for a
	 * connection, on the thread that asks, where whatever belongs to the request, its
	 * observation for one, is still bound. A bean of this type joins the traces of every
	 * instrumented client.
	 */
	@FunctionalInterface
	interface Factory {

		/**
		 * Make the trace of a request.
		 * @param request what is known of the request
		 * @return the trace, or {@link NetTrace#NONE} if this request is of no interest
		 */
		NetTrace create(RequestInfo request);

		/**
		 * As {@link #create(RequestInfo)}, but on an event loop, where nothing of the
		 * request is bound, since it is all in a Reactor context: saves binding it just
		 * to have it read.
		 * @param request what is known of the request
		 * @param bindings finds what belongs to the request by the key of its
		 * {@code ThreadLocalAccessor} (of {@code io.micrometer:context-propagation})
		 * @return the trace, or {@code null}, as by default, to have the request bound to
		 * the thread and {@link #create(RequestInfo)} called
		 */
		default @Nullable NetTrace create(RequestInfo request, Function<Object, @Nullable Object> bindings) {
			return null;
		}

		/**
		 * Return the hooks that the traces of this factory have. A hook that is not among
		 * them may not be called, and a request on a pooled connection makes no trace if
		 * no factory has hooks that it calls. Asked once, before the first request.
		 * @return the hooks, by default all
		 */
		default Set<Hook> hooks() {
			return EnumSet.allOf(Hook.class);
		}

		/**
		 * Whether the current thread works for something that a request would belong to.
		 * Lookups of the whole JVM ({@code jdk}) fire hooks only if some factory says so,
		 * or a trace is bound to the thread.
		 * @return whether there is a parent, by default {@code false}
		 */
		default boolean hasParent() {
			return false;
		}

	}

}
