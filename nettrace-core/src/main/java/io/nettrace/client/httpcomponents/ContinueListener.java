package io.nettrace.client.httpcomponents;

import org.apache.hc.core5.http.ConnectionReuseStrategy;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.protocol.HttpContext;

/**
 * Sees {@code 100 Continue}: of HTTP/1.1, the asynchronous client asks about each
 * response whether the connection is kept, and hands on every interim response but this.
 */
final class ContinueListener implements ConnectionReuseStrategy {

	private final ConnectionReuseStrategy delegate;

	ContinueListener(ConnectionReuseStrategy delegate) {
		this.delegate = delegate;
	}

	@Override
	public boolean keepAlive(HttpRequest request, HttpResponse response, HttpContext context) {
		if (response.getCode() == HttpStatus.SC_CONTINUE) {
			ExchangeTrace exchange = CarriedTrace.exchangeOf(context);
			if (exchange != null) {
				exchange.received(HttpStatus.SC_CONTINUE);
			}
		}
		return this.delegate.keepAlive(request, response, context);
	}

}
