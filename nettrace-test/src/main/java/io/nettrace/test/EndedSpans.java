package io.nettrace.test;

import java.util.concurrent.TimeUnit;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;

/**
 * Brings the spans that have ended to their exporter.
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
	 * The processor's thread says that a flush is over before it takes the next one: a
	 * caller that asks in between gets the old one's result. Only one that is still under
	 * way is surely new.
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
