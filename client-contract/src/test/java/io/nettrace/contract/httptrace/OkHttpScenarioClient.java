package io.nettrace.contract.httptrace;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.nettrace.client.okhttp.NetTraceOkHttp;
import io.nettrace.dns.IpLiteral;
import okhttp3.Callback;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.Credentials;
import okhttp3.Dispatcher;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/**
 * OkHttp.
 */
final class OkHttpScenarioClient implements TestClient {

	private static final int MANY = 100;

	private static final String PROXY_AUTHORIZATION = "Proxy-Authorization";

	private final Setup setup;

	private final OkHttpClient client;

	OkHttpScenarioClient(Setup setup) {
		this.setup = setup;
		Scenario.Client settings = setup.settings();
		setup.unsupportedIf(settings.hasProxy("https"), "a proxy over TLS: the library has none");
		setup.unsupportedIf(setup.limitsIdleConnections(),
				"a limit of idle connections: the library closes the one that has been idle for longest");
		setup.unsupportedIf(setup.answersBeforeBody(),
				"an answer before the request's body has been sent: the library reads once it has written");
		setup.unsupportedIf(
				setup.scenario().requests().stream().anyMatch(Scenario.Request::expectsContinue)
						&& setup.readsBodyUnasked(),
				"Expect: 100-continue and no answer: the library waits for as long as for a response");
		OkHttpClient.Builder builder = new OkHttpClient.Builder().dns((host) -> setup.names().resolve(host))
			.sslSocketFactory(setup.tls().getSocketFactory(), setup.certificates().trusting())
			.connectionSpecs(List.of(
					new ConnectionSpec.Builder(ConnectionSpec.COMPATIBLE_TLS).tlsVersions(setup.tlsProtocols()).build(),
					ConnectionSpec.CLEARTEXT))
			.protocols(settings.http2() ? List.of(Protocol.HTTP_2, Protocol.HTTP_1_1) : List.of(Protocol.HTTP_1_1))
			.connectionPool(pool(settings))
			.dispatcher(dispatcher(settings));
		if (settings.dialTimeoutMs() != null) {
			builder.connectTimeout(Duration.ofMillis(settings.dialTimeoutMs()));
		}
		setReadTimeout(builder, settings);
		if (settings.proxy() != null) {
			setProxy(builder, settings.proxy());
		}
		this.client = new NetTraceOkHttp(setup.tracing()).instrument(builder.build());
	}

	/**
	 * The same time-out is that of the handshake, of a response's head, and of what comes
	 * of its body.
	 */
	private void setReadTimeout(OkHttpClient.Builder builder, Scenario.Client settings) {
		Integer handshake = settings.tlsHandshakeTimeoutMs();
		Integer head = settings.responseHeaderTimeoutMs();
		this.setup.unsupportedIf(handshake != null && head != null && !handshake.equals(head),
				"a time-out of the handshake: that of reading is its time-out, too");
		if (handshake != null || head != null) {
			builder.readTimeout(Duration.ofMillis((handshake != null) ? handshake : Objects.requireNonNull(head)));
		}
	}

	private static ConnectionPool pool(Scenario.Client settings) {
		int idle = Objects.requireNonNullElse(settings.idleConnTimeoutMs(), (int) TimeUnit.MINUTES.toMillis(1));
		return new ConnectionPool(settings.keepsNoConnection() ? 0 : MANY, idle, TimeUnit.MILLISECONDS);
	}

	private static Dispatcher dispatcher(Scenario.Client settings) {
		Dispatcher dispatcher = new Dispatcher();
		dispatcher.setMaxRequests(MANY);
		dispatcher.setMaxRequestsPerHost(Objects.requireNonNullElse(settings.maxConnsPerHost(), MANY));
		return dispatcher;
	}

	/**
	 * With the proxy's credentials at once, as Go sends them.
	 */
	private void setProxy(OkHttpClient.Builder builder, URI proxy) {
		boolean socks = proxy.getScheme().equals("socks5");
		this.setup.unsupportedIf(socks && !IpLiteral.matches(proxy.getHost()),
				"a name for a SOCKS proxy: the JVM looks it up");
		int port = this.setup.addresses().real(proxy.getPort());
		builder.proxy(socks
				? new Proxy(Proxy.Type.SOCKS, new InetSocketAddress(this.setup.addresses().real(proxy.getHost()), port))
				: new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(host(proxy.getHost()), port)));
		String credentials = credentials();
		if (credentials != null) {
			builder.proxyAuthenticator((route, response) -> (response.request().header(PROXY_AUTHORIZATION) != null)
					? null : response.request().newBuilder().header(PROXY_AUTHORIZATION, credentials).build());
		}
	}

	private String host(String host) {
		return IpLiteral.matches(host) ? Objects.requireNonNull(this.setup.addresses().real(host).getHostAddress())
				: host;
	}

	private @Nullable String credentials() {
		URI proxy = this.setup.settings().proxy();
		if (proxy == null || proxy.getUserInfo() == null) {
			return null;
		}
		String[] user = proxy.getUserInfo().split(":", 2);
		return Credentials.basic(user[0], user[1]);
	}

	/**
	 * Where connections are limited, it is the dispatcher that does, of calls that are
	 * enqueued.
	 */
	@Override
	public void send(Call call) throws InterruptedException {
		Request request;
		try {
			request = request(call);
		}
		catch (IllegalArgumentException ex) {
			call.failed(new IllegalArgumentException("a header that is not allowed", ex));
			return;
		}
		okhttp3.Call sent = this.client.newBuilder()
			.followRedirects(call.request().followRedirects())
			.build()
			.newCall(request);
		call.onCancel(sent::cancel);
		if (this.setup.settings().maxConnsPerHost() != null) {
			enqueue(call, sent);
			return;
		}
		Response response;
		try {
			response = sent.execute();
		}
		catch (IOException | RuntimeException ex) {
			call.failed(ex);
			return;
		}
		read(call, sent, response);
	}

	private static void enqueue(Call call, okhttp3.Call sent) throws InterruptedException {
		CountDownLatch done = new CountDownLatch(1);
		sent.enqueue(new Callback() {

			@Override
			public void onFailure(okhttp3.Call sent, IOException failure) {
				call.failed(failure);
				done.countDown();
			}

			@Override
			public void onResponse(okhttp3.Call sent, Response response) {
				read(call, sent, response);
				done.countDown();
			}

		});
		done.await();
	}

	private static void read(Call call, okhttp3.Call sent, Response response) {
		call.returned(response.code(), protocol(response.protocol()));
		call.read(response.body().byteStream(), () -> {
			if (call.request().read().isUnread()) {
				sent.cancel(); // closing alone would read the rest
			}
			response.close();
		});
	}

	private static String protocol(Protocol protocol) {
		return switch (protocol) {
			case HTTP_2 -> "HTTP/2.0";
			case HTTP_1_0 -> "HTTP/1.0";
			default -> "HTTP/1.1";
		};
	}

	private Request request(Call call) {
		Scenario.Request script = call.request();
		Request.Builder request = new Request.Builder().url(this.setup.addresses().real(script.url()).toString());
		script.header().forEach(request::header);
		if (script.close() || this.setup.settings().disableKeepAlives()) {
			request.header("Connection", "close");
		}
		String credentials = credentials();
		if (credentials != null && !script.isSecure()) {
			request.header(PROXY_AUTHORIZATION, credentials);
		}
		return request.method(script.method(), body(call)).build();
	}

	private static @Nullable RequestBody body(Call call) {
		Scenario.Request script = call.request();
		Scenario.Body body = script.body();
		if (body == null) {
			return List.of("POST", "PUT", "PATCH").contains(script.method()) ? RequestBody.EMPTY : null;
		}
		return new Body(call, body);
	}

	@Override
	public void closeIdleConnections() {
		this.client.connectionPool().evictAll();
	}

	@Override
	public void close() {
		this.client.dispatcher().executorService().shutdown();
		this.client.connectionPool().evictAll();
	}

	/**
	 * Sent again with a redirect, or if Go sends it again (S9).
	 */
	private static final class Body extends RequestBody {

		private final Call call;

		private final Scenario.Body script;

		Body(Call call, Scenario.Body script) {
			this.call = call;
			this.script = script;
		}

		@Override
		public @Nullable MediaType contentType() {
			return null;
		}

		@Override
		public long contentLength() {
			return this.script.chunked() ? -1 : this.script.bytes();
		}

		@Override
		public boolean isOneShot() {
			Scenario.Request request = this.call.request();
			return !request.followRedirects() && !request.header().containsKey("Idempotency-Key");
		}

		@Override
		public void writeTo(BufferedSink sink) throws IOException {
			byte[] buffer = new byte[8192];
			try (ScriptedBody body = this.call.body()) {
				for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
					sink.write(buffer, 0, count);
					sink.flush();
				}
			}
		}

	}

}
