package io.nettrace.libraries;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import javax.net.ssl.TrustManagerFactory;

import com.google.common.base.Stopwatch;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.internal.DnsNameResolver;
import io.grpc.internal.GrpcUtil;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.nettrace.client.grpc.NetTraceGrpc;
import io.nettrace.test.DnsAnswer;
import io.nettrace.test.TestAuthority;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.grpc.client.ChannelCredentialsProvider;
import org.springframework.grpc.client.GrpcChannelBuilderCustomizer;
import org.springframework.grpc.client.GrpcChannelFactory;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The channels that Boot and Spring gRPC build, on grpc-netty, with TLS. The resolver is
 * gRPC's own, asking the test's DNS server.
 */
@Library(name = "gRPC (grpc-netty)", of = NettyChannelBuilder.class, support = Support.RECIPE, how = "gRPC",
		shows = { Step.LOOKUP, Step.ATTEMPT, Step.HANDSHAKE },
		below = "the observation that is current when the first call starts the channel, beside that of the call")
class GrpcTests extends LibraryTest {

	private static final TestAuthority AUTHORITY = TestAuthority.create("authority");

	private static final TestAuthority.Server SERVER = AUTHORITY.server("one.test", "two.test", "slow.test");

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	List<String> autoConfigurations() {
		return List.of("org.springframework.boot.grpc.client.");
	}

	@Override
	Peer startPeer() {
		return GrpcPeer.start(SERVER);
	}

	@Override
	String call(LibraryApplication application, String host) {
		ManagedChannel channel = application.bean(Clients.class).of(host + ":" + peer().port());
		return Observation.createNotStarted("business", application.bean(ObservationRegistry.class))
			.observe(() -> ClientCalls.blockingUnaryCall(channel, GrpcPeer.HELLO, CallOptions.DEFAULT, "you"));
	}

	/**
	 * Without what gRPC does by itself: it goes on trying.
	 */
	@Override
	List<String> properties() {
		return List.of("nettrace.observations.require-parent=true");
	}

	/**
	 * The lookup and the span of the call begin at about the same time, on two threads.
	 */
	@Override
	String tree() {
		return super.tree().replaceFirst("(?ms)^(  test\\.Greeter/Hello.*?\\n)(.*)", "$2$1");
	}

	@Override
	String expectedResult() {
		return "hello you";
	}

	@Override
	String expectedTree() {
		return """
				business
				  DNS lookup two.test: 127.0.0.8, 127.0.0.9
				  socket connect ! 127.0.0.8: connection_refused
				  socket connect 127.0.0.9
				  TLS handshake two.test
				  test.Greeter/Hello
				""";
	}

	@Test
	void showsNameThatDoesNotExist() {
		try {
			assertThatExceptionOfType(StatusRuntimeException.class)
				.isThrownBy(() -> call(application(), "unknown.test"));
			awaitTree("""
					business !
					  DNS lookup ! unknown.test: host_not_found
					  test.Greeter/Hello !
					""");
		}
		finally {
			application().bean(Clients.class).close(); // it would go on trying
		}
	}

	/**
	 * gRPC tries the next address if the handshake with one fails.
	 */
	@Test
	void showsHandshakeThatFailsAndTheNextAddress() {
		dns().set("other.test", DnsAnswer.addresses(Peer.ADDRESS, "127.0.0.8"));
		try {
			assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> call(application(), "other.test"));
			awaitTree("""
					business !
					  DNS lookup other.test: 127.0.0.9, 127.0.0.8
					  socket connect 127.0.0.9
					  TLS handshake ! other.test: certificate_hostname_mismatch
					  socket connect ! 127.0.0.8: connection_refused
					  test.Greeter/Hello !
					""");
		}
		finally {
			application().bean(Clients.class).close();
		}
	}

	@Test
	void anAddressIsNotLookedUp() {
		assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(() -> call(application(), "127.0.0.8"));
		application().bean(Clients.class).close();
		awaitTree("""
				business !
				  socket connect ! 127.0.0.8: connection_refused
				  test.Greeter/Hello !
				""");
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		// recipe: grpc
		@Bean(destroyMethod = "shutdownGracefully")
		EventLoopGroup grpcEventLoops() {
			return new MultiThreadIoEventLoopGroup(NioIoHandler.newFactory());
		}

		@Bean
		@SuppressWarnings("deprecation") // the other way is one for all of the JVM
		GrpcChannelBuilderCustomizer<NettyChannelBuilder> traced(ObjectProvider<NetTraceGrpc> netTrace,
				EventLoopGroup grpcEventLoops, NameResolverProvider dns) {
			ChannelFactory<NioSocketChannel> channels = NioSocketChannel::new;
			return (target, builder) -> {
				NetTraceGrpc tracing = netTrace.getIfAvailable();
				builder.eventLoopGroup(grpcEventLoops)
					.channelFactory((tracing != null) ? tracing.channelFactory(channels) : channels,
							InetSocketAddress.class)
					.nameResolverFactory((tracing != null) ? tracing.nameResolver(dns) : dns);
			};
		}
		// end

		/**
		 * What gRPC does by default, but not Spring gRPC.
		 */
		@Bean
		GrpcChannelBuilderCustomizer<NettyChannelBuilder> oneAddressAfterTheOther() {
			return (target, builder) -> builder.defaultLoadBalancingPolicy("pick_first");
		}

		@Bean
		NameResolverProvider dns(Names names) {
			return new Dns(names);
		}

		@Bean
		ChannelCredentialsProvider credentials() throws GeneralSecurityException {
			TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
			trust.init(AUTHORITY.trusted());
			return (channel) -> TlsChannelCredentials.newBuilder().trustManager(trust.getTrustManagers()).build();
		}

		@Bean
		Clients clients(GrpcChannelFactory channels) {
			return new Clients(channels);
		}

	}

	/**
	 * A channel for each target.
	 */
	static final class Clients implements AutoCloseable {

		private final GrpcChannelFactory factory;

		private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();

		Clients(GrpcChannelFactory factory) {
			this.factory = factory;
		}

		ManagedChannel of(String target) {
			return this.channels.computeIfAbsent(target, this.factory::createChannel);
		}

		@Override
		public void close() {
			this.channels.values().forEach(ManagedChannel::shutdownNow);
			this.channels.clear();
		}

	}

	/**
	 * Makes gRPC's resolver, with another lookup than the JVM's.
	 */
	private static final class Dns extends NameResolverProvider {

		private final Names names;

		Dns(Names names) {
			this.names = names;
		}

		@Override
		public NameResolver newNameResolver(URI target, NameResolver.Args args) {
			return new DnsNameResolver(null, target.getPath().substring(1), args, GrpcUtil.SHARED_CHANNEL_EXECUTOR,
					Stopwatch.createUnstarted(), false) {

				{
					setAddressResolver(this::lookUp);
				}

				private List<InetAddress> lookUp(String host) throws Exception {
					return host.endsWith(".test") ? Dns.this.names.resolve(host)
							: List.of(InetAddress.getAllByName(host));
				}

			};
		}

		@Override
		public String getDefaultScheme() {
			return "dns";
		}

		@Override
		public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
			return Set.of(InetSocketAddress.class);
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

}
