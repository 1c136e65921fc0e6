package io.nettrace.client.httpcomponents;

import java.util.concurrent.atomic.AtomicReference;

import org.apache.hc.core5.http.ConnectionReuseStrategy;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * Sees {@code 100 Continue}: of HTTP/1.1, the asynchronous client asks about each
 * response whether the connection is kept, and hands on every interim response but this.
 */
final class ContinueListener implements ConnectionReuseStrategy {

	private static final String ATTRIBUTE = ContinueListener.class.getName();

	private final ConnectionReuseStrategy delegate;

	ContinueListener(ConnectionReuseStrategy delegate) {
		this.delegate = delegate;
	}

	/**
	 * Tell an exchange of what comes.
	 * @param exchange the exchange, to be taken away when it is over: the application may
	 * keep the context
	 * @param context the context of the request
	 */
	static void listen(AtomicReference<@Nullable ExchangeTrace> exchange, HttpContext context) {
		context.setAttribute(ATTRIBUTE, exchange);
	}

	@Override
	public boolean keepAlive(HttpRequest request, HttpResponse response, HttpContext context) {
		if (response.getCode() == HttpStatus.SC_CONTINUE
				&& context.getAttribute(ATTRIBUTE) instanceof AtomicReference<?> waiting
				&& waiting.get() instanceof ExchangeTrace exchange) {
			exchange.received(HttpStatus.SC_CONTINUE);
		}
		return this.delegate.keepAlive(request, response, context);
	}

}
