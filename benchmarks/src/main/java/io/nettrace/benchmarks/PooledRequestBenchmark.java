package io.nettrace.benchmarks;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.http.ResponseEntity;
import reactor.netty.http.client.HttpClientResponse;

/**
 * A request on a pooled connection, without a lookup or a connect. The server is in the
 * same process.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 8, time = 1)
public class PooledRequestBenchmark {

	@Benchmark
	public int httpComponents(PooledClients clients) throws IOException {
		return clients.callHttpComponents();
	}

	@Benchmark
	public @Nullable HttpClientResponse reactorNetty(PooledClients clients) {
		return clients.callReactorNetty();
	}

	@Benchmark
	public @Nullable ResponseEntity<Void> webClient(PooledClients clients) {
		return clients.callWebClient();
	}

}
