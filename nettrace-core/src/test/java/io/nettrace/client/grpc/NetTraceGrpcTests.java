package io.nettrace.client.grpc;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

import com.google.common.base.Stopwatch;
import io.grpc.ChannelLogger;
import io.grpc.EquivalentAddressGroup;
import io.grpc.HttpConnectProxiedSocketAddress;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.ProxiedSocketAddress;
import io.grpc.ProxyDetector;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import io.grpc.internal.DnsNameResolver;
import io.grpc.internal.GrpcUtil;
import io.nettrace.TraceRecorder;
import io.nettrace.instrument.NetTraceAddress;
import io.nettrace.instrument.NetTracing;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * gRPC's own resolver, whose lookups are answered here. What its channels do is in
 * {@code library-tests}.
 */
class NetTraceGrpcTests {

	private static final ScheduledExecutorService SCHEDULER = Executors.newSingleThreadScheduledExecutor();

	private final TraceRecorder recorder = new TraceRecorder();

	private final NetTraceGrpc netTrace = new NetTraceGrpc(new NetTracing((request) -> this.recorder));

	private final List<Runnable> tasks = new ArrayList<>();

	private final Answers answers = new Answers();

	@AfterAll
	static void stop() {
		SCHEDULER.shutdownNow();
	}

	@Test
	void addressesCarryTheTraceUntilTheResolverIsShutDown() {
		NameResolver resolver = resolver("one.test", (target) -> null);
		resolver.start(this.answers);
		assertThat(this.recorder.events()).isEmpty();
		runTasks();
		assertThat(this.recorder.events()).containsExactly("dnsStart one.test", "dnsDone [127.0.0.8, 127.0.0.9]");
		assertThat(this.answers.addresses()).hasSize(2)
			.allSatisfy((address) -> assertThat(NetTraceAddress.traceOf(address)).isNotNull());
		assertThat(this.answers.addresses())
			.isEqualTo(List.of(new InetSocketAddress("127.0.0.8", 80), new InetSocketAddress("127.0.0.9", 80)));
		resolver.shutdown();
		assertThat(this.answers.addresses())
			.allSatisfy((address) -> assertThat(NetTraceAddress.traceOf(address)).isNull());
	}

	@Test
	void oneConnectionReleasesAllAddresses() {
		resolver("one.test", (target) -> null).start(this.answers);
		runTasks();
		NetTraceAddress.releaseGroup(this.answers.addresses().get(1));
		assertThat(this.answers.addresses())
			.allSatisfy((address) -> assertThat(NetTraceAddress.traceOf(address)).isNull());
	}

	/**
	 * As after an attempt that failed.
	 */
	@Test
	void anAnswerThatIsYoungEnoughIsNotLookedUpAgain() {
		NameResolver resolver = resolver("one.test", (target) -> null);
		resolver.start(this.answers);
		runTasks();
		resolver.refresh();
		runTasks();
		assertThat(this.recorder.events()).hasSize(2);
	}

	@Test
	void failureIsThatOfTheLookup() {
		NameResolver resolver = resolver("unknown.test", (target) -> null);
		resolver.start(this.answers);
		runTasks();
		resolver.refresh();
		runTasks();
		assertThat(this.recorder.events()).containsExactly("dnsStart unknown.test", "dnsDone [] UnknownHostException",
				"dnsStart unknown.test", "dnsDone [] UnknownHostException");
		assertThat(this.answers.failures).hasSize(2)
			.allSatisfy((status) -> assertThat(status.getDescription()).contains("unknown.test"));
	}

	@Test
	void aProxyLooksUp() {
		ProxiedSocketAddress proxied = HttpConnectProxiedSocketAddress.newBuilder()
			.setProxyAddress(new InetSocketAddress("127.0.0.7", 80))
			.setTargetAddress(InetSocketAddress.createUnresolved("one.test", 80))
			.build();
		resolver("one.test", (target) -> proxied).start(this.answers);
		runTasks();
		assertThat(this.answers.addresses()).containsExactly(proxied);
		assertThat(this.recorder.events()).isEmpty();
	}

	@Test
	void anAddressIsNotLookedUpButItsAttemptIsTraced() {
		resolver("127.0.0.9", (target) -> null).start(this.answers);
		runTasks();
		assertThat(this.recorder.events()).isEmpty();
		assertThat(this.answers.addresses())
			.allSatisfy((address) -> assertThat(NetTraceAddress.traceOf(address)).isNotNull());
	}

	/**
	 * gRPC's executor sees what its resolver throws, and nothing hangs.
	 */
	@Test
	void aLookupEndsThatHasNoAnswer() {
		resolver("broken.test", (target) -> null).start(this.answers);
		assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(this::runTasks);
		assertThat(this.recorder.events()).containsExactly("dnsStart broken.test", "dnsDone [] CancellationException");
	}

	@Test
	void otherSchemesAreNoneOfItsBusiness() {
		NameResolverProvider traced = this.netTrace.nameResolver(new Dns());
		assertThat(traced.newNameResolver(URI.create("other:///one.test"), args((target) -> null))).isNull();
		assertThat(traced.getDefaultScheme()).isEqualTo("dns");
		assertThat(this.netTrace.nameResolver(traced)).isSameAs(traced);
		assertThat(this.netTrace.isUsed()).isTrue();
	}

	/**
	 * An application may ask the provider itself, as for a resolver that asks several.
	 */
	@Test
	void argumentsWithoutSchedulerAndLoggerAreEnough() {
		NameResolver resolver = Objects.requireNonNull(this.netTrace.nameResolver(new Dns())
			.newNameResolver(URI.create("dns:///one.test"), requiredArgs((target) -> null).build()));
		resolver.start(this.answers);
		runTasks();
		resolver.shutdown();
		assertThat(this.answers.addresses()).containsExactly(new InetSocketAddress("127.0.0.8", 80),
				new InetSocketAddress("127.0.0.9", 80));
		assertThat(this.answers.failures).isEmpty();
	}

	private NameResolver resolver(String host, ProxyDetector proxies) {
		return Objects.requireNonNull(
				this.netTrace.nameResolver(new Dns()).newNameResolver(URI.create("dns:///" + host), args(proxies)));
	}

	private NameResolver.Args args(ProxyDetector proxies) {
		return requiredArgs(proxies).setScheduledExecutorService(SCHEDULER).setChannelLogger(new ChannelLogger() {

			@Override
			public void log(ChannelLogLevel level, String message) {
			}

			@Override
			public void log(ChannelLogLevel level, String format, Object... arguments) {
			}

		}).build();
	}

	private NameResolver.Args.Builder requiredArgs(ProxyDetector proxies) {
		return NameResolver.Args.newBuilder()
			.setDefaultPort(80)
			.setProxyDetector(proxies)
			.setSynchronizationContext(new SynchronizationContext((thread, failure) -> {
				throw new AssertionError(failure);
			}))
			.setServiceConfigParser(new NameResolver.ServiceConfigParser() {

				@Override
				public NameResolver.ConfigOrError parseServiceConfig(Map<String, ?> config) {
					throw new UnsupportedOperationException();
				}

			})
			.setOffloadExecutor(this.tasks::add);
	}

	private void runTasks() {
		List<Runnable> now = List.copyOf(this.tasks);
		this.tasks.clear();
		now.forEach(Runnable::run);
	}

	private static final class Answers extends NameResolver.Listener2 {

		private List<EquivalentAddressGroup> groups = List.of();

		private final List<Status> failures = new ArrayList<>();

		List<SocketAddress> addresses() {
			return this.groups.stream().flatMap((group) -> group.getAddresses().stream()).toList();
		}

		@Override
		public void onResult(NameResolver.ResolutionResult result) {
			if (result.getAddressesOrError().hasValue()) {
				this.groups = result.getAddressesOrError().getValue();
			}
			else {
				onError(result.getAddressesOrError().getStatus());
			}
		}

		@Override
		public void onError(Status error) {
			this.failures.add(error);
		}

	}

	private static final class Dns extends NameResolverProvider {

		@Override
		public @Nullable NameResolver newNameResolver(URI target, NameResolver.Args args) {
			return target.getScheme().equals("dns") ? new Resolver(target.getPath().substring(1), args) : null;
		}

		@Override
		public String getDefaultScheme() {
			return "dns";
		}

		@Override
		protected boolean isAvailable() {
			return true;
		}

		@Override
		protected int priority() {
			return 5;
		}

	}

	private static final class Resolver extends DnsNameResolver {

		Resolver(String name, NameResolver.Args args) {
			super(null, name, args, GrpcUtil.SHARED_CHANNEL_EXECUTOR, Stopwatch.createUnstarted(), false);
			setAddressResolver(Resolver::lookUp);
		}

		private static List<InetAddress> lookUp(String host) throws UnknownHostException {
			return switch (host) {
				case "one.test" -> List.of(InetAddress.getByName("127.0.0.8"), InetAddress.getByName("127.0.0.9"));
				case "127.0.0.9" -> List.of(InetAddress.getByName(host));
				case "broken.test" -> throw new OutOfMemoryError("for the test");
				default -> throw new UnknownHostException(host);
			};
		}

	}

}
