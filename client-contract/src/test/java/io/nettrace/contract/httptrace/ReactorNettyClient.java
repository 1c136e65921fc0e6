package io.nettrace.contract.httptrace;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

import io.nettrace.client.reactor.NetTraceReactorNetty;
import io.nettrace.concurrent.LookupThreads;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.resolver.NoopAddressResolverGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.Connection;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClientResponse;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.SslProvider;
import reactor.netty.transport.ProxyProvider;

/**
 * Reactor Netty's client, below WebClient.
 */
final class ReactorNettyClient implements TestClient {

	private static final int MANY = 100;

	private final Setup setup;

	private final ConnectionProvider connections;

	private final LoopResources loops = LoopResources.create("scenario", 2, true);

	private final HttpClient client;

	ReactorNettyClient(Setup setup) {
		this.setup = setup;
		Scenario.Client settings = setup.settings();
		setup.unsupportedIf(settings.hasProxy("https"), "a proxy that speaks TLS");
		setup.unsupportedIf(
				settings.hasProxy("http")
						&& setup.scenario().requests().stream().anyMatch((request) -> !request.isSecure()),
				"plain HTTP through a proxy: the library asks it for a tunnel (CONNECT)");
		setup.unsupportedIf(setup.limitsIdleConnections(),
				"a limit of idle connections: the library limits all connections");
		setup.unsupportedIf(!setup.scenario().actions().isEmpty(),
				"closing idle connections: the library closes its pool, those in use too");
		setup.unsupportedIf(
				settings.expectContinueTimeoutMs() != null
						|| setup.scenario().requests().stream().anyMatch(Scenario.Request::expectsContinue),
				"Expect: 100-continue: the library does not hold the body back");
		setup.unsupportedIf(setup.leavesBody(), TestClient.TAKES_WHAT_IS_LEFT);
		setup.unsupportedIf(setup.sendsInterim(), "an interim response but 100: the library takes it for the response");
		ConnectionProvider.Builder pool = ConnectionProvider.builder("scenario")
			.maxConnections(Objects.requireNonNullElse(settings.maxConnsPerHost(), MANY))
			.lifo();
		if (settings.idleConnTimeoutMs() != null) {
			pool.maxIdleTime(Duration.ofMillis(settings.idleConnTimeoutMs()));
		}
		this.connections = pool.build();
		NetTraceReactorNetty netTrace = new NetTraceReactorNetty(setup.tracing(), setup.lookupSettings(),
				LookupThreads.create());
		this.client = netTrace.instrument(client());
	}

	private HttpClient client() {
		Scenario.Client settings = this.setup.settings();
		HttpClient client = (settings.keepsNoConnection() ? HttpClient.newConnection()
				: HttpClient.create(this.connections))
			.runOn(this.loops)
			.resolver((settings.proxy() != null) ? NoopAddressResolverGroup.INSTANCE : new Names(this.setup.names()))
			.keepAlive(!settings.disableKeepAlives())
			.disableRetry(true)
			.protocol(settings.http2() ? new HttpProtocol[] { HttpProtocol.H2, HttpProtocol.HTTP11 }
					: new HttpProtocol[] { HttpProtocol.HTTP11 })
			.secure((spec) -> {
				SslProvider.Builder tls = spec.sslContext(tls());
				if (settings.tlsHandshakeTimeoutMs() != null) {
					tls.handshakeTimeout(Duration.ofMillis(settings.tlsHandshakeTimeoutMs()));
				}
			});
		if (settings.dialTimeoutMs() != null) {
			client = client.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, settings.dialTimeoutMs());
		}
		if (settings.responseHeaderTimeoutMs() != null) {
			client = client.responseTimeout(Duration.ofMillis(settings.responseHeaderTimeoutMs()));
		}
		return (settings.proxy() != null) ? proxied(client, settings.proxy()) : client;
	}

	private SslContext tls() {
		ApplicationProtocolConfig protocols = this.setup.settings().http2()
				? new ApplicationProtocolConfig(ApplicationProtocolConfig.Protocol.ALPN,
						ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
						ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT, "h2", "http/1.1")
				: ApplicationProtocolConfig.DISABLED;
		return new JdkSslContext(this.setup.tls(), true, null, SupportedCipherSuiteFilter.INSTANCE, protocols,
				ClientAuth.NONE, this.setup.tlsProtocols(), false);
	}

	/**
	 * The library is given the proxy's address, so that the JVM does not look it up.
	 */
	private HttpClient proxied(HttpClient client, URI proxy) {
		InetSocketAddress socketAddress = new InetSocketAddress(proxyAddress(proxy.getHost()),
				this.setup.addresses().real(proxy.getPort()));
		return client.proxy((spec) -> {
			ProxyProvider.Builder builder = spec
				.type(proxy.getScheme().equals("http") ? ProxyProvider.Proxy.HTTP : ProxyProvider.Proxy.SOCKS5)
				.socketAddress(socketAddress);
			if (proxy.getUserInfo() != null) {
				String[] user = proxy.getUserInfo().split(":", 2);
				builder.username(user[0]).password((name) -> user[1]);
			}
		});
	}

	private InetAddress proxyAddress(String host) {
		try {
			return this.setup.names().resolve(host).get(0);
		}
		catch (UnknownHostException ex) {
			throw new UnsupportedException("a proxy whose name is not found: the library does not look it up");
		}
	}

	@Override
	public void send(Call call) throws InterruptedException {
		if (call.request().isCancelledBefore()) {
			call.failed(new CancellationException("never subscribed to"));
			return;
		}
		Scenario.Request script = call.request();
		HttpClient.RequestSender sender = this.client.followRedirect(script.followRedirects()).headers((headers) -> {
			script.header().forEach(headers::set);
			if (script.close()) {
				headers.set("Connection", "close");
			}
			if (script.body() != null && !script.body().chunked()) {
				headers.set("Content-Length", script.body().bytes());
			}
		}).request(HttpMethod.valueOf(script.method())).uri(this.setup.addresses().real(script.url()));
		HttpClient.ResponseReceiver<?> receiver = (script.body() != null)
				? sender.send((request, out) -> out.send(body(call))) : sender;
		Response response = new Response(call);
		Disposable subscription = receiver.responseConnection(response::received)
			.contextCapture()
			.subscribe((ignored) -> {
			}, response::failed, response::ended);
		call.onCancel(() -> {
			subscription.dispose();
			response.failed(new CancellationException());
		});
		response.done.await();
	}

	private static Flux<ByteBuf> body(Call call) {
		return Flux.<ByteBuf, ScriptedBody>generate(call::body, (body, sink) -> {
			byte[] buffer = new byte[16 * 1024];
			try {
				int count = body.read(buffer);
				if (count < 0) {
					sink.complete();
				}
				else {
					sink.next(Unpooled.wrappedBuffer(buffer, 0, count));
				}
			}
			catch (IOException ex) {
				sink.error(ex);
			}
			return body;
		}).subscribeOn(Schedulers.boundedElastic());
	}

	@Override
	public void closeIdleConnections() {
		throw new IllegalStateException("not supported");
	}

	@Override
	public void close() {
		this.connections.disposeLater().block(Duration.ofSeconds(5));
		this.loops.disposeLater(Duration.ZERO, Duration.ofSeconds(1)).block(Duration.ofSeconds(5));
	}

	/**
	 * Reads the response, on the event loop.
	 */
	private static final class Response {

		private final Call call;

		private final CountDownLatch done = new CountDownLatch(1);

		private boolean returned;

		private @Nullable Connection connection;

		private int read;

		Response(Call call) {
			this.call = call;
		}

		Publisher<Void> received(HttpClientResponse response, Connection connection) {
			this.returned = true;
			this.connection = connection;
			this.call.returned(response.status().code(), response.version().text());
			Flux<ByteBuf> body = connection.inbound().receive();
			return switch (this.call.request().read()) {
				case ALL, ALL_LEAVE -> body.then();
				case PART -> body.doOnNext(this::count)
					.takeUntil((bytes) -> this.read >= 3)
					.then(Mono.fromRunnable(connection::dispose));
				case CLOSE -> Mono.fromRunnable(connection::dispose);
				case LEAVE -> {
					this.done.countDown();
					yield Mono.never();
				}
			};
		}

		private void count(ByteBuf bytes) {
			this.read += bytes.readableBytes();
		}

		synchronized void ended() {
			if (this.done.getCount() == 0) {
				return;
			}
			if (!this.call.request().read().isUnread()) {
				this.call.bodyEof();
			}
			if (!this.call.isLeft()) {
				this.call.bodyClosed();
			}
			// The event loop gives the connection back next
			Objects.requireNonNull(this.connection).channel().eventLoop().execute(this.done::countDown);
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

	private static final class Names extends AddressResolverGroup<InetSocketAddress> {

		private final ScriptedNames names;

		Names(ScriptedNames names) {
			this.names = names;
		}

		@Override
		protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
			return new InetNameResolver(executor) {

				@Override
				protected void doResolve(String host, Promise<InetAddress> promise) {
					Names.this.resolve(host, (all) -> promise.setSuccess(all.get(0)), promise);
				}

				@Override
				protected void doResolveAll(String host, Promise<List<InetAddress>> promise) {
					Names.this.resolve(host, promise::setSuccess, promise);
				}

			}.asAddressResolver();
		}

		private void resolve(String host, Consumer<List<InetAddress>> found, Promise<?> promise) {
			Thread thread = new Thread(() -> {
				try {
					found.accept(this.names.resolve(host));
				}
				catch (Exception ex) {
					promise.tryFailure(ex);
				}
			}, "scripted-resolver");
			thread.setDaemon(true);
			thread.start();
		}

	}

}
