package io.nettrace.client;

import java.lang.reflect.Field;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Sees through the address filters that Spring Boot 4.1 and later puts around the
 * resolvers of HttpComponents and Jetty. They are private, so they are known by name and
 * read by reflection.
 */
public final class AddressFilters {

	/**
	 * The names of the filters' classes.
	 */
	public static final List<String> TYPES = List.of(
			"org.springframework.boot.http.client.HttpComponentsFilteredDnsResolver",
			"org.springframework.boot.http.client.JettyFilteredSocketAddressResolver");

	private static final System.Logger logger = System.getLogger(AddressFilters.class.getName());

	private AddressFilters() {
	}

	/**
	 * Return the resolver that a filter asks.
	 * @param <T> the library's type of resolvers
	 * @param resolver a resolver, perhaps a filter
	 * @param type the library's type of resolvers
	 * @return the innermost resolver, the given one if it is no filter, or {@code null}
	 * if it is a filter that cannot be read
	 */
	public static <T> @Nullable T innermost(T resolver, Class<T> type) {
		T innermost = resolver;
		while (innermost != null && TYPES.contains(innermost.getClass().getName())) {
			innermost = delegateOf(innermost, type);
		}
		return innermost;
	}

	private static <T> @Nullable T delegateOf(T filter, Class<T> type) {
		try {
			Field delegate = filter.getClass().getDeclaredField("delegate");
			delegate.setAccessible(true);
			return type.cast(delegate.get(filter));
		}
		catch (ReflectiveOperationException | RuntimeException ex) {
			logger.log(System.Logger.Level.WARNING, "The resolver inside " + filter.getClass().getName()
					+ " cannot be read; its lookups are not shared", ex);
			return null;
		}
	}

}
