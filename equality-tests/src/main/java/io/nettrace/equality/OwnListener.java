package io.nettrace.equality;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.util.List;

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
 * A listener of the application, to which OkHttp tells every event. It may throw at one.
 */
final class OwnListener extends EventListener {

	/**
	 * The events that a call may have.
	 */
	static final List<String> EVENTS = List.of("callStart", "dispatcherQueueStart", "dispatcherQueueEnd",
			"proxySelectStart", "proxySelectEnd", "dnsStart", "dnsEnd", "connectStart", "secureConnectStart",
			"secureConnectEnd", "connectEnd", "connectFailed", "connectionAcquired", "connectionReleased",
			"requestHeadersStart", "requestHeadersEnd", "requestBodyStart", "requestBodyEnd", "requestFailed",
			"responseHeadersStart", "responseHeadersEnd", "responseBodyStart", "responseBodyEnd", "responseFailed",
			"callEnd", "callFailed", "canceled", "satisfactionFailure", "cacheHit", "cacheMiss", "cacheConditionalHit",
			"retryDecision", "followUpDecision");

	private final Stage stage;

	private final @Nullable String throwsAt;

	OwnListener(Stage stage, @Nullable String throwsAt) {
		this.stage = stage;
		this.throwsAt = throwsAt;
	}

	private void event(String name, Object detail) {
		if (this.throwsAt == null) {
			this.stage.noteThread("event " + name + " " + detail);
		}
		if (name.equals(this.throwsAt)) {
			throw new IllegalStateException("thrown at " + name);
		}
	}

	@Override
	public void callStart(Call call) {
		event("callStart", "");
	}

	@Override
	public void dispatcherQueueStart(Call call, Dispatcher dispatcher) {
		event("dispatcherQueueStart", "queued " + dispatcher.queuedCallsCount());
	}

	@Override
	public void dispatcherQueueEnd(Call call, Dispatcher dispatcher) {
		event("dispatcherQueueEnd", "");
	}

	@Override
	public void proxySelectStart(Call call, HttpUrl url) {
		event("proxySelectStart", url);
	}

	@Override
	public void proxySelectEnd(Call call, HttpUrl url, List<Proxy> proxies) {
		event("proxySelectEnd", url + " " + proxies);
	}

	@Override
	public void dnsStart(Call call, String domainName) {
		event("dnsStart", domainName);
	}

	@Override
	public void dnsEnd(Call call, String domainName, List<InetAddress> inetAddressList) {
		event("dnsEnd", domainName + " " + inetAddressList);
	}

	@Override
	public void connectStart(Call call, InetSocketAddress inetSocketAddress, Proxy proxy) {
		event("connectStart", inetSocketAddress + " " + proxy);
	}

	@Override
	public void secureConnectStart(Call call) {
		event("secureConnectStart", "");
	}

	@Override
	public void secureConnectEnd(Call call, @Nullable Handshake handshake) {
		event("secureConnectEnd",
				(handshake != null) ? handshake.tlsVersion() + " " + handshake.cipherSuite() : "none");
	}

	@Override
	public void connectEnd(Call call, InetSocketAddress inetSocketAddress, Proxy proxy, @Nullable Protocol protocol) {
		event("connectEnd", inetSocketAddress + " " + proxy + " " + protocol);
	}

	@Override
	public void connectFailed(Call call, InetSocketAddress inetSocketAddress, Proxy proxy, @Nullable Protocol protocol,
			IOException ioe) {
		event("connectFailed", inetSocketAddress + " " + proxy + " " + Outcomes.of(ioe));
	}

	@Override
	public void connectionAcquired(Call call, Connection connection) {
		event("connectionAcquired", connection.protocol() + " " + connection.route());
	}

	@Override
	public void connectionReleased(Call call, Connection connection) {
		event("connectionReleased", connection.protocol() + " " + connection.route());
	}

	@Override
	public void requestHeadersStart(Call call) {
		event("requestHeadersStart", "");
	}

	@Override
	public void requestHeadersEnd(Call call, Request request) {
		event("requestHeadersEnd", request.method() + " " + request.headers().names());
	}

	@Override
	public void requestBodyStart(Call call) {
		event("requestBodyStart", "");
	}

	@Override
	public void requestBodyEnd(Call call, long byteCount) {
		event("requestBodyEnd", byteCount);
	}

	@Override
	public void requestFailed(Call call, IOException ioe) {
		event("requestFailed", Outcomes.of(ioe));
	}

	@Override
	public void responseHeadersStart(Call call) {
		event("responseHeadersStart", "");
	}

	@Override
	public void responseHeadersEnd(Call call, Response response) {
		event("responseHeadersEnd", response.code());
	}

	@Override
	public void responseBodyStart(Call call) {
		event("responseBodyStart", "");
	}

	@Override
	public void responseBodyEnd(Call call, long byteCount) {
		event("responseBodyEnd", byteCount);
	}

	@Override
	public void responseFailed(Call call, IOException ioe) {
		event("responseFailed", Outcomes.of(ioe));
	}

	@Override
	public void callEnd(Call call) {
		event("callEnd", "");
	}

	@Override
	public void callFailed(Call call, IOException ioe) {
		event("callFailed", Outcomes.of(ioe));
	}

	@Override
	public void canceled(Call call) {
		event("canceled", "");
	}

	@Override
	public void satisfactionFailure(Call call, Response response) {
		event("satisfactionFailure", response.code());
	}

	@Override
	public void cacheHit(Call call, Response response) {
		event("cacheHit", response.code());
	}

	@Override
	public void cacheMiss(Call call) {
		event("cacheMiss", "");
	}

	@Override
	public void cacheConditionalHit(Call call, Response cachedResponse) {
		event("cacheConditionalHit", cachedResponse.code());
	}

	@Override
	public void retryDecision(Call call, IOException exception, boolean retry) {
		event("retryDecision", retry + " " + Outcomes.of(exception));
	}

	@Override
	public void followUpDecision(Call call, Response networkResponse, @Nullable Request nextRequest) {
		event("followUpDecision", networkResponse.code() + " " + ((nextRequest != null) ? nextRequest.url() : "none"));
	}

}
