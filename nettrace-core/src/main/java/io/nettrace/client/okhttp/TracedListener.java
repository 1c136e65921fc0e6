package io.nettrace.client.okhttp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.List;

import io.nettrace.instrument.ClientLookup;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.Handshake;
import okhttp3.HttpUrl;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Calls the application's listener with every event, and traces the call. The listener
 * may throw what it likes: nothing has begun then that would have to end.
 */
final class TracedListener extends EventListener {

	private final EventListener delegate;

	private final CallTrace trace;

	TracedListener(EventListener delegate, CallTrace trace) {
		this.delegate = delegate;
		this.trace = trace;
	}

	@Override
	public void callStart(Call call) {
		this.delegate.callStart(call);
		this.trace.starts();
	}

	@Override
	public void dispatcherQueueStart(Call call, Dispatcher dispatcher) {
		this.delegate.dispatcherQueueStart(call, dispatcher);
		this.trace.waits(dispatcher);
	}

	@Override
	public void dispatcherQueueEnd(Call call, Dispatcher dispatcher) {
		this.trace.leavesQueue();
		this.delegate.dispatcherQueueEnd(call, dispatcher);
	}

	@Override
	public void proxySelectStart(Call call, HttpUrl url) {
		this.delegate.proxySelectStart(call, url);
		this.trace.selectsProxy(url);
	}

	@Override
	public void proxySelectEnd(Call call, HttpUrl url, List<Proxy> proxies) {
		this.trace.selected(proxies);
		this.delegate.proxySelectEnd(call, url, proxies);
	}

	@Override
	public void dnsStart(Call call, String domainName) {
		this.delegate.dnsStart(call, domainName);
		this.trace.lookupStarts(domainName);
		ClientLookup.begin();
	}

	@Override
	public void dnsEnd(Call call, String domainName, List<InetAddress> inetAddressList) {
		ClientLookup.end();
		this.trace.lookupEnds(inetAddressList);
		this.delegate.dnsEnd(call, domainName, inetAddressList);
	}

	@Override
	public void connectStart(Call call, InetSocketAddress inetSocketAddress, Proxy proxy) {
		this.delegate.connectStart(call, inetSocketAddress, proxy);
		this.trace.connectStarts(inetSocketAddress, proxy);
	}

	@Override
	public void secureConnectStart(Call call) {
		this.delegate.secureConnectStart(call);
		this.trace.handshakeStarts();
	}

	@Override
	public void secureConnectEnd(Call call, @Nullable Handshake handshake) {
		this.trace.handshakeEnds(handshake);
		this.delegate.secureConnectEnd(call, handshake);
	}

	@Override
	public void connectEnd(Call call, InetSocketAddress inetSocketAddress, Proxy proxy, @Nullable Protocol protocol) {
		this.trace.connects(inetSocketAddress, protocol);
		this.delegate.connectEnd(call, inetSocketAddress, proxy, protocol);
	}

	@Override
	public void connectFailed(Call call, InetSocketAddress inetSocketAddress, Proxy proxy, @Nullable Protocol protocol,
			IOException ioe) {
		this.trace.connectFails(inetSocketAddress, ioe);
		this.delegate.connectFailed(call, inetSocketAddress, proxy, protocol, ioe);
	}

	@Override
	public void connectionAcquired(Call call, Connection connection) {
		this.trace.acquires(connection);
		this.delegate.connectionAcquired(call, connection);
	}

	@Override
	public void connectionReleased(Call call, Connection connection) {
		this.trace.releases(connection);
		this.delegate.connectionReleased(call, connection);
	}

	@Override
	public void requestHeadersStart(Call call) {
		this.trace.sends();
		this.delegate.requestHeadersStart(call);
	}

	@Override
	public void requestHeadersEnd(Call call, Request request) {
		this.trace.wroteHeaders(request);
		this.delegate.requestHeadersEnd(call, request);
	}

	@Override
	public void requestBodyStart(Call call) {
		this.trace.writesBody();
		this.delegate.requestBodyStart(call);
	}

	@Override
	public void requestBodyEnd(Call call, long byteCount) {
		this.trace.wroteBody();
		this.delegate.requestBodyEnd(call, byteCount);
	}

	@Override
	public void requestFailed(Call call, IOException ioe) {
		this.trace.failsToWrite(ioe);
		this.delegate.requestFailed(call, ioe);
	}

	@Override
	public void responseHeadersStart(Call call) {
		this.trace.responds();
		this.delegate.responseHeadersStart(call);
	}

	@Override
	public void responseHeadersEnd(Call call, Response response) {
		this.trace.responds(response);
		this.delegate.responseHeadersEnd(call, response);
	}

	@Override
	public void responseBodyStart(Call call) {
		this.delegate.responseBodyStart(call);
	}

	@Override
	public void responseBodyEnd(Call call, long byteCount) {
		this.trace.responded(byteCount);
		this.delegate.responseBodyEnd(call, byteCount);
	}

	@Override
	public void responseFailed(Call call, IOException ioe) {
		this.trace.failsToRead(ioe);
		this.delegate.responseFailed(call, ioe);
	}

	@Override
	public void callEnd(Call call) {
		ClientLookup.end(); // OkHttp tells no end of a lookup that has failed
		this.trace.ends(null);
		this.delegate.callEnd(call);
	}

	@Override
	public void callFailed(Call call, IOException ioe) {
		ClientLookup.end();
		this.trace.ends(ioe);
		this.delegate.callFailed(call, ioe);
	}

	@Override
	public void canceled(Call call) {
		this.trace.cancels();
		this.delegate.canceled(call);
	}

	@Override
	public void satisfactionFailure(Call call, Response response) {
		this.delegate.satisfactionFailure(call, response);
	}

	@Override
	public void cacheHit(Call call, Response response) {
		this.delegate.cacheHit(call, response);
	}

	@Override
	public void cacheMiss(Call call) {
		this.delegate.cacheMiss(call);
	}

	@Override
	public void cacheConditionalHit(Call call, Response cachedResponse) {
		this.delegate.cacheConditionalHit(call, cachedResponse);
	}

	@Override
	public void retryDecision(Call call, IOException exception, boolean retry) {
		ClientLookup.end();
		this.trace.fails(exception, retry);
		this.delegate.retryDecision(call, exception, retry);
	}

	@Override
	public void followUpDecision(Call call, Response networkResponse, @Nullable Request nextRequest) {
		this.delegate.followUpDecision(call, networkResponse, nextRequest);
	}

}
