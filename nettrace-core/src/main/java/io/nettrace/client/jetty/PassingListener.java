package io.nettrace.client.jetty;

import org.eclipse.jetty.client.ProtocolHandler;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.transport.ResponseListeners;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/**
 * Passes a response on to what it is for, which is told that it has ended after the
 * hooks.
 */
final class PassingListener implements Response.Listener {

	private final JettyExchange exchange;

	private final ResponseListeners listeners;

	/**
	 * Create a listener.
	 * @param exchange the exchange whose response it is
	 * @param handler whose listener Jetty would call, {@code null} if it would call those
	 * of the conversation's first exchange
	 */
	PassingListener(JettyExchange exchange, @Nullable ProtocolHandler handler) {
		this.exchange = exchange;
		this.listeners = (handler != null) ? new ResponseListeners(handler.getResponseListener())
				: exchange.exchange().getConversation().getExchanges().getFirst().getResponseListeners();
	}

	@Override
	public void onBegin(Response response) {
		this.listeners.notifyBegin(response);
	}

	@Override
	public boolean onHeader(Response response, HttpField field) {
		return this.listeners.notifyHeader(response, field);
	}

	@Override
	public void onHeaders(Response response) {
		this.listeners.notifyHeaders(response);
	}

	@Override
	public void onContentSource(Response response, Content.Source contentSource) {
		this.listeners.notifyContentSource(response, contentSource);
	}

	@Override
	public void onSuccess(Response response) {
		this.exchange.onSuccess(response);
		this.listeners.notifySuccess(response);
	}

	@Override
	public void onFailure(Response response, Throwable failure) {
		this.listeners.notifyFailure(response, failure);
	}

	@Override
	public void onComplete(Result result) {
		this.exchange.onComplete(result);
		this.listeners.notifyComplete(result);
	}

}
