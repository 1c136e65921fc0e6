package io.nettrace.client.jetty;

import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

import io.nettrace.client.AbstractEndedPhaseTests;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpProxy;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.AfterEach;

import static io.nettrace.client.jetty.AbstractJettyTests.abort;

class JettyEndedPhaseTests extends AbstractEndedPhaseTests {

	private final HttpClient client = new HttpClient();

	@AfterEach
	void stop() throws Exception {
		this.client.stop();
	}

	@Override
	protected Runnable send(Sent sent) throws Exception {
		this.client.setSslContextFactory(new SslContextFactory.Client(true));
		if (sent.proxied()) {
			this.client.getProxyConfiguration().addProxy(new HttpProxy("127.0.0.1", sent.port()));
		}
		if (sent.timesOut()) {
			this.client.setConnectTimeout(SHORT.toMillis());
		}
		new NetTraceJetty(this.tracing, LookupSettings.defaults(), LookupThreads.create()).instrument(this.client)
			.start();
		Request request = this.client.newRequest(sent.url());
		if (sent.timesOut()) {
			request.timeout(SHORT.toMillis(), TimeUnit.MILLISECONDS);
		}
		if (sent.expectsContinue()) {
			request.headers((fields) -> fields.put(HttpHeader.EXPECT, HttpHeaderValue.CONTINUE));
		}
		if (sent.body() > 0) {
			request.method("POST").body(new BytesRequestContent(new byte[1], new byte[sent.body() - 1]));
		}
		request.send((result) -> {
		});
		return () -> abort(request, new CancellationException());
	}

	/**
	 * A request is not on its connection before there is a tunnel.
	 */
	@Override
	protected boolean ends(Phase phase, End end) {
		return phase != Phase.PROXY || end != End.CANCELLED;
	}

	@Override
	protected boolean tellsResets() {
		return false;
	}

}
