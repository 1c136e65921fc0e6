package io.nettrace.client.jetty;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

import static org.assertj.core.api.Assertions.assertThat;

class JettyRequestTests {

	private final List<RequestInfo> requests = Collections.synchronizedList(new ArrayList<>());

	private final HttpClient client = new HttpClient();

	private final DisposableServer server = HttpServer.create()
		.host("127.0.0.1")
		.port(0)
		.route((routes) -> routes.get("/moved", (request, response) -> response.sendRedirect("/here"))
			.get("/here", (request, response) -> response.status(204).send()))
		.bindNow();

	@BeforeEach
	void startClient() throws Exception {
		new NetTraceJetty(new NetTracing((request) -> {
			this.requests.add(request);
			return new NetTrace() {
			};
		}), LookupSettings.defaults(), LookupThreads.create()).instrument(this.client).start();
	}

	@AfterEach
	void stop() throws Exception {
		this.client.stop();
		this.server.disposeNow();
	}

	@Test
	void redirectsHaveTheTraceOfTheirRequest() throws Exception {
		assertThat(request("/moved").send().getStatus()).isEqualTo(204);
		assertThat(this.requests).singleElement().satisfies((request) -> {
			assertThat(request.client()).isEqualTo("jetty");
			assertThat(request.host()).isEqualTo("127.0.0.1");
			assertThat(request.port()).isEqualTo(this.server.port());
		});
	}

	@Test
	void leavesNothingInTheConversationIfNothingListens() throws Exception {
		HttpClient unwatched = new HttpClient();
		new NetTraceJetty(new NetTracing(), LookupSettings.defaults(), LookupThreads.create()).instrument(unwatched)
			.start();
		Request request = unwatched.newRequest("http://127.0.0.1:" + this.server.port() + "/moved");
		assertThat(request.send().getStatus()).isEqualTo(204);
		assertThat(JettyRequest.of((HttpRequest) request)).isNull();
		unwatched.stop();
	}

	private Request request(String path) {
		return this.client.newRequest("http://127.0.0.1:" + this.server.port() + path);
	}

}
