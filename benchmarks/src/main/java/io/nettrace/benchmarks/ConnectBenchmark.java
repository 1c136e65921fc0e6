package io.nettrace.benchmarks;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.nettrace.NetTrace;
import io.nettrace.instrument.NetTraceAddress;
import io.netty.channel.ChannelFuture;
import okhttp3.EventListener;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What is done around one connect, and around a lookup and the connect after it. No
 * socket takes part: it would cost a hundred times as much.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 8, time = 1)
public class ConnectBenchmark {

	private static final InetSocketAddress ADDRESS = named();

	private static InetSocketAddress named() {
		try {
			return new InetSocketAddress(InetAddress.getByAddress(Fixed.HOST, new byte[] { 127, 0, 0, 1 }), Fixed.PORT);
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * As the traced socket does for an address that was not looked up before.
	 */
	@Benchmark
	public NetTrace netTrace(NetTraceApplication application) {
		NetTrace trace = application.tracing.blockingDial("httpcomponents", null, -1);
		trace.connectStart("tcp", ADDRESS);
		trace.connectDone("tcp", ADDRESS, null);
		return trace;
	}

	/**
	 * As the connection operator and the traced socket do.
	 */
	@Benchmark
	public List<InetSocketAddress> netTraceLookupAndConnect(NetTraceApplication application)
			throws UnknownHostException {
		List<InetSocketAddress> addresses = application.resolver.resolve(Fixed.HOST, Fixed.PORT);
		InetSocketAddress address = addresses.get(0);
		NetTrace carried = NetTraceAddress.traceOf(address);
		NetTrace trace = (carried != null) ? carried : application.tracing.blockingDial("httpcomponents", null, -1);
		trace.connectStart("tcp", address);
		trace.connectDone("tcp", address, null);
		return addresses;
	}

	@Benchmark
	public ChannelFuture netty(BareClients bare) {
		return bare.nettyConnect();
	}

	@Benchmark
	@Over("netty")
	public ChannelFuture reactorNetty(ReactorNetty peer) {
		return peer.connect();
	}

	@Benchmark
	public EventListener okHttpListener(OkHttp peer) {
		return peer.connect(peer.registering);
	}

	@Benchmark
	public EventListener okHttpListenerHoldingTimers(OkHttp peer) {
		return peer.connect(peer.holding);
	}

}
