package io.nettrace.contract.stress;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The spans below a request's. Holds nothing of the request.
 */
final class SpanCount {

	private final AtomicInteger unended = new AtomicInteger();

	private final Map<String, Integer> ended = new ConcurrentHashMap<>();

	void started() {
		this.unended.incrementAndGet();
	}

	void ended(String name) {
		this.ended.merge(name, 1, Integer::sum);
		this.unended.decrementAndGet();
	}

	/**
	 * How many spans of that name have ended.
	 */
	int of(String name) {
		return this.ended.getOrDefault(name, 0);
	}

	boolean isOver() {
		return this.unended.get() == 0;
	}

	@Override
	public String toString() {
		return "spans " + this.ended + ", " + this.unended + " not ended";
	}

}
