package io.nettrace.observation;

import java.util.List;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationFilter;
import io.micrometer.observation.ObservationHandler;
import io.nettrace.instrument.HookFailures;

/**
 * Begins the record of each outgoing request when its observation starts, and hands it on
 * when that stops. A filter is told of the end before any handler, whatever their order,
 * so that the request's span has not ended. A response that is still being read then, as
 * with WebClient, is in what is written once it has been read. It adds nothing to the
 * observation: what handlers of the application see is what it was.
 */
public final class RequestRecorder implements ObservationHandler<Observation.Context>, ObservationFilter {

	private static final HookFailures failures = new HookFailures(System.getLogger(RequestRecorder.class.getName()));

	// An array, since a list makes an iterator for each request
	private final RequestRecordSink[] sinks;

	/**
	 * Create a recorder.
	 * @param sinks where records go
	 */
	public RequestRecorder(List<RequestRecordSink> sinks) {
		this.sinks = sinks.toArray(RequestRecordSink[]::new);
	}

	@Override
	public boolean supportsContext(Observation.Context context) {
		return RequestRecord.isRequest(context) && isNeeded();
	}

	private boolean isNeeded() {
		for (RequestRecordSink sink : this.sinks) {
			if (sink.isNeeded()) {
				return true;
			}
		}
		return false;
	}

	@Override
	public void onStart(Observation.Context context) {
		context.put(RequestRecord.class, new RequestRecord());
	}

	/**
	 * A filter of the application before this one may have returned {@code null}, and
	 * Micrometer passes that on.
	 */
	@Override
	@SuppressWarnings("ConstantValue")
	public Observation.Context map(Observation.Context context) {
		RequestRecord record = (context != null) ? RequestRecord.of(context) : null;
		if (record != null) {
			record.end(context.getError());
			for (RequestRecordSink sink : this.sinks) {
				if (sink.isNeeded() && sink.waitsForResponse()) {
					record.whenRead(() -> write(sink, context, record));
				}
				else if (sink.isNeeded()) {
					write(sink, context, record);
				}
			}
		}
		return context;
	}

	private static void write(RequestRecordSink sink, Observation.Context context, RequestRecord record) {
		try {
			sink.write(context, record);
		}
		catch (Throwable ex) {
			HookFailures.throwIfFatal(ex);
			failures.report(sink, ex);
		}
	}

}
