package io.nettrace.benchmarks;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.micrometer.observation.Observation;
import io.netty.util.concurrent.Future;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One lookup whose resolver answers at once, under a request's observation.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 8, time = 1)
public class LookupBenchmark {

	/**
	 * What the connection operator of HttpComponents calls.
	 */
	@Benchmark
	public List<InetSocketAddress> httpComponents(BareClients bare) throws UnknownHostException {
		return bare.resolver.resolve(Fixed.HOST, Fixed.PORT);
	}

	@Benchmark
	@Over("httpComponents")
	public List<InetSocketAddress> smallestSingleFlight(BareClients bare) throws UnknownHostException {
		return bare.smallestSingleFlight();
	}

	@Benchmark
	@Over("httpComponents")
	public List<InetSocketAddress> netTrace(NetTraceApplication application) throws UnknownHostException {
		return application.resolver.resolve(Fixed.HOST, Fixed.PORT);
	}

	/**
	 * The peer is asked for addresses without port, which costs it less.
	 */
	@Benchmark
	@Over("httpComponents")
	public InetAddress[] httpComponentsObservation(BareClients bare) throws UnknownHostException {
		return bare.metered.resolve(Fixed.HOST);
	}

	@Benchmark
	public Future<InetSocketAddress> netty(BareClients bare) {
		return bare.nettyResolver.resolve(bare.unresolved);
	}

	@Benchmark
	@Over("netty")
	public Future<InetSocketAddress> reactorNetty(ReactorNetty peer) {
		return peer.resolver.resolve(peer.unresolved);
	}

	@Benchmark
	public List<InetAddress> okHttp(OkHttp peer) {
		return peer.answer;
	}

	@Benchmark
	@Over("okHttp")
	public List<InetAddress> okHttpListener(OkHttp peer) {
		return peer.lookUp(peer.registering);
	}

	@Benchmark
	@Over("okHttp")
	public List<InetAddress> okHttpListenerHoldingTimers(OkHttp peer) {
		return peer.lookUp(peer.holding);
	}

	@Benchmark
	public Observation keyedObservation(KeyedObservation peer) {
		return peer.observe();
	}

}
