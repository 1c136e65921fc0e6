package io.nettrace.autoconfigure;

import java.lang.ref.Reference;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.micrometer.observation.Observation;
import io.nettrace.NetTraceContext;
import io.opentelemetry.context.Context;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is bound to the platform threads of this JVM, whatever client, event loop or pool
 * they belong to: if a thread keeps something after its request, its next request
 * inherits it. Reads the maps behind {@link ThreadLocal}, so that it misses nothing, as a
 * list of our thread-locals might.
 */
public final class BoundToThreads {

	private static final Field[] MAPS = { field(Thread.class, "threadLocals"),
			field(Thread.class, "inheritableThreadLocals") };

	private BoundToThreads() {
	}

	/**
	 * Wait until no thread has an observation, a span, or anything of nettrace bound.
	 */
	public static void awaitNothing() {
		Awaitility.await()
			.atMost(Duration.ofSeconds(20))
			.pollInterval(Duration.ofMillis(5))
			.untilAsserted(() -> assertThat(all()).isEmpty());
	}

	/**
	 * Return what is bound, with the name of the thread.
	 */
	static List<String> all() {
		List<String> bound = new ArrayList<>();
		for (Thread thread : Thread.getAllStackTraces().keySet()) {
			for (Field map : MAPS) {
				addOurs(thread, read(map, thread), bound);
			}
		}
		return bound;
	}

	private static void addOurs(Thread thread, @Nullable Object map, List<String> bound) {
		Object[] table = (map != null) ? (Object[]) read(field(map.getClass(), "table"), map) : null;
		if (table == null) {
			return;
		}
		for (Object entry : table) {
			Object value = (entry != null) ? read(field(entry.getClass(), "value"), entry) : null;
			if (value != null && isOurs(value) && !isLookupAtWork(thread, value)) {
				bound.add(thread.getName() + ": " + value.getClass().getName() + " " + value + " by "
						+ ((Reference<?>) entry).get());
			}
		}
	}

	/**
	 * A lookup that was given up may still run silently on its own thread.
	 */
	private static boolean isLookupAtWork(Thread thread, Object value) {
		return thread.getName().startsWith("nettrace-lookup-") && value instanceof NetTraceContext.Scope
				&& read(field(NetTraceContext.Scope.class, "context"), value) == NetTraceContext.silent();
	}

	private static boolean isOurs(Object value) {
		return value instanceof Observation.Scope || value instanceof Observation
				|| (value instanceof Context context && context != Context.root())
				|| value.getClass().getName().startsWith("io.nettrace.");
	}

	private static @Nullable Object read(Field field, Object object) {
		try {
			return field.get(object);
		}
		catch (IllegalAccessException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static Field field(Class<?> type, String name) {
		try {
			Field field = type.getDeclaredField(name);
			field.setAccessible(true);
			return field;
		}
		catch (NoSuchFieldException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
