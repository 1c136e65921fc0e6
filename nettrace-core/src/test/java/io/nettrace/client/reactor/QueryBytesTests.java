package io.nettrace.client.reactor;

import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

import com.sun.management.ThreadMXBean;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.Hook;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.instrument.NetTracing;
import io.nettrace.observation.ObservationNetTraceFactory;
import io.nettrace.observation.ObservationSettings;
import io.nettrace.observation.meter.NetTraceMeterObservationHandler;
import io.nettrace.observation.span.NetTraceTracingObservationHandler;
import io.nettrace.observation.span.OpenTelemetrySpans;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What it costs to show the query of a lookup: bytes on the event loop.
 */
@Tag("one-jdk")
class QueryBytesTests {

	private static final int WARM_UP = 60;

	private static final int ROUNDS = 20;

	private static final int CALLS = 100;

	private static final String HOST = "bytes.example";

	private final DnsServer dns = DnsServer.start().set(HOST, DnsAnswer.addresses("127.0.0.1"));

	private final DisposableServer server = HttpServer.create()
		.host("127.0.0.1")
		.port(0)
		.handle((request, response) -> response.status(204).send())
		.bindNow();

	private final LoopResources loops = LoopResources.create("bytes", 1, true);

	private final EventLoop loop = this.loops.onClient(false).next();

	private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	@AfterEach
	void stop() {
		this.server.disposeNow();
		this.loops.dispose();
		this.dns.close();
	}

	/**
	 * Of a lookup with its span and its timer; shown is an event, attributes and a
	 * counter. All are measured in turn, because the compiler gets further meanwhile.
	 */
	@Test
	@EnabledIfSystemProperty(named = "nettrace.tests", matches = "all", disabledReason = "takes a while")
	void oneQueryCostsLittleOfItsLookup() {
		try (Measured bare = lookup();
				Measured none = request(EnumSet.complementOf(EnumSet.of(Hook.DNS, Hook.DNS_ANSWER)));
				Measured lookupShown = request(EnumSet.complementOf(EnumSet.of(Hook.DNS_ANSWER)));
				Measured queryShown = request(EnumSet.allOf(Hook.class))) {
			measure(List.of(bare, none, lookupShown, queryShown));
			long lookup = bare.bytes + lookupShown.bytes - none.bytes;
			long query = queryShown.bytes - lookupShown.bytes;
			System.out.printf("lookup: %d bytes, its query: %d bytes more%n", lookup, query);
			assertThat(query).isLessThan(lookup * 3 / 10);
		}
	}

	private DnsAddressResolverGroup resolver() {
		return new DnsAddressResolverGroup(new DnsNameResolverBuilder().datagramChannelType(NioDatagramChannel.class)
			.nameServerProvider(new SingletonDnsServerAddressStreamProvider(this.dns.address()))
			.resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)
			.datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
			.searchDomains(List.of()));
	}

	private Measured lookup() {
		DnsAddressResolverGroup resolver = resolver();
		return new Measured(resolver::close,
				() -> assertThat(resolver.getResolver(this.loop)
					.resolveAll(InetSocketAddress.createUnresolved(HOST, 80))
					.syncUninterruptibly()
					.isSuccess()).isTrue());
	}

	private Measured request(Set<Hook> hooks) {
		OpenTelemetrySpans spans = new OpenTelemetrySpans();
		ObservationRegistry registry = spans.handledBy(new NetTraceTracingObservationHandler(spans.tracer(), false))
			.registry();
		registry.observationConfig()
			.observationHandler(new NetTraceMeterObservationHandler(new SimpleMeterRegistry(), false));
		ObservationNetTraceFactory factory = new ObservationNetTraceFactory(() -> registry,
				ObservationSettings.defaults());
		DnsAddressResolverGroup resolver = resolver();
		NetTracing tracing = new NetTracing(() -> List.of(factory), List::of, hooks);
		HttpClient client = new NetTraceReactorNetty(tracing, LookupSettings.defaults(), LookupThreads.create())
			.instrument(
					HttpClient.create(ConnectionProvider.newConnection()).runOn(this.loops, false).resolver(resolver));
		return new Measured(() -> {
			resolver.close();
			tracing.close();
		}, () -> {
			client.get().uri("http://" + HOST + ":" + this.server.port()).response().block(Duration.ofSeconds(20));
			spans.reset();
		});
	}

	private void measure(List<Measured> all) {
		long thread = this.loop.submit(() -> Thread.currentThread().getId()).syncUninterruptibly().getNow();
		for (int round = 0; round < WARM_UP + ROUNDS; round++) {
			for (Measured each : all) {
				long before = this.threads.getThreadAllocatedBytes(thread);
				for (int i = 0; i < CALLS; i++) {
					each.call.run();
				}
				if (round >= WARM_UP) {
					each.bytes = Math.min(each.bytes, (this.threads.getThreadAllocatedBytes(thread) - before) / CALLS);
				}
			}
		}
	}

	/**
	 * What is called, and what a call allocates on the event loop, at the least.
	 */
	private static final class Measured implements AutoCloseable {

		private final Runnable release;

		private final Runnable call;

		private long bytes = Long.MAX_VALUE;

		Measured(Runnable release, Runnable call) {
			this.release = release;
			this.call = call;
		}

		@Override
		public void close() {
			this.release.run();
		}

	}

}
