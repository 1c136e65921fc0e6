package io.nettrace.libraries;

import io.nettrace.client.netty.NetTraceNetty;
import io.nettrace.instrument.NetTracing;
import io.netty.channel.ChannelFactory;
import io.netty.channel.socket.nio.NioSocketChannel;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.nio.netty.SdkEventLoopGroup;

import static org.assertj.core.api.Assertions.assertThatException;

/**
 * The client on Netty of AWS SDK 2. It asks the JVM's resolver, tries one address of a
 * name, and connects on an event loop.
 */
@Library(name = "AWS SDK 2, netty-nio-client", of = NettyNioAsyncHttpClient.class, support = Support.RECIPE,
		how = "AWS SDK 2, netty-nio-client", shows = { Step.ATTEMPT, Step.HANDSHAKE },
		below = "nothing: an event loop connects")
class AwsNettyNioTests extends HttpLibraryTest {

	@Override
	Class<?> configuration() {
		return Application.class;
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
	 * The JVM's lookups cannot be made slow here.
	 */
	@Test
	@Override
	void showsSlowLookup() throws Exception {
		call(application(), "one.test");
		awaitTree(expectedTree());
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		// recipe: aws-netty-nio
		@Bean
		SdkAsyncHttpClient awsAsyncHttpClient(ObjectProvider<NetTracing> netTrace) {
			ChannelFactory<NioSocketChannel> channels = NioSocketChannel::new;
			return NettyNioAsyncHttpClient.builder()
				.eventLoopGroupBuilder(SdkEventLoopGroup.builder()
					.channelFactory(netTrace.stream()
						.map((tracing) -> NetTraceNetty.channelFactory("aws", tracing, channels))
						.findFirst()
						.orElse(channels)))
				.build();
		}
		// end

	}

}
