package io.nettrace.demo;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

import io.nettrace.observation.recent.RecentRequest;
import io.nettrace.observation.recent.RecentRequests;
import io.opentelemetry.api.trace.SpanKind;

import org.springframework.stereotype.Component;

/**
 * Finds the requests of a trace among the last ones.
 */
@Component
final class ScenarioRequests {

	private static final long PATIENCE = Duration.ofSeconds(2).toNanos();

	private static final long PAUSE = Duration.ofMillis(1).toNanos();

	private final RecentRequests recent;

	ScenarioRequests(RecentRequests recent) {
		this.recent = recent;
	}

	/**
	 * Wait for the requests of a trace. Their spans have ended; a request is there once
	 * its response has been read, which may be a moment later.
	 * @param trace the trace
	 * @return its requests, fewer than it has if some have not come
	 */
	List<RecentRequest> await(TraceView trace) {
		long expected = trace.spans().stream().filter((span) -> span.kind() == SpanKind.CLIENT).count();
		long begun = System.nanoTime();
		List<RecentRequest> requests = find(trace);
		while (requests.size() < expected && System.nanoTime() - begun < PATIENCE) {
			LockSupport.parkNanos(PAUSE);
			requests = find(trace);
		}
		return requests;
	}

	private List<RecentRequest> find(TraceView trace) {
		return this.recent.requests().stream().filter((request) -> trace.traceId().equals(request.traceId())).toList();
	}

}
