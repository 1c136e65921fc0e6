package io.nettrace.conformance;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * A JSON object of a scenario. Its reader calls {@link #end()}: a member that was not
 * read is one that this runner does not know.
 */
final class Json {

	private final String what;

	private final Map<String, Object> members;

	private Json(String what, Map<String, Object> members) {
		this.what = what;
		this.members = members;
	}

	static Json of(String what, @Nullable Object value) {
		if (!(value instanceof Map<?, ?> map)) {
			throw new UnsupportedScenarioException(what + " that is not an object");
		}
		Map<String, Object> members = new LinkedHashMap<>();
		map.forEach((key, member) -> members.put((String) key, member));
		return new Json(what, members);
	}

	private @Nullable Object take(String key) {
		return this.members.remove(key);
	}

	private <T> @Nullable T take(String key, Class<T> type) {
		Object value = take(key);
		if (value != null && !type.isInstance(value)) {
			throw new UnsupportedScenarioException("a " + this.what + " whose '" + key + "' is " + value);
		}
		return type.cast(value);
	}

	private <T> T required(String key, @Nullable T value) {
		if (value == null) {
			throw new UnsupportedScenarioException("a " + this.what + " without '" + key + "'");
		}
		return value;
	}

	@Nullable String text(String key) {
		return take(key, String.class);
	}

	String requiredText(String key) {
		return required(key, text(key));
	}

	@Nullable Long millis(String key) {
		Number number = take(key, Number.class);
		return (number != null) ? number.longValue() : null;
	}

	long requiredMillis(String key) {
		return required(key, millis(key));
	}

	boolean flag(String key) {
		return Boolean.TRUE.equals(take(key, Boolean.class));
	}

	@Nullable Boolean bool(String key) {
		return take(key, Boolean.class);
	}

	Json object(String key) {
		return of(key, required(key, take(key)));
	}

	/**
	 * Read an array.
	 * @return the elements, {@code null} if there is no such array
	 */
	<T> @Nullable List<T> list(String key, Function<Object, T> element) {
		List<?> values = take(key, List.class);
		return (values != null) ? values.stream().<T>map(element).toList() : null;
	}

	<T> List<T> requiredList(String key, Function<Object, T> element) {
		return required(key, list(key, element));
	}

	/**
	 * Read an object whose keys are names.
	 */
	<K, T> Map<K, T> map(String key, Function<String, K> name, BiFunction<String, Json, T> value) {
		Map<K, T> result = new HashMap<>();
		object(key).members.forEach((each, member) -> result.put(name.apply(each), value.apply(each, of(key, member))));
		return result;
	}

	void ignore(String... keys) {
		for (String key : keys) {
			take(key);
		}
	}

	void end() {
		if (!this.members.isEmpty()) {
			throw new UnsupportedScenarioException("a " + this.what + " with " + this.members.keySet());
		}
	}

}
