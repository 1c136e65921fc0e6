package io.nettrace.client.httpcomponents;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.stream.Stream;

import io.nettrace.NetTrace;
import io.nettrace.PoolInfo;
import io.nettrace.client.Forwarding;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dial.AsyncDialer;
import io.nettrace.dial.DialSettings;
import io.nettrace.dns.LookupGroup;
import io.nettrace.dns.LookupSettings;
import io.nettrace.dns.SingleFlightPolicy;
import io.nettrace.instrument.NetTracing;
import io.nettrace.instrument.RequestTrace;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.async.AsyncExecRuntime;
import org.apache.hc.client5.http.classic.ExecRuntime;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.client5.http.nio.AsyncClientConnectionManager;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.concurrent.CancellableDependency;
import org.apache.hc.core5.http.ConnectionReuseStrategy;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.nio.AsyncClientExchangeHandler;
import org.apache.hc.core5.pool.ConnPoolControl;
import org.apache.hc.core5.reactor.ConnectionInitiator;
import org.apache.hc.core5.reactor.IOSessionListener;
import org.apache.hc.core5.reactor.ProtocolIOSession;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;

import static org.assertj.core.api.Assertions.assertThat;

class WrapperTests {

	private final NetTracing tracing = new NetTracing();

	private final AsyncConnections connections = new AsyncConnections(this.tracing, null);

	private final CancellableDependency operation = Mockito.mock(CancellableDependency.class);

	private final LookupGroup lookups = new LookupGroup(
			LookupSettings.defaults().withSingleFlight(SingleFlightPolicy.NEVER), LookupThreads.create(), true);

	@Test
	void resolverForwards() {
		Forwarding.check(DnsResolver.class,
				(delegate) -> new TracedDnsResolver(delegate, (host, port) -> NetTrace.NONE, this.lookups));
	}

	@Test
	void connectionForwards() {
		Forwarding.check(ManagedHttpClientConnection.class, (delegate) -> new TracedConnection(delegate, this.tracing));
	}

	@Test
	void tlsSocketStrategyForwards() {
		Forwarding.check(TlsSocketStrategy.class, (delegate) -> new TracedTlsSocketStrategy(delegate, this.tracing));
	}

	@Test
	void execRuntimeForwards() {
		Forwarding.check(ExecRuntime.class, (delegate) -> new TracedExecRuntime(delegate, this.tracing));
	}

	/**
	 * What is not forwarded calls what is, or returns a constant.
	 */
	@Test
	void connectionManagerForwards() {
		assertThat(PoolingHttpClientConnectionManager.class.getDeclaredMethods())
			.filteredOn((method) -> Modifier.isPublic(method.getModifiers()) && !method.isBridge())
			.filteredOn((method) -> !isDeclaredBy(ForwardingConnectionManager.class, method))
			.extracting(Method::getName)
			.containsExactlyInAnyOrder("lease", "getDefaultSocketConfig", "getValidateAfterInactivity",
					"setValidateAfterInactivity");
	}

	private static boolean isDeclaredBy(Class<?> type, Method method) {
		return Stream.of(type.getDeclaredMethods())
			.anyMatch((each) -> each.getName().equals(method.getName())
					&& Arrays.equals(each.getParameterTypes(), method.getParameterTypes()));
	}

	@Test
	void asyncConnectionManagerForwards() {
		Forwarding.check(AsyncClientConnectionManager.class,
				(delegate) -> TracedAsyncConnectionManager.wrap(delegate, this.tracing));
	}

	@Test
	@SuppressWarnings("unchecked")
	void poolOfAsyncConnectionManagerForwards() {
		Forwarding.check(ConnPoolControl.class, HttpRoute.class,
				(delegate) -> new TracedAsyncConnectionPool(Mockito.mock(AsyncClientConnectionManager.class), delegate,
						this.tracing));
	}

	@Test
	void onlyAManagerWithAPoolHasItsControl() {
		AsyncClientConnectionManager plain = Mockito.mock(AsyncClientConnectionManager.class);
		AsyncClientConnectionManager pooling = Mockito.mock(AsyncClientConnectionManager.class,
				Mockito.withSettings().extraInterfaces(ConnPoolControl.class));
		assertThat(TracedAsyncConnectionManager.wrap(plain, this.tracing)).isNotInstanceOf(ConnPoolControl.class);
		assertThat(TracedAsyncConnectionManager.wrap(pooling, this.tracing)).isInstanceOf(ConnPoolControl.class);
	}

	@Test
	void asyncExecRuntimeForwards() {
		Forwarding.check(AsyncExecRuntime.class, (delegate) -> new TracedAsyncExecRuntime(delegate, RequestTrace.NONE));
		Forwarding.check(AsyncExecRuntime.class, (delegate) -> new WatchedAsyncExecRuntime(delegate, RequestTrace.NONE,
				this.connections, this.operation));
	}

	@Test
	void sessionForwards() {
		Forwarding.check(ProtocolIOSession.class, (delegate) -> new TracedSession(delegate, this.connections,
				new PoolInfo("test", "a.test", 80, -1), NetTrace.NONE));
	}

	@Test
	void reuseStrategyForwards() {
		Forwarding.check(ConnectionReuseStrategy.class, ContinueListener::new);
	}

	@Test
	void sessionListenerForwards() {
		Forwarding.check(IOSessionListener.class, this.connections::listener);
	}

	@Test
	void exchangeHandlersForward() {
		Forwarding.check(AsyncClientExchangeHandler.class,
				(delegate) -> new TracedExchangeHandler(delegate, null, this.operation));
		Forwarding.check(AsyncClientExchangeHandler.class,
				(delegate) -> new TunnelHandler(delegate, NetTrace.NONE, new HttpHost("a.test"), () -> {
				}));
	}

	@Test
	void connectionInitiatorForwards() {
		Forwarding.check(ConnectionInitiator.class,
				(delegate) -> new ConnectAttempts().traced(delegate, NetTrace.NONE));
		NetTrace trace = new NetTrace() {
		};
		Forwarding.check(ConnectionInitiator.class, (delegate) -> new ConnectAttempts().traced(delegate, trace));
		Forwarding.check(ConnectionInitiator.class,
				(delegate) -> new RacingInitiator(delegate, new AsyncDialer(DialSettings.defaults(), Runnable::run)));
		Forwarding.check(ConnectionInitiator.class,
				(delegate) -> new AsyncDial(this.connections, NetTrace.NONE, null, null).initiator(delegate));
	}

}
