package io.nettrace.autoconfigure;

import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.test.BlackHole;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * When a step is over, nothing of its request is reachable from a connection, a pool, an
 * event loop, a thread or a static field; when an application context is closed, nothing
 * of it is.
 */
@Tag("one-jdk")
@EnabledIfSystemProperty(named = "nettrace.tests", matches = "all", disabledReason = "-Dnettrace.tests=all")
@ParameterizedClass
@EnumSource
class NothingHeldTests {

	private static final int CLIENTS = 20;

	private static final int CONTEXTS = Integer.getInteger("nettrace.contexts", 3);

	/**
	 * Leaves Reactor Netty's resources to the JVM, as in an application without Boot's
	 * module for them. That module disposes of them, and of what they hold, with each
	 * context.
	 */
	private static final String GLOBAL_RESOURCES = "spring.autoconfigure.exclude="
			+ "org.springframework.boot.reactor.netty.autoconfigure.NettyReactiveWebServerAutoConfiguration";

	private final LoopbackServer server = LoopbackServer.start("127.0.0.1");

	private final TracedClient client;

	private @Nullable TracedApplication started;

	NothingHeldTests(TracedClient client) {
		this.client = client;
	}

	@AfterEach
	void stop() {
		if (this.started != null) {
			this.started.close();
		}
		this.server.close();
	}

	private TracedApplication start(String... properties) {
		this.started = this.client.start(List.of(Beans.class, RecentRequestsConfiguration.class), properties);
		return this.started;
	}

	@Test
	void freesARequestWhileItsConnectionIsPooled() {
		TracedApplication application = start();
		TracedClient.Caller caller = this.client.caller(application);
		awaitFreed(requestWithin(application, caller));
		caller.get(url()); // most likely on the same connection
	}

	/**
	 * One reference to the request's parent, and one to a trace that is bound around the
	 * request.
	 */
	private List<WeakReference<?>> requestWithin(TracedApplication application, TracedClient.Caller caller) {
		byte[] ofParent = new byte[1_000_000];
		byte[] ofTrace = new byte[1_000_000];
		Observation parent = parent(application, ofParent);
		NetTraceContext context = NetTraceContext.current().withTrace(new NetTrace() {

			@Override
			public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
				ofTrace[0] = 1;
			}

		});
		parent.observe(() -> Calls.withContext(context, () -> caller.get(url())));
		return List.of(new WeakReference<>(ofParent), new WeakReference<>(ofTrace));
	}

	@Test
	void freesARequestWhoseAddressesHaveRaced() {
		TracedApplication application = start("nettrace.connect.happy-eyeballs.enabled=true",
				"nettrace.connect.happy-eyeballs.strategy=rfc8305",
				"nettrace.connect.happy-eyeballs.fallback-delay=20ms");
		TracedClient.Caller caller = this.client.caller(application);
		try (BlackHole hole = BlackHole.open("127.0.0.5", this.server.port())) {
			List<String> attempts = Collections.synchronizedList(new ArrayList<>());
			awaitFreed(
					requestWithARace(application, caller, List.of(hole.address().getAddress(), loopback()), attempts));
			if (!this.client.has(Limit.RACES)) {
				assertThat(attempts).contains("CancellationException");
			}
		}
		caller.get(url()); // as above
	}

	private List<WeakReference<?>> requestWithARace(TracedApplication application, TracedClient.Caller caller,
			List<InetAddress> addresses, List<String> attempts) {
		byte[] ofParent = new byte[1_000_000];
		byte[] ofTrace = new byte[1_000_000];
		Observation parent = parent(application, ofParent);
		NetTraceContext context = NetTraceContext.current().withTrace(new NetTrace() {

			@Override
			public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
				ofTrace[0] = 1;
				attempts.add((error != null) ? error.getClass().getSimpleName() : "connected");
			}

		}).withResolver((network, host) -> addresses);
		parent.observe(() -> Calls.withContext(context, () -> caller.get(url())));
		return List.of(new WeakReference<>(ofParent), new WeakReference<>(ofTrace));
	}

	private static InetAddress loopback() {
		try {
			return InetAddress.getByName("127.0.0.1");
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * As a reactive web application does.
	 */
	@Test
	void freesARequestOfReactorsContextWhileItsConnectionIsPooled() {
		TracedApplication application = start();
		WebClient caller = application.bean(WebClient.Builder.class).build();
		awaitFreed(requestInReactorsContext(application, caller));
		caller.get().uri(url()).retrieve().toBodilessEntity().block();
	}

	private List<WeakReference<?>> requestInReactorsContext(TracedApplication application, WebClient caller) {
		byte[] ofParent = new byte[1_000_000];
		Observation parent = parent(application, ofParent).start();
		caller.get()
			.uri(url())
			.retrieve()
			.toBodilessEntity()
			.contextWrite((context) -> context.put(ObservationThreadLocalAccessor.KEY, parent))
			.block();
		parent.stop();
		return List.of(new WeakReference<>(ofParent));
	}

	private static Observation parent(TracedApplication application, byte[] big) {
		Observation.Context context = new Observation.Context();
		context.put("big", big);
		return Observation.createNotStarted("parent", () -> context, application.bean(ObservationRegistry.class));
	}

	@Test
	void freesClientsThatAreThrownAway() {
		TracedApplication application = start();
		List<WeakReference<?>> clients = new ArrayList<>();
		for (int i = 0; i < CLIENTS; i++) {
			clients.add(this.client.throwAway(application, url()));
		}
		awaitFreed(clients, 1); // a pool of Reactor Netty holds the client that made it
	}

	@Test
	void freesContextsThatAreClosed() {
		List<WeakReference<?>> contexts = new ArrayList<>();
		for (int i = 0; i < CONTEXTS; i++) {
			contexts.addAll(closedContext());
		}
		awaitFreed(contexts);
	}

	private List<WeakReference<?>> closedContext() {
		TracedApplication application = start(GLOBAL_RESOURCES);
		this.client.caller(application).get(url());
		Beans beans = application.bean(Beans.class);
		this.started = null;
		application.close();
		return List.of(new WeakReference<>(beans), new WeakReference<>(beans.context),
				new WeakReference<>(beans.beanFactory));
	}

	private String url() {
		return this.server.url("localhost");
	}

	private static void awaitFreed(List<WeakReference<?>> references) {
		awaitFreed(references, 0);
	}

	private static void awaitFreed(List<WeakReference<?>> references, int butFor) {
		Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
			System.gc();
			assertThat(references).filteredOn((reference) -> reference.get() != null).hasSizeLessThanOrEqualTo(butFor);
		});
	}

	/**
	 * Stands for all beans.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Beans {

		private final ApplicationContext context;

		private final ConfigurableListableBeanFactory beanFactory;

		Beans(ApplicationContext context, ConfigurableListableBeanFactory beanFactory) {
			this.context = context;
			this.beanFactory = beanFactory;
		}

		/**
		 * Looks up a bean of the context, as an application's hooks may.
		 */
		@Bean
		NetTrace.Factory factory() {
			return (client) -> {
				assertThat(this.beanFactory.getBeanDefinitionCount()).isPositive();
				return NetTrace.NONE;
			};
		}

	}

}
