package io.nettrace.client.jetty;

import java.util.List;
import java.util.concurrent.RejectedExecutionException;

import org.eclipse.jetty.client.Connection;
import org.eclipse.jetty.client.ContinueProtocolHandler;
import org.eclipse.jetty.client.EarlyHintsProtocolHandler;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpResponseException;
import org.eclipse.jetty.client.ProcessingProtocolHandler;
import org.eclipse.jetty.client.ProtocolHandler;
import org.eclipse.jetty.client.ProtocolHandlers;
import org.eclipse.jetty.client.ProxyAuthenticationProtocolHandler;
import org.eclipse.jetty.client.RedirectProtocolHandler;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.RequestListeners;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.WWWAuthenticationProtocolHandler;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/**
 * Is told of all exchanges of one client, and tells the one that it is about. As a
 * protocol handler it sees the first line of every response, also of those that the
 * listeners of a request are not told of, and passes it on to the handler that it is for,
 * or else to those listeners: what ends with it has to end before the application knows.
 * A request for a tunnel is none of the application's: Jetty does not queue it.
 */
final class ExchangeEvents implements Request.BeginListener, Request.HeadersListener, Request.CommitListener,
		Request.SuccessListener, Request.FailureListener, ProtocolHandler {

	/**
	 * What a client has by default, in its order.
	 */
	private static final List<String> HANDLERS = List.of(ContinueProtocolHandler.NAME, ProcessingProtocolHandler.NAME,
			EarlyHintsProtocolHandler.NAME, RedirectProtocolHandler.NAME, WWWAuthenticationProtocolHandler.NAME,
			ProxyAuthenticationProtocolHandler.NAME, "upgrade");

	/**
	 * The listener of the response that has just been accepted. Jetty asks for it next.
	 */
	private static final ThreadLocal<@Nullable PassingListener> ACCEPTED = new ThreadLocal<>();

	/**
	 * Whether the thread looks for another handler.
	 */
	private static final ThreadLocal<@Nullable Boolean> SEARCHING = new ThreadLocal<>();

	private final HttpClient client;

	private final QueuedRequests requests;

	private final JettyConnections connections;

	ExchangeEvents(HttpClient client, QueuedRequests requests, JettyConnections connections) {
		this.client = client;
		this.requests = requests;
		this.connections = connections;
	}

	/**
	 * Listen to the client, which starts.
	 */
	void listen() {
		RequestListeners listeners = this.client.getRequestListeners();
		listeners.addQueuedListener(this.requests);
		listeners.addBeginListener(this);
		listeners.addHeadersListener(this);
		listeners.addCommitListener(this);
		listeners.addSuccessListener(this);
		listeners.addFailureListener(this);
		ProtocolHandlers handlers = this.client.getProtocolHandlers();
		handlers.put(this);
		for (String name : HANDLERS) { // to be asked before them
			ProtocolHandler handler = handlers.remove(name);
			if (handler != null) {
				handlers.put(handler);
			}
		}
	}

	private @Nullable JettyExchange find(Request request) {
		return (request instanceof HttpRequest exchange) ? this.requests.find(exchange) : null;
	}

	/**
	 * An exchange has been put on a connection and is about to be sent.
	 */
	@Override
	public void onBegin(Request request) {
		JettyExchange exchange = find(request);
		Connection pooled = request.getConnection();
		JettyConnection connection = this.connections.find(pooled);
		if (exchange != null) {
			exchange.begin(connection, pooled);
		}
		else if (connection != null) {
			beginUnwatched(request, connection);
		}
	}

	private static void beginUnwatched(Request request, JettyConnection connection) {
		if (isTunnel(request)) {
			connection.asksForTunnel();
		}
		else {
			connection.shakesHands();
		}
	}

	static boolean isTunnel(Request request) {
		return HttpMethod.CONNECT.is(request.getMethod());
	}

	@Override
	public void onHeaders(Request request) {
		JettyExchange exchange = find(request);
		if (exchange != null) {
			exchange.sends();
		}
	}

	@Override
	public void onCommit(Request request) {
		JettyExchange exchange = find(request);
		if (exchange != null) {
			exchange.wroteHeaders();
		}
	}

	@Override
	public void onSuccess(Request request) {
		JettyExchange exchange = find(request);
		if (exchange != null) {
			exchange.wroteRequest(null);
		}
	}

	@Override
	public void onFailure(Request request, Throwable failure) {
		if (mayBeRejected(request, failure) && request instanceof HttpRequest rejected
				&& this.requests.isRejected(rejected, failure)) {
			return;
		}
		JettyExchange exchange = find(request);
		if (exchange != null) {
			exchange.failed(failure);
		}
	}

	private static boolean mayBeRejected(Request request, Throwable failure) {
		return failure instanceof RejectedExecutionException && request.getConnection() == null;
	}

	@Override
	public String getName() {
		return "nettrace";
	}

	/**
	 * Called when the first line of a response is there.
	 */
	@Override
	public boolean accept(Request request, Response response) {
		if (SEARCHING.get() != null) {
			return false;
		}
		JettyExchange exchange = find(request);
		if (exchange == null) {
			respondsUnwatched(request, response);
			return false;
		}
		exchange.responds(response.getStatus());
		if (JettyExchange.isInterim(response.getStatus())) {
			return false;
		}
		ACCEPTED.set(new PassingListener(exchange, findOther(request, response)));
		return true;
	}

	private void respondsUnwatched(Request request, Response response) {
		int status = response.getStatus();
		JettyConnection connection = this.connections.find(request.getConnection());
		if (connection == null || JettyExchange.isInterim(status)) {
			return;
		}
		if (isTunnel(request)) {
			connection.tunnel((status != HttpStatus.OK_200)
					? new HttpResponseException("Unexpected " + response + " for " + request, response) : null);
		}
		else if (request instanceof HttpRequest unwatched) {
			HttpExchange last = unwatched.getConversation().getExchanges().peekLast();
			if (last != null) {
				connection.count(last.getHttpDestination());
			}
		}
	}

	private @Nullable ProtocolHandler findOther(Request request, Response response) {
		SEARCHING.set(true);
		try {
			return this.client.findProtocolHandler(request, response);
		}
		finally {
			SEARCHING.remove();
		}
	}

	@Override
	public Response.@Nullable Listener getResponseListener() {
		PassingListener listener = ACCEPTED.get();
		ACCEPTED.remove();
		return listener;
	}

}
