package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;

import io.nettrace.CloseInfo;
import io.nettrace.CloseInfo.Side;
import io.nettrace.CloseReason;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionListener;
import io.nettrace.Hook;
import io.nettrace.NetTrace;
import io.nettrace.PoolInfo;
import io.nettrace.TlsInfo;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import io.nettrace.test.TestAuthority;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mockito.Mockito;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Which pool a connection belongs to, and why it is closed.
 */
class ConnectionLifeTests implements ConnectionListener {

	private static final CloseInfo UNKNOWN = new CloseInfo(CloseReason.UNKNOWN, Side.CLIENT, -1);

	private final List<ConnectionInfo> opened = Collections.synchronizedList(new ArrayList<>());

	private final List<ConnectionInfo> acquired = Collections.synchronizedList(new ArrayList<>());

	private final List<ConnectionInfo> released = Collections.synchronizedList(new ArrayList<>());

	private final List<CloseInfo> closed = Collections.synchronizedList(new ArrayList<>());

	private final ScriptedServer server;

	private final NetTraceHttpComponents netTrace = new NetTraceHttpComponents(
			new NetTracing(List::of, () -> List.of(this), EnumSet.allOf(Hook.class)), LookupSettings.defaults(),
			LookupThreads.create());

	private final PoolingHttpClientConnectionManagerBuilder settings = this.netTrace.connectionManagerBuilder();

	private final HttpClientBuilder builder = HttpClients.custom();

	private PoolingHttpClientConnectionManager pool = this.settings.build();

	private CloseableHttpClient client = HttpClients.createMinimal();

	ConnectionLifeTests() throws IOException {
		this.server = ScriptedServer.start();
	}

	@Override
	public void opened(ConnectionInfo connection) {
		this.opened.add(connection);
	}

	@Override
	public void acquired(ConnectionInfo connection) {
		this.acquired.add(connection);
	}

	@Override
	public void released(ConnectionInfo connection) {
		this.released.add(connection);
	}

	@Override
	public void closed(ConnectionInfo connection, CloseInfo close) {
		this.closed.add(close);
	}

	private void build() {
		this.pool = this.settings.build();
		this.client = this.netTrace.instrument(this.builder.setConnectionManager(this.pool)).build();
	}

	@AfterEach
	void everyConnectionIsClosedOnce() throws IOException {
		this.client.close();
		this.server.close();
		Awaitility.await() // OFFLOCK has threads of its own to close
			.atMost(Duration.ofSeconds(10))
			.untilAsserted(() -> assertThat(this.closed).hasSameSizeAs(this.opened));
		assertThat(this.released).hasSameSizeAs(this.acquired);
		assertThat(this.released).allMatch((connection) -> connection.activeRequests() == 0);
	}

	private int get(String url) throws IOException {
		return send(new HttpGet(url));
	}

	private int send(HttpGet request) throws IOException {
		return this.client.execute(request, (response) -> {
			EntityUtils.consume(response.getEntity());
			return response.getCode();
		});
	}

	@Test
	void poolIsThatOfTheHostAsTheRequestHasIt() throws IOException {
		this.settings.setMaxConnPerRoute(3).setMaxConnTotal(20);
		this.settings.setDnsResolver(new SystemDefaultDnsResolver() {

			@Override
			public InetAddress[] resolve(String host) {
				return new InetAddress[] { InetAddress.getLoopbackAddress() };
			}

		});
		build();
		get("http://some.test:" + this.server.port() + "/ok");
		assertThat(this.opened).singleElement()
			.extracting(ConnectionInfo::pool)
			.isEqualTo(new PoolInfo("httpcomponents", "some.test", this.server.port(), 3));
	}

	@ParameterizedTest
	@EnumSource
	void limitIsTheSmallerOne(PoolConcurrencyPolicy policy) throws IOException {
		this.settings.setMaxConnPerRoute(7).setMaxConnTotal(2).setPoolConcurrencyPolicy(policy);
		build();
		get(this.server.url("/ok"));
		int limit = (policy != PoolConcurrencyPolicy.LAX) ? 2 : 7; // has none in all
		assertThat(this.opened).singleElement()
			.extracting((connection) -> connection.pool().maxConnections())
			.isEqualTo(limit);
	}

	/**
	 * Settings may be made on the manager when it is built.
	 */
	@Test
	void limitIsThatOfTheRouteWhenTheConnectionIsOpened() throws IOException {
		build();
		this.pool.setDefaultConnectionConfig(ConnectionConfig.custom().setConnectTimeout(Timeout.ofSeconds(5)).build());
		get(this.server.url("/close"));
		this.pool.getRoutes().forEach((route) -> this.pool.setMaxPerRoute(route, 4));
		this.pool.setDefaultMaxPerRoute(4);
		this.pool.setConnectionConfigResolver(null);
		get(this.server.url("/ok"));
		assertThat(this.opened).extracting((connection) -> connection.pool().maxConnections()).containsExactly(5, 4);
	}

	@Test
	void poolOfAForwardingProxyIsTheProxys() throws IOException {
		this.builder.setProxy(new HttpHost("localhost", this.server.port()));
		build();
		get("http://any.test/ok");
		get("http://other.test/ok");
		assertThat(this.opened).extracting((connection) -> connection.pool().host() + ":" + connection.pool().port())
			.containsOnly("localhost:" + this.server.port());
	}

	@Test
	void poolOfATunnelIsTheServers() throws Exception {
		TestAuthority authority = TestAuthority.create("Authority");
		this.settings.setTlsSocketStrategy(new DefaultClientTlsStrategy(authority.client()));
		this.builder.setProxy(new HttpHost("127.0.0.1", this.server.port()));
		build();
		try (ScriptedServer secure = ScriptedServer
			.start(authority.server("localhost").context().getServerSocketFactory())) {
			get("https://localhost:" + secure.port() + "/ok");
			assertThat(this.opened).singleElement().satisfies((connection) -> {
				assertThat(connection.pool()).isEqualTo(new PoolInfo("httpcomponents", "localhost", secure.port(), 5));
				assertThat(connection.tls()).isNotNull();
			});
		}
	}

	@Test
	void connectionKnowsItsHandshake() throws Exception {
		TestAuthority authority = TestAuthority.create("Authority");
		this.settings.setTlsSocketStrategy(new DefaultClientTlsStrategy(authority.client()));
		build();
		try (ScriptedServer secure = ScriptedServer
			.start(authority.server("localhost").context().getServerSocketFactory())) {
			get("https://localhost:" + secure.port() + "/close");
			get("https://localhost:" + secure.port() + "/ok");
		}
		assertThat(this.acquired).extracting(ConnectionInfo::tls)
			.extracting(Objects::requireNonNull)
			.extracting(TlsInfo::resumed)
			.containsExactly(false, true);
		assertThat(this.opened).extracting(ConnectionInfo::tls).allSatisfy((tls) -> assertThat(tls).isNotNull());
	}

	@Test
	void responseSaysClose() throws IOException {
		build();
		get(this.server.url("/close"));
		get(this.server.url("/http-1.0"));
		get(this.server.url("/until-close"));
		assertThat(this.closed).hasSize(3).containsOnly(CloseInfo.notKept(Side.PEER));
	}

	@Test
	void requestSaysClose() throws IOException {
		build();
		HttpGet request = new HttpGet(this.server.url("/ok"));
		request.setHeader("Connection", "Foo, close");
		send(request);
		assertThat(this.closed).containsExactly(CloseInfo.notKept(Side.CLIENT));
	}

	@Test
	void evictedForIdleness() throws IOException {
		build();
		get(this.server.url("/ok"));
		this.pool.closeIdle(TimeValue.ZERO_MILLISECONDS);
		assertThat(this.closed).containsExactly(CloseInfo.of(CloseReason.IDLE));
	}

	/**
	 * When the next request asks for it.
	 */
	@Test
	void keptForLongerThanTheServerWants() throws IOException {
		build();
		get(this.server.url("/keep-briefly"));
		long end = System.currentTimeMillis() + 1001;
		Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> System.currentTimeMillis() > end);
		get(this.server.url("/ok"));
		assertThat(this.closed).containsExactly(CloseInfo.of(CloseReason.IDLE));
	}

	@Test
	void idleForLongerThanTheClientWants() throws IOException {
		this.settings
			.setDefaultConnectionConfig(ConnectionConfig.custom().setIdleTimeout(Timeout.ofMilliseconds(1)).build());
		build();
		get(this.server.url("/ok"));
		long end = System.currentTimeMillis() + 2;
		Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> System.currentTimeMillis() > end);
		get(this.server.url("/ok"));
		assertThat(this.closed).containsExactly(CloseInfo.of(CloseReason.IDLE));
	}

	@Test
	void tooOld() throws IOException {
		build();
		this.pool
			.setDefaultConnectionConfig(ConnectionConfig.custom().setTimeToLive(TimeValue.ZERO_MILLISECONDS).build());
		get(this.server.url("/ok"));
		get(this.server.url("/ok"));
		assertThat(this.closed).containsExactly(CloseInfo.of(CloseReason.MAX_LIFETIME));
	}

	@Test
	void makesPlace() throws IOException {
		this.settings.setMaxConnTotal(1);
		build();
		get(this.server.url("/ok"));
		get("http://127.0.0.1:" + this.server.port() + "/ok");
		assertThat(this.closed).containsExactly(UNKNOWN);
	}

	@ParameterizedTest
	@EnumSource
	void closedWithItsClient(PoolConcurrencyPolicy policy) throws IOException {
		this.settings.setPoolConcurrencyPolicy(policy);
		build();
		get(this.server.url("/ok"));
		this.client.close();
		Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> !this.closed.isEmpty());
		assertThat(this.closed).containsExactly(CloseInfo.of(CloseReason.CLIENT_CLOSED));
	}

	@Test
	void closedByThePeer() throws IOException {
		this.settings.setDefaultConnectionConfig(
				ConnectionConfig.custom().setValidateAfterInactivity(TimeValue.ZERO_MILLISECONDS).build());
		build();
		get(this.server.url("/ok"));
		this.server.closeConnections();
		get(this.server.url("/ok"));
		assertThat(this.closed).containsExactly(CloseInfo.of(CloseReason.PEER));
	}

	@Test
	void timedOut() throws IOException {
		this.builder
			.setDefaultRequestConfig(RequestConfig.custom().setResponseTimeout(Timeout.ofMilliseconds(50)).build());
		build();
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> get(this.server.url("/mute")));
		assertThat(this.closed).containsExactly(CloseInfo.of(CloseReason.TIMED_OUT));
	}

	@Test
	void reset() throws IOException {
		this.builder.disableAutomaticRetries();
		build();
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> get(this.server.url("/reset")));
		assertThat(this.closed).containsExactly(CloseInfo.of(CloseReason.RESET));
	}

	@Test
	void cancelled() throws Exception {
		build();
		HttpGet request = new HttpGet(this.server.url("/mute"));
		Thread thread = new Thread(() -> assertThatExceptionOfType(IOException.class).isThrownBy(() -> send(request)));
		thread.start();
		Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> !this.acquired.isEmpty());
		request.cancel();
		thread.join();
		assertThat(this.closed).containsExactly(CloseInfo.of(CloseReason.CANCELLED));
	}

	@Test
	void responseIsGivenUp() throws IOException {
		build();
		ClassicHttpResponse response = this.client.executeOpen(null, new HttpGet(this.server.url("/stuck")), null);
		HttpGet other = new HttpGet(this.server.url("/ok"));
		send(other);
		this.client.close();
		assertThat(response.getCode()).isEqualTo(200);
		assertThat(this.closed).hasSize(2).containsOnly(CloseInfo.of(CloseReason.CLIENT_CLOSED));
	}

	/**
	 * By another thread, before it is said to be open.
	 */
	@Test
	void closedWhenItIsConnected() {
		ManagedHttpClientConnection connection = Mockito.mock(ManagedHttpClientConnection.class);
		TracedConnection traced = new TracedConnection(connection,
				new NetTracing(List::of, () -> List.of(this), EnumSet.allOf(Hook.class)));
		Mockito.when(connection.isOpen()).then((call) -> {
			traced.close(CloseMode.IMMEDIATE);
			return true;
		});
		traced.connected(NetTrace.NONE);
		assertThat(this.opened).isEmpty();
		assertThat(this.closed).isEmpty();
	}

}
