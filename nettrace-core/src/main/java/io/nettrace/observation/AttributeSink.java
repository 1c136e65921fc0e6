package io.nettrace.observation;

import java.util.List;

/**
 * Where attributes go: a span or an event.
 */
public interface AttributeSink {

	void put(String key, String value);

	void put(String key, Long value);

	void put(String key, List<String> values);

}
