package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.InetAddress;
import java.util.EnumSet;
import java.util.List;

import io.nettrace.Hook;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dial.DialSettings;
import io.nettrace.dial.DialStrategy;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import io.nettrace.test.TestAuthority;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/**
 * A classic client and a server, and what the client's hooks are told.
 */
abstract class AbstractClassicTests {

	final HookRecorder recorder = new HookRecorder();

	final TestAuthority authority = TestAuthority.create("Authority");

	final ScriptedServer server;

	final HttpClientBuilder builder = HttpClients.custom();

	NetTraceHttpComponents netTrace;

	PoolingHttpClientConnectionManagerBuilder manager;

	CloseableHttpClient client = HttpClients.createMinimal();

	AbstractClassicTests() throws IOException {
		this.server = ScriptedServer.start();
		this.netTrace = netTrace(null);
		this.manager = this.netTrace.connectionManagerBuilder();
	}

	/**
	 * Let the addresses of a host race.
	 */
	final void race() {
		this.netTrace = netTrace(DialSettings.defaults().withStrategy(DialStrategy.RFC8305));
		this.manager = this.netTrace.connectionManagerBuilder();
	}

	private NetTraceHttpComponents netTrace(@Nullable DialSettings race) {
		return new NetTraceHttpComponents(new NetTracing(() -> List.of((request) -> this.recorder),
				() -> List.of(this.recorder), EnumSet.allOf(Hook.class)), LookupSettings.defaults(),
				LookupThreads.create(), race);
	}

	final void build() {
		this.client = this.netTrace.instrument(this.builder.setConnectionManager(this.manager.build())).build();
	}

	final void buildTrusting() {
		this.manager.setTlsSocketStrategy(new DefaultClientTlsStrategy(this.authority.client()));
		build();
	}

	/**
	 * Start a server with a certificate that the client trusts.
	 * @param host the name in the certificate
	 */
	final ScriptedServer startSecure(String host) throws IOException {
		return ScriptedServer.start(this.authority.server(host).context().getServerSocketFactory());
	}

	/**
	 * Start a server with a certificate that the client trusts.
	 * @param host the name in the certificate
	 * @param address where it listens
	 * @param port where it listens, 0 for any
	 */
	final ScriptedServer startSecure(String host, String address, int port) throws IOException {
		return ScriptedServer.start(this.authority.server(host).context().getServerSocketFactory(),
				InetAddress.getByName(address), port);
	}

	@AfterEach
	void stop() throws IOException {
		this.client.close();
		this.server.close();
	}

	final int send(ClassicHttpRequest request) throws IOException {
		return this.client.execute(request, (response) -> {
			EntityUtils.consume(response.getEntity());
			return response.getCode();
		});
	}

	final List<String> get(String path) throws IOException {
		send(new HttpGet(this.server.url(path)));
		return this.recorder.take();
	}

}
