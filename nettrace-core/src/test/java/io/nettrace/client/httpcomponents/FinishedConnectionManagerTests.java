package io.nettrace.client.httpcomponents;

import java.net.Socket;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.BasicHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.function.Resolver;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Lookup;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mockito.Mockito;

import static org.assertj.core.api.Assertions.assertThat;

class FinishedConnectionManagerTests {

	private static final HttpHost HOST = new HttpHost("https", "one.test", 443);

	private static final HttpRoute ROUTE = new HttpRoute(HOST);

	private final NetTraceHttpComponents netTrace = new NetTraceHttpComponents(new NetTracing(),
			LookupSettings.defaults(), LookupThreads.create());

	@Test
	void hasThePoolItself() throws Exception {
		PoolingHttpClientConnectionManager finished = PoolingHttpClientConnectionManagerBuilder.create()
			.setMaxConnTotal(7)
			.setMaxConnPerRoute(3)
			.build();
		PoolingHttpClientConnectionManager standIn = standInFor(finished);
		assertThat(read(standIn, "pool")).isSameAs(read(finished, "pool"));
		assertThat(standIn.getMaxTotal()).isEqualTo(7);
		assertThat(standIn.getDefaultMaxPerRoute()).isEqualTo(3);
		standIn.setMaxTotal(9);
		assertThat(finished.getMaxTotal()).isEqualTo(9);
	}

	@Test
	void hasTheSettingsAlsoThoseThatAreMadeLater() throws Exception {
		SocketConfig socket = SocketConfig.custom().setRcvBufSize(1234).build();
		ConnectionConfig connection = ConnectionConfig.custom().setTimeToLive(TimeValue.ofSeconds(5)).build();
		TlsConfig tls = TlsConfig.custom().setHandshakeTimeout(6, TimeUnit.SECONDS).build();
		PoolingHttpClientConnectionManager finished = PoolingHttpClientConnectionManagerBuilder.create()
			.setDefaultSocketConfig(socket)
			.setDefaultConnectionConfig(connection)
			.build();
		PoolingHttpClientConnectionManager worker = worker(standInFor(finished));
		assertThat(resolve(worker, "socketConfigResolver", ROUTE)).isSameAs(socket);
		assertThat(resolve(worker, "connectionConfigResolver", ROUTE)).isSameAs(connection);
		assertThat(resolve(worker, "tlsConfigResolver", HOST)).isNull();
		finished.setDefaultTlsConfig(tls);
		assertThat(resolve(worker, "tlsConfigResolver", HOST)).isSameAs(tls);
	}

	@Test
	void looksUpAndSecuresAsBefore() throws Exception {
		DnsResolver resolver = Mockito.mock(DnsResolver.class);
		SchemePortResolver ports = Mockito.mock(SchemePortResolver.class);
		TlsSocketStrategy tls = Mockito.mock(TlsSocketStrategy.class);
		PoolingHttpClientConnectionManager finished = PoolingHttpClientConnectionManagerBuilder.create()
			.setDnsResolver(resolver)
			.setSchemePortResolver(ports)
			.setTlsSocketStrategy(tls)
			.build();
		Object operator = read(worker(standInFor(finished)), "connectionOperator");
		assertThat(operatorField(operator, "schemePortResolver")).isSameAs(ports);
		((DnsResolver) operatorField(operator, "dnsResolver")).resolve("one.test");
		Mockito.verify(resolver).resolve("one.test");
		@SuppressWarnings("unchecked")
		Lookup<TlsSocketStrategy> strategies = (Lookup<TlsSocketStrategy>) operatorField(operator,
				"tlsSocketStrategyLookup");
		try (Socket socket = new Socket()) {
			strategies.lookup("https").upgrade(socket, "one.test", 443, null, null);
			Mockito.verify(tls).upgrade(socket, "one.test", 443, null, null);
		}
		assertThat((Object) strategies.lookup("http")).isNull();
	}

	@Test
	void closesTheOther() {
		PoolingHttpClientConnectionManager finished = new PoolingHttpClientConnectionManager();
		PoolingHttpClientConnectionManager standIn = standInFor(finished);
		assertThat(standIn.isClosed()).isFalse();
		standIn.close();
		assertThat(finished.isClosed()).isTrue();
		PoolingHttpClientConnectionManager other = new PoolingHttpClientConnectionManager();
		PoolingHttpClientConnectionManager otherStandIn = standInFor(other);
		other.close();
		assertThat(otherStandIn.isClosed()).isTrue();
	}

	@Test
	void isTakenByTheInstrumentationOnce() {
		PoolingHttpClientConnectionManager standIn = standInFor(new PoolingHttpClientConnectionManager());
		assertThat(this.netTrace.standInFor(standIn)).isSameAs(standIn);
		assertThat(this.netTrace.instrument(HttpClientBuilder.create().setConnectionManager(standIn)).getConnManager())
			.isSameAs(standIn);
	}

	@ParameterizedTest
	@MethodSource
	void whatWouldNotBeTheSameIsLeftAlone(HttpClientConnectionManager finished) {
		assertThat(this.netTrace.standInFor(finished)).isSameAs(finished);
		assertThat(this.netTrace.isTraced(finished)).isFalse();
	}

	static Stream<HttpClientConnectionManager> whatWouldNotBeTheSameIsLeftAlone() {
		HttpClientConnectionOperator usual = new DefaultHttpClientConnectionOperator((SchemePortResolver) null, null,
				(scheme) -> null);
		HttpClientConnectionOperator otherSockets = new DefaultHttpClientConnectionOperator((proxy) -> new Socket(),
				null, null, (scheme) -> null);
		HttpClientConnectionOperator other = new DefaultHttpClientConnectionOperator((SchemePortResolver) null, null,
				(scheme) -> null) {
		};
		return Stream.of(new BasicHttpClientConnectionManager(), new PoolingHttpClientConnectionManager() {
		}, managerOf(otherSockets, false), managerOf(other, false), managerOf(usual, true));
	}

	private static PoolingHttpClientConnectionManager managerOf(HttpClientConnectionOperator operator,
			boolean closesOutsideOfItsLock) {
		return new PoolingHttpClientConnectionManager(operator, PoolConcurrencyPolicy.STRICT, PoolReusePolicy.LIFO,
				TimeValue.NEG_ONE_MILLISECOND, ManagedHttpClientConnectionFactory.INSTANCE, closesOutsideOfItsLock);
	}

	private PoolingHttpClientConnectionManager standInFor(PoolingHttpClientConnectionManager finished) {
		HttpClientConnectionManager standIn = this.netTrace.standInFor(finished);
		assertThat(standIn).isNotSameAs(finished);
		assertThat(this.netTrace.isTraced(standIn)).isTrue();
		return (PoolingHttpClientConnectionManager) standIn;
	}

	/**
	 * Behind what watches the pool.
	 */
	private static PoolingHttpClientConnectionManager worker(PoolingHttpClientConnectionManager standIn)
			throws ReflectiveOperationException {
		return (PoolingHttpClientConnectionManager) Objects
			.requireNonNull(PrivateFields.get(ForwardingConnectionManager.class, "delegate", standIn));
	}

	private static Object read(PoolingHttpClientConnectionManager manager, String field)
			throws ReflectiveOperationException {
		return Objects.requireNonNull(PrivateFields.get(PoolingHttpClientConnectionManager.class, field, manager));
	}

	private static Object operatorField(Object operator, String field) throws ReflectiveOperationException {
		return Objects.requireNonNull(PrivateFields.get(DefaultHttpClientConnectionOperator.class, field, operator));
	}

	@SuppressWarnings("unchecked")
	private static <K> @Nullable Object resolve(PoolingHttpClientConnectionManager manager, String resolver, K key)
			throws ReflectiveOperationException {
		return ((Resolver<K, Object>) read(manager, resolver)).resolve(key);
	}

}
