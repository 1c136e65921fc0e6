package io.nettrace.libraries;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import io.nettrace.client.netty.NetTraceNetty;
import io.nettrace.instrument.NetTracing;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * The client on Netty of AWS SDK 2. It asks the JVM's resolver, tries one address of a
 * name, and connects on an event loop.
 */
@Library(name = "AWS SDK 2, netty-nio-client", of = NettyNioAsyncHttpClient.class, support = Support.RECIPE,
		how = "AWS SDK 2, netty-nio-client", shows = { Step.ATTEMPT, Step.HANDSHAKE },
		below = "the observation that is current on the thread that calls; nothing, for a request that waited for its turn")
class AwsNettyNioTests extends HttpLibraryTest {

	private static final int MANY = 50; // as many as the SDK has by default

	private final AtomicReference<@Nullable CyclicBarrier> answerTogether = new AtomicReference<>();

	private final CountDownLatch lastArrived = new CountDownLatch(1);

	private final CountDownLatch lastMayGo = new CountDownLatch(1);

	@Override
	Class<?> configuration() {
		return Application.class;
	}

	@Override
	Peer startPeer() {
		return HttpPeer.start((request) -> {
			CyclicBarrier others = this.answerTogether.get();
			if (others != null) {
				await(others);
			}
			if (request.path().equals("/last")) {
				this.lastArrived.countDown();
				await(this.lastMayGo);
				return HttpPeer.Response.last("the last");
			}
			return HttpPeer.Response.text("answer to " + request.path());
		});
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void await(CyclicBarrier others) {
		try {
			others.await(20, TimeUnit.SECONDS);
		}
		catch (InterruptedException | BrokenBarrierException | TimeoutException ex) {
			throw new IllegalStateException("not all requests came at once", ex);
		}
	}

	@Override
	String call(LibraryApplication application, String host) throws Exception {
		return application.business(() -> AwsCalls.call(application.bean(SdkAsyncHttpClient.class), url(host)));
	}

	@Override
	boolean triesEachAddress() {
		return false;
	}

	@Override
	boolean asksTheJvm() {
		return true;
	}

	@Override
	String expectedTree() {
		return """
				business
				  socket connect 127.0.0.9
				""";
	}

	@Test
	@Override
	void showsAddressThatRefuses() {
		assertThatException().isThrownBy(() -> call(application(), "two.test"));
		awaitTree("""
				business !
				  socket connect ! 127.0.0.8: connection_refused
				""");
	}

	/**
	 * The first request connects to find out about the protocol, and the others wait for
	 * that; then either the first or another one gets its connection.
	 */
	@Test
	void eachOfManyAtOnceIsBelowItsOwnCaller() throws Exception {
		callManyAtOnce("cold.test");
		Awaitility.await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
			List<Long> attempts = attemptsOfEachCaller();
			assertThat(attempts).hasSize(MANY);
			assertThat(attempts.subList(1, MANY - 1)).containsOnly(1L);
			assertThat(attempts.get(0) + attempts.get(MANY - 1)).isEqualTo(2);
		});
	}

	private List<Long> attemptsOfEachCaller() {
		return Stream.of(tree().split("(?m)^business\n", -1))
			.skip(1)
			.map((below) -> below.lines().filter("  socket connect 127.0.0.9"::equals).count())
			.sorted()
			.toList();
	}

	/**
	 * The pool asks the event loop of each connection whether that is still open.
	 */
	@Test
	void eachThatFindsItsConnectionClosedIsBelowItsOwnCaller() throws Exception {
		callManyAtOnce("many.test");
		((SocketPeer) peer()).endConnections();
		application().reset();
		callManyAtOnce("many.test");
		awaitTree(expectedTree().repeat(MANY));
	}

	/**
	 * Its connection is made when the other one gives its turn back, on that one's event
	 * loop.
	 */
	@Test
	void oneThatWaitedForItsTurnHasAnAttemptWithoutAParent() throws Exception {
		try (LibraryApplication application = start(OneAtATime.class)) {
			SdkAsyncHttpClient client = application.bean(SdkAsyncHttpClient.class);
			FutureTask<String> last = new FutureTask<>(
					() -> application.business(() -> AwsCalls.call(client, url("one.test") + "last")));
			FutureTask<String> next = new FutureTask<>(() -> call(application, "one.test"));
			new Thread(last, "last").start();
			await(this.lastArrived);
			Thread waiting = new Thread(next, "next");
			waiting.start();
			Awaitility.await().until(() -> waiting.getState() == Thread.State.WAITING);
			// the pool has then been asked, on one of these
			application.bean(EventLoopGroup.class).forEach((loop) -> loop.submit(() -> {
			}).syncUninterruptibly());
			this.lastMayGo.countDown();
			assertThat(last.get(20, TimeUnit.SECONDS)).isEqualTo("the last");
			assertThat(next.get(20, TimeUnit.SECONDS)).isEqualTo(expectedResult());
			Awaitility.await().untilAsserted(() -> assertThat(application.tree()).isEqualTo("""
					business
					  socket connect 127.0.0.9
					business
					socket connect 127.0.0.9
					"""));
		}
	}

	private void callManyAtOnce(String host) throws Exception {
		ExecutorService callers = Executors.newFixedThreadPool(MANY);
		this.answerTogether.set(new CyclicBarrier(MANY));
		try {
			List<Future<String>> results = new ArrayList<>();
			for (int i = 0; i < MANY; i++) {
				results.add(callers.submit(() -> call(application(), host)));
			}
			for (Future<String> result : results) {
				assertThat(result.get(20, TimeUnit.SECONDS)).isEqualTo(expectedResult());
			}
		}
		finally {
			this.answerTogether.set(null);
			callers.shutdownNow();
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		// recipe: aws-netty-nio
		@Bean(destroyMethod = "shutdownGracefully")
		@SuppressWarnings("deprecation") // the SDK asks for this class
		EventLoopGroup awsEventLoops(ObjectProvider<NetTracing> netTrace) {
			ThreadFactory threads = new DefaultThreadFactory("aws-java-sdk-NettyEventLoop", true);
			NetTracing tracing = netTrace.getIfAvailable();
			return (tracing != null) ? NetTraceNetty.eventLoops("aws", tracing, 0, threads)
					: new NioEventLoopGroup(0, threads);
		}

		@Bean
		SdkAsyncHttpClient awsAsyncHttpClient(ObjectProvider<NetTracing> netTrace, EventLoopGroup awsEventLoops) {
			ChannelFactory<NioSocketChannel> channels = NioSocketChannel::new;
			NetTracing tracing = netTrace.getIfAvailable();
			return NettyNioAsyncHttpClient.builder()
				.eventLoopGroup(SdkEventLoopGroup.create(awsEventLoops,
						(tracing != null) ? NetTraceNetty.channelFactory("aws", tracing, channels) : channels))
				.build();
		}
		// end

	}

	@Configuration(proxyBeanMethods = false)
	static class OneAtATime {

		@Bean(destroyMethod = "shutdownGracefully")
		EventLoopGroup awsEventLoops(ObjectProvider<NetTracing> netTrace) {
			return new Application().awsEventLoops(netTrace);
		}

		@Bean
		SdkAsyncHttpClient awsAsyncHttpClient(NetTracing netTrace, EventLoopGroup awsEventLoops) {
			return NettyNioAsyncHttpClient.builder()
				.maxConcurrency(1)
				.eventLoopGroup(SdkEventLoopGroup.create(awsEventLoops,
						NetTraceNetty.channelFactory("aws", netTrace, NioSocketChannel::new)))
				.build();
		}

	}

}
