package io.nettrace.client.reactor;

import javax.net.ssl.SSLException;

import io.nettrace.client.AbstractEndedPhaseTests;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.transport.ProxyProvider;

class ReactorEndedPhaseTests extends AbstractEndedPhaseTests {

	private final ConnectionProvider pool = ConnectionProvider.create("ended", 1);

	@AfterEach
	void close() {
		this.pool.dispose();
	}

	@Override
	protected Runnable send(Sent sent) throws SSLException {
		SslContext trusting = SslContextBuilder.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE).build();
		HttpClient client = HttpClient.create(this.pool).disableRetry(true);
		client = sent.timesOut()
				? client.responseTimeout(SHORT).secure((spec) -> spec.sslContext(trusting).handshakeTimeout(SHORT))
				: client.secure((spec) -> spec.sslContext(trusting));
		if (sent.proxied()) {
			client = client.proxy((spec) -> spec.type(ProxyProvider.Proxy.HTTP)
				.host("127.0.0.1")
				.port(sent.port())
				.connectTimeoutMillis(sent.timesOut() ? SHORT.toMillis() : 10_000));
		}
		Disposable request = new NetTraceReactorNetty(this.tracing, LookupSettings.defaults(), LookupThreads.create())
			.instrument(client)
			.request((sent.body() > 0) ? HttpMethod.POST : HttpMethod.GET)
			.uri(sent.url())
			.send((sent.body() > 0) ? Mono.fromSupplier(() -> Unpooled.wrappedBuffer(new byte[sent.body()]))
					: Mono.empty())
			.responseContent()
			.subscribe((bytes) -> {
			}, (failure) -> {
			});
		return request::dispose;
	}

	/**
	 * It does not wait for {@code 100 Continue}, and its response timeout begins when the
	 * request has been written.
	 */
	@Override
	protected boolean ends(Phase phase, End end) {
		return phase != Phase.CONTINUE && (phase != Phase.SENDING || end != End.TIMED_OUT);
	}

	@Override
	protected boolean tellsResets() {
		return true;
	}

}
