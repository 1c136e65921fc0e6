package io.nettrace.benchmarks;

import java.lang.reflect.Constructor;
import java.net.InetAddress;
import java.net.InetSocketAddress;

import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.observation.ObservationHandler.FirstMatchingCompositeObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.ImmediateEventExecutor;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import reactor.netty.Metrics;
import reactor.netty.channel.ChannelOperations;
import reactor.netty.channel.MicrometerChannelMetricsHandler;
import reactor.netty.channel.MicrometerChannelMetricsRecorder;
import reactor.netty.observability.ReactorNettyTimerObservationHandler;
import reactor.netty.observability.ReactorNettyTracingObservationHandler;

/**
 * Reactor Netty's own instrumentation of lookups and connects, without a network.
 */
@State(Scope.Thread)
public class ReactorNetty {

	/**
	 * What listens: meters only, or tracing too.
	 */
	@Param({ "METERS", "SAMPLED", "UNSAMPLED" })
	public Watching watching = Watching.METERS;

	final InetSocketAddress unresolved = InetSocketAddress.createUnresolved(Fixed.HOST, Fixed.PORT);

	private final InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Fixed.PORT);

	private final MicrometerChannelMetricsRecorder recorder = new MicrometerChannelMetricsRecorder(
			Metrics.TCP_CLIENT_PREFIX, "tcp");

	private final EmbeddedChannel channel = new EmbeddedChannel();

	private final MicrometerChannelMetricsHandler handler = handler();

	AddressResolver<InetSocketAddress> resolver;

	private Application application;

	/**
	 * Start the application.
	 */
	@Setup
	public void start() {
		this.application = new Application(this.watching, "nettrace.enabled=false");
		Metrics.observationRegistry(observationRegistry());
		this.resolver = metered(new StubAddressResolverGroup());
	}

	/**
	 * As its manual has it: a registry of its own, with its timers and its spans.
	 */
	private ObservationRegistry observationRegistry() {
		ObservationRegistry registry = ObservationRegistry.create();
		registry.observationConfig()
			.observationHandler(new FirstMatchingCompositeObservationHandler(
					new ReactorNettyTimerObservationHandler(Metrics.REGISTRY),
					new DefaultMeterObservationHandler(Metrics.REGISTRY)));
		if (this.watching != Watching.METERS) {
			Tracer tracer = this.application.bean(Tracer.class);
			registry.observationConfig()
				.observationHandler(
						new FirstMatchingCompositeObservationHandler(new ReactorNettyTracingObservationHandler(tracer),
								new DefaultTracingObservationHandler(tracer)));
		}
		return registry;
	}

	/**
	 * What a client with metrics puts around its resolver. The class is not public.
	 */
	@SuppressWarnings("unchecked")
	private AddressResolver<InetSocketAddress> metered(AddressResolverGroup<InetSocketAddress> group) {
		try {
			Constructor<?> constructor = Class.forName("reactor.netty.transport.MicrometerAddressResolverGroupMetrics")
				.getDeclaredConstructor(AddressResolverGroup.class, MicrometerChannelMetricsRecorder.class);
			constructor.setAccessible(true);
			return ((AddressResolverGroup<InetSocketAddress>) constructor.newInstance(group, this.recorder))
				.getResolver(ImmediateEventExecutor.INSTANCE);
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException("Reactor Netty has changed", ex);
		}
	}

	/**
	 * What each channel of a client with metrics has, and asks for the handler of its
	 * connect.
	 */
	private MicrometerChannelMetricsHandler handler() {
		EmbeddedChannel metered = new EmbeddedChannel();
		ChannelOperations.addMetricsHandler(metered, this.recorder, null, false);
		return metered.pipeline().get(MicrometerChannelMetricsHandler.class);
	}

	ChannelFuture connect() {
		this.channel.pipeline().addFirst(this.handler.connectMetricsHandler());
		return this.channel.connect(this.address);
	}

	/**
	 * Stop the application.
	 */
	@TearDown
	public void stop() {
		this.application.close();
	}

}
