package io.nettrace.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

import com.sun.management.ThreadMXBean;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Counts what the threads of a call allocate, the caller's and the event loops'. JMH's
 * own profiler also counts the exporter, which drops a varying share of a benchmark's
 * spans.
 */
public final class CallerProfiler implements InternalProfiler {

	static final String BYTES = "caller.alloc.norm";

	private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

	private long before;

	@Override
	public String getDescription() {
		return "Bytes that the threads of a call allocate";
	}

	@Override
	public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
		this.before = allocatedBytes();
	}

	@Override
	public Collection<? extends Result<?>> afterIteration(BenchmarkParams benchmark, IterationParams iteration,
			IterationResult result) {
		double bytes = (double) (allocatedBytes() - this.before) / result.getMetadata().getAllOps();
		return List.of(new ScalarResult(BYTES, bytes, "B/op", AggregationPolicy.AVG));
	}

	private long allocatedBytes() {
		long[] ids = Arrays.stream(this.threads.getThreadInfo(this.threads.getAllThreadIds()))
			.filter(Objects::nonNull)
			.filter((thread) -> belongsToCall(thread.getThreadName()))
			.mapToLong(ThreadInfo::getThreadId)
			.toArray();
		return Arrays.stream(this.threads.getThreadAllocatedBytes(ids)).filter((bytes) -> bytes > 0).sum();
	}

	private static boolean belongsToCall(String thread) {
		return thread.contains("jmh-worker") || thread.startsWith("reactor-http-");
	}

}
