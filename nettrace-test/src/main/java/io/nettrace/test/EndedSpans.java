package io.nettrace.test;

import java.util.concurrent.TimeUnit;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;

/**
 * Flushes ended spans to their exporter.
 */
public final class EndedSpans {

	private EndedSpans() {
	}

	/**
	 * Export all spans that have ended before this call. One thread at a time may call
	 * this.
	 * @param processor holds the spans
	 * @throws IllegalStateException if that takes more than ten seconds
	 */
	public static void export(BatchSpanProcessor processor) {
		if (!newFlush(processor).join(10, TimeUnit.SECONDS).isSuccess()) {
			throw new IllegalStateException("The spans that have ended were not exported within 10 s");
		}
	}

	/**
	 * The processor's thread reports that a flush is over before it takes the next one. A
	 * call in between gets the old result. Only a flush that is still under way is
	 * certainly new.
	 */
	private static CompletableResultCode newFlush(BatchSpanProcessor processor) {
		CompletableResultCode flush;
		do {
			flush = processor.forceFlush();
		}
		while (flush.isDone());
		return flush;
	}

}
