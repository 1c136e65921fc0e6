package io.nettrace.benchmarks;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

import com.sun.management.ThreadMXBean;

/**
 * What a call allocates on its thread, once it is compiled. Each kind of call runs in a
 * JVM of its own, because the profile of another call would make this one allocate more.
 */
final class Allocation {

	private static final int CALLS = 10_000;

	private static final int ROUNDS = 100;

	/**
	 * Rounds without an object less: the compiler has long had every method by then.
	 */
	private static final int ENOUGH = 20;

	private static final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	@SuppressWarnings("UnusedVariable") // so that no work is optimized away
	private static volatile Object result = "";

	private Allocation() {
	}

	/**
	 * A measured call. The enum's suppliers and unused results do no harm, since the JVM
	 * ends after one call.
	 */
	@SuppressWarnings({ "ImmutableEnumChecker", "FutureReturnValueIgnored" })
	enum Call {

		LOOKUP(() -> {
			NetTraceApplication application = application();
			return () -> application.resolver.resolve(Fixed.HOST, Fixed.PORT);
		}),

		CONNECT(() -> {
			NetTraceApplication application = application();
			ConnectBenchmark benchmark = new ConnectBenchmark();
			return () -> benchmark.netTrace(application);
		}),

		LOOKUP_AND_CONNECT(() -> {
			NetTraceApplication application = application();
			ConnectBenchmark benchmark = new ConnectBenchmark();
			return () -> benchmark.netTraceLookupAndConnect(application);
		}),

		HTTPCLIENT5_OBSERVATION_LOOKUP(() -> {
			BareClients bare = new BareClients();
			return () -> bare.metered.resolve(Fixed.HOST);
		}),

		NETTY_LOOKUP(() -> {
			BareClients bare = new BareClients();
			return () -> bare.nettyResolver.resolve(bare.unresolved);
		}),

		NETTY_CONNECT(() -> {
			BareClients bare = new BareClients();
			return bare::nettyConnect;
		}),

		REACTOR_NETTY_LOOKUP(() -> {
			ReactorNetty peer = reactorNetty();
			return () -> peer.resolver.resolve(peer.unresolved);
		}),

		REACTOR_NETTY_CONNECT(() -> {
			ReactorNetty peer = reactorNetty();
			return peer::connect;
		}),

		OKHTTP_LOOKUP(() -> {
			OkHttp peer = new OkHttp();
			return () -> peer.lookUp(peer.registering);
		}),

		OKHTTP_CONNECT(() -> {
			OkHttp peer = new OkHttp();
			return () -> peer.connect(peer.registering);
		}),

		KEYED_OBSERVATION(() -> {
			KeyedObservation peer = new KeyedObservation();
			peer.watching = watching();
			peer.start();
			return peer::observe;
		});

		private final Supplier<Callable<?>> preparation;

		Call(Supplier<Callable<?>> preparation) {
			this.preparation = preparation;
		}

		private static NetTraceApplication application() {
			NetTraceApplication application = new NetTraceApplication();
			application.watching = watching();
			application.singleFlight = Boolean.getBoolean("singleFlight");
			application.start();
			return application;
		}

		private static ReactorNetty reactorNetty() {
			ReactorNetty peer = new ReactorNetty();
			peer.watching = watching();
			peer.start();
			return peer;
		}

		private static Watching watching() {
			return Watching.valueOf(System.getProperty("watching"));
		}

		/**
		 * Measure in a new JVM.
		 * @param watching what listens
		 * @return the bytes of one call
		 */
		double bytes(Watching watching) {
			return bytes(watching, false);
		}

		/**
		 * Measure in a new JVM. Its threads wait for the compiler ({@code -Xbatch}):
		 * otherwise the timing of the compiler decides which methods are inlined and
		 * which objects are eliminated, and results differ by up to a hundred bytes.
		 * @param watching what listens
		 * @param singleFlight whether lookups share answers
		 * @return the bytes of one call
		 */
		double bytes(Watching watching, boolean singleFlight) {
			List<String> options = List.of("-Xbatch", "-Dcall=" + name(), "-Dwatching=" + watching,
					"-DsingleFlight=" + singleFlight);
			try (ChildJvm child = ChildJvm.start(List.of(), options, Allocation.class)) {
				return Bytes.readFrom(child);
			}
		}

		/**
		 * Measure in new JVMs until one of them needs few enough.
		 * @param watching what listens
		 * @param singleFlight whether lookups share answers
		 * @param enough a number of bytes
		 * @return the bytes of one call, the least of three JVMs at most
		 */
		double leastBytes(Watching watching, boolean singleFlight, double enough) {
			return Bytes.leastOfJvms(() -> bytes(watching, singleFlight), enough);
		}

	}

	/**
	 * Measure what the system properties say.
	 * @param args none
	 * @throws Exception if the call fails
	 */
	public static void main(String[] args) throws Exception {
		Callable<?> call = Call.valueOf(System.getProperty("call")).preparation.get();
		Bytes.print(least(call));
		System.exit(0);
	}

	/**
	 * Code that is not yet fully compiled allocates objects that are eliminated later, so
	 * the minimum counts.
	 */
	private static double least(Callable<?> call) throws Exception {
		double least = Double.MAX_VALUE;
		int unchanged = 0;
		for (int round = 0; round < ROUNDS && unchanged < ENOUGH; round++) {
			long before = threads.getCurrentThreadAllocatedBytes();
			for (int i = 0; i < CALLS; i++) {
				result = call.call();
			}
			double bytes = (double) (threads.getCurrentThreadAllocatedBytes() - before) / CALLS;
			unchanged = (bytes < least - 1) ? 0 : unchanged + 1;
			least = Math.min(least, bytes);
		}
		return least;
	}

}
