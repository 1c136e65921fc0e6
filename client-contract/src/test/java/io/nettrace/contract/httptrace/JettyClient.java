package io.nettrace.contract.httptrace;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;

import io.nettrace.client.jetty.NetTraceJetty;
import io.nettrace.concurrent.LookupThreads;
import org.eclipse.jetty.client.BasicAuthentication;
import org.eclipse.jetty.client.DuplexConnectionPool;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpClientTransport;
import org.eclipse.jetty.client.HttpProxy;
import org.eclipse.jetty.client.InputStreamRequestContent;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.client.ProxyAuthenticationProtocolHandler;
import org.eclipse.jetty.client.ProxyConfiguration;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.client.Socks5Proxy;
import org.eclipse.jetty.client.WWWAuthenticationProtocolHandler;
import org.eclipse.jetty.client.transport.HttpClientConnectionFactory;
import org.eclipse.jetty.client.transport.HttpClientTransportDynamic;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.ClientConnectionFactoryOverHTTP2;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * Jetty's client.
 */
@SuppressWarnings("FutureReturnValueIgnored") // of abort: the failure is told to the
												// listener
final class JettyClient implements TestClient {

	private static final int MANY = 100;

	private final Setup setup;

	private final HttpClient client;

	JettyClient(Setup setup) throws Exception {
		this.setup = setup;
		Scenario.Client settings = setup.settings();
		setup.unsupportedIf(setup.limitsIdleConnections(),
				"a limit of idle connections: the library limits all connections");
		setup.unsupportedIf(!setup.scenario().actions().isEmpty(),
				"closing idle connections: the library has no such call");
		setup.unsupportedIf(setup.scenario().requests().stream().anyMatch(Scenario.Request::isCancelledBefore),
				"a request that is cancelled before it is sent: the library connects all the same");
		setup.unsupportedIf(settings.tlsHandshakeTimeoutMs() != null,
				"a time-out of the handshake: the library has none");
		setup.unsupportedIf(
				setup.scenario().requests().stream().anyMatch(Scenario.Request::expectsContinue)
						&& setup.readsBodyUnasked(),
				"Expect: 100-continue and no answer: the library waits for as long as it takes");
		ClientConnector connector = new ClientConnector();
		SslContextFactory.Client tls = new SslContextFactory.Client();
		tls.setSslContext(setup.tls());
		tls.setIncludeProtocols(setup.tlsProtocols());
		connector.setSslContextFactory(tls);
		this.client = new HttpClient(transport(connector));
		this.client.setSocketAddressResolver(new Names(setup.names()));
		this.client.setMaxConnectionsPerDestination(Objects.requireNonNullElse(settings.maxConnsPerHost(), MANY));
		this.client.setConnectBlocking(false);
		if (settings.dialTimeoutMs() != null) {
			this.client.setConnectTimeout(settings.dialTimeoutMs());
		}
		if (settings.idleConnTimeoutMs() != null) {
			this.client.setIdleTimeout(settings.idleConnTimeoutMs());
		}
		if (settings.proxy() != null) {
			setProxy(settings.proxy());
		}
		new NetTraceJetty(setup.tracing(), setup.lookupSettings(), LookupThreads.create()).instrument(this.client);
		this.client.start();
		// Go's client leaves challenges to its caller
		this.client.getProtocolHandlers().remove(ProxyAuthenticationProtocolHandler.NAME);
		this.client.getProtocolHandlers().remove(WWWAuthenticationProtocolHandler.NAME);
	}

	private HttpClientTransport transport(ClientConnector connector) {
		if (this.setup.settings().http2()) {
			return new HttpClientTransportDynamic(connector,
					new ClientConnectionFactoryOverHTTP2.HTTP2(new HTTP2Client(connector)),
					HttpClientConnectionFactory.HTTP11);
		}
		HttpClientTransportOverHTTP transport = new HttpClientTransportOverHTTP(connector);
		if (this.setup.settings().keepsNoConnection()) {
			transport.setConnectionPoolFactory((destination) -> {
				DuplexConnectionPool pool = new DuplexConnectionPool(destination, MANY);
				pool.setMaxUsage(1);
				return pool;
			});
		}
		return transport;
	}

	private void setProxy(URI proxy) {
		Origin.Address address = new Origin.Address(proxy.getHost(), this.setup.addresses().real(proxy.getPort()));
		ProxyConfiguration.Proxy configured = switch (proxy.getScheme()) {
			case "http" -> new HttpProxy(address, false);
			case "https" -> new HttpProxy(address, true);
			case "socks5" -> new Socks5Proxy(address, false);
			default -> throw new UnsupportedException("a proxy that speaks " + proxy.getScheme());
		};
		this.client.getProxyConfiguration().addProxy(configured);
		if (proxy.getUserInfo() != null) {
			String[] user = proxy.getUserInfo().split(":", 2);
			this.client.getAuthenticationStore()
				.addAuthenticationResult(new BasicAuthentication.BasicResult(
						Objects.requireNonNull(configured.getURI()), HttpHeader.PROXY_AUTHORIZATION, user[0], user[1]));
		}
	}

	@Override
	public void send(Call call) throws InterruptedException {
		Scenario.Request script = call.request();
		Request request = this.client.newRequest(this.setup.addresses().real(script.url()))
			.method(script.method())
			.followRedirects(script.followRedirects());
		request.headers((headers) -> {
			script.header().forEach(headers::put);
			if (script.close() || this.setup.settings().disableKeepAlives()) {
				headers.put(HttpHeader.CONNECTION, "close");
			}
		});
		if (script.body() != null) {
			request.body(new Body(call.body(), script.body()));
		}
		Listener listener = new Listener(call);
		call.onCancel(() -> {
			CancellationException cancelled = new CancellationException("given up");
			request.abort(cancelled);
			listener.failed(cancelled);
		});
		try {
			request.send(listener);
		}
		catch (RuntimeException ex) {
			call.failed(ex);
			return;
		}
		listener.done.await();
	}

	@Override
	public void closeIdleConnections() {
		throw new IllegalStateException("not supported");
	}

	@Override
	public void close() throws Exception {
		this.client.stop();
	}

	private static final class Body extends InputStreamRequestContent {

		private final Scenario.Body script;

		Body(ScriptedBody body, Scenario.Body script) {
			super("application/octet-stream", body, ByteBufferPool.SIZED_NON_POOLING);
			this.script = script;
		}

		@Override
		public long getLength() {
			return this.script.chunked() ? -1 : this.script.bytes();
		}

	}

	private static final class Listener implements Response.Listener {

		private final Call call;

		private final CountDownLatch done = new CountDownLatch(1);

		private boolean returned;

		private int read;

		Listener(Call call) {
			this.call = call;
		}

		@Override
		public void onHeaders(Response response) {
			synchronized (this) {
				if (this.done.getCount() == 0) {
					return;
				}
				this.returned = true;
				this.call.returned(response.getStatus(), response.getVersion().asString());
			}
			if (this.call.request().read() == Scenario.ReadMode.CLOSE) {
				close(response);
			}
		}

		@Override
		public void onContentSource(Response response, Content.Source source) {
			if (this.call.request().read() == Scenario.ReadMode.LEAVE) {
				this.done.countDown();
			}
			else {
				Response.Listener.super.onContentSource(response, source);
			}
		}

		@Override
		public void onContent(Response response, ByteBuffer content) {
			this.read += content.remaining();
			content.position(content.limit());
			if (this.call.request().read() == Scenario.ReadMode.PART && this.read >= 3) {
				close(response);
			}
		}

		private void close(Response response) {
			synchronized (this) {
				if (this.done.getCount() == 0) {
					return;
				}
				this.call.bodyClosed();
				this.done.countDown();
			}
			response.abort(new CancellationException("not wanted"));
		}

		@Override
		public void onSuccess(Response response) {
			ended();
		}

		private synchronized void ended() {
			if (this.done.getCount() == 0) {
				return;
			}
			this.call.bodyEof();
			if (!this.call.isLeft()) {
				this.call.bodyClosed();
			}
			this.done.countDown();
		}

		@Override
		public void onComplete(Result result) {
			Throwable failure = result.getFailure();
			if (failure != null) {
				failed(failure);
			}
			else {
				ended();
			}
		}

		synchronized void failed(Throwable error) {
			if (this.done.getCount() == 0) {
				return;
			}
			if (this.returned) {
				this.call.bodyFailed(error);
				this.call.bodyClosed();
			}
			else {
				this.call.failed(error);
			}
			this.done.countDown();
		}

	}

	private record Names(ScriptedNames names) implements SocketAddressResolver {

		@Override
		public void resolve(String host, int port, Map<String, Object> context,
				Promise<List<InetSocketAddress>> promise) {
			Thread thread = new Thread(() -> resolve(host, port, promise), "scripted-resolver");
			thread.setDaemon(true);
			thread.start();
		}

		private void resolve(String host, int port, Promise<List<InetSocketAddress>> promise) {
			try {
				List<InetSocketAddress> addresses = new ArrayList<>();
				for (InetAddress address : this.names.resolve(host.replaceAll("[\\[\\]]", ""))) {
					addresses.add(new InetSocketAddress(address, port));
				}
				promise.succeeded(addresses);
			}
			catch (Throwable ex) {
				promise.failed(ex);
			}
		}

	}

}
