package io.nettrace.slices;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationView;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.stereotype.Component;

/**
 * Prints each observation with its parent, in the order in which they stopped. Opt-in: it
 * is a handler, and would hide a fault of nettrace that only shows without handlers.
 */
@Component
@ConditionalOnBooleanProperty("slice.observations")
final class ObservationReport implements ObservationHandler<Observation.Context>, DisposableBean {

	private final ConcurrentLinkedQueue<String> stopped = new ConcurrentLinkedQueue<>();

	@Override
	public boolean supportsContext(Observation.Context context) {
		return true;
	}

	/**
	 * Without waits for a connection: see {@link SpanReport}.
	 */
	@Override
	public void onStop(Observation.Context context) {
		if (!"http.client.request.time_in_queue".equals(context.getName())) {
			this.stopped.add(context.getName() + " below " + parent(context) + ours(context));
		}
	}

	private static String parent(Observation.Context context) {
		ObservationView parent = context.getParentObservation();
		return (parent != null) ? String.valueOf(parent.getContextView().getName()) : "nothing";
	}

	private static String ours(Observation.Context context) {
		Map<String, String> values = new TreeMap<>();
		for (KeyValue keyValue : context.getAllKeyValues()) {
			values.put(keyValue.getKey(), keyValue.getValue());
		}
		return values.containsKey("nettrace.client") ? " " + values.get("error.type") : "";
	}

	@Override
	public void destroy() {
		this.stopped.forEach((line) -> SliceApplication.print("observation", line));
	}

}
