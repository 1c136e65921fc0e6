package io.nettrace.client.okhttp;

import io.nettrace.instrument.NetTracing;
import okhttp3.Call;
import okhttp3.EventListener;

/**
 * Makes a listener of each call, around that of the application.
 */
final class TracedListenerFactory implements EventListener.Factory {

	private final EventListener.Factory delegate;

	private final NetTracing tracing;

	private final OkHttpConnections connections;

	TracedListenerFactory(EventListener.Factory delegate, NetTracing tracing, OkHttpConnections connections) {
		this.delegate = delegate;
		this.tracing = tracing;
		this.connections = connections;
	}

	boolean isOf(NetTracing other) {
		return this.tracing == other;
	}

	@Override
	public EventListener create(Call call) {
		EventListener listener = this.delegate.create(call);
		return (listener != null) ? new TracedListener(listener, new CallTrace(call, this.tracing, this.connections))
				: listener; // which OkHttp finds out
	}

}
