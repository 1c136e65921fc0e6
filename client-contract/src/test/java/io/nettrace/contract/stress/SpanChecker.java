package io.nettrace.contract.stress;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;

/**
 * Counts each span to the request whose span is its parent.
 */
final class SpanChecker implements SpanProcessor {

	static final String REQUEST = "stress request";

	private final Map<String, SpanCount> byParent = new ConcurrentHashMap<>();

	private final AtomicLong started = new AtomicLong();

	private final AtomicLong ended = new AtomicLong();

	private final AtomicLong orphans = new AtomicLong();

	private volatile String firstOrphan = "";

	/**
	 * A request's span has started.
	 */
	void expect(String spanId, SpanCount count) {
		this.byParent.put(spanId, count);
	}

	/**
	 * A span may have no name yet.
	 */
	@Override
	public void onStart(Context parentContext, ReadWriteSpan span) {
		this.started.incrementAndGet();
		SpanCount count = this.byParent.get(span.getParentSpanContext().getSpanId());
		if (count != null) {
			count.started();
		}
	}

	@Override
	public boolean isStartRequired() {
		return true;
	}

	@Override
	public void onEnd(ReadableSpan span) {
		this.ended.incrementAndGet();
		SpanCount count = this.byParent.get(span.getParentSpanContext().getSpanId());
		if (count != null) {
			count.ended(span.getName());
		}
		else if (!span.getName().equals(REQUEST) && this.orphans.getAndIncrement() == 0) {
			this.firstOrphan = span.toString();
		}
	}

	@Override
	public boolean isEndRequired() {
		return true;
	}

	long started() {
		return this.started.get();
	}

	long unended() {
		return this.started.get() - this.ended.get();
	}

	long orphans() {
		return this.orphans.get();
	}

	String firstOrphan() {
		return this.firstOrphan;
	}

}
