package io.nettrace.client;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.util.List;
import java.util.function.UnaryOperator;

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

	/**
	 * The fields that are read: the resolver that a filter asks, and the filter itself. A
	 * constructor takes both, in this order.
	 */
	public static final List<String> FIELDS = List.of("delegate", "filter");

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
		try {
			T innermost = resolver;
			while (isFilter(innermost)) {
				innermost = delegateOf(innermost, type);
			}
			return innermost;
		}
		catch (ReflectiveOperationException | RuntimeException ex) {
			return null;
		}
	}

	/**
	 * Wrap the resolver that a filter asks, and put the same filter in front of it.
	 * @param <T> the library's type of resolvers
	 * @param resolver a resolver, perhaps a filter
	 * @param type the library's type of resolvers
	 * @param wrapper wraps the innermost resolver
	 * @return the wrapped resolver, or the given one if it is a filter that cannot be
	 * read
	 */
	public static <T> T wrapInnermost(T resolver, Class<T> type, UnaryOperator<T> wrapper) {
		try {
			return wrap(resolver, type, wrapper);
		}
		catch (ReflectiveOperationException | RuntimeException ex) {
			logger.log(System.Logger.Level.WARNING,
					"The address filter " + resolver.getClass().getName()
							+ " cannot be read, so its client's lookups are not shared and ask no alternate resolver",
					ex);
			return resolver;
		}
	}

	private static <T> T wrap(T resolver, Class<T> type, UnaryOperator<T> wrapper) throws ReflectiveOperationException {
		if (!isFilter(resolver)) {
			return wrapper.apply(resolver);
		}
		Field filter = field(resolver, FIELDS.get(1));
		Constructor<?> constructor = resolver.getClass().getDeclaredConstructor(type, filter.getType());
		constructor.setAccessible(true);
		T wrapped = wrap(delegateOf(resolver, type), type, wrapper);
		return type.cast(constructor.newInstance(wrapped, filter.get(resolver)));
	}

	private static boolean isFilter(Object resolver) {
		return TYPES.contains(resolver.getClass().getName());
	}

	private static <T> T delegateOf(T filter, Class<T> type) throws ReflectiveOperationException {
		return type.cast(field(filter, FIELDS.get(0)).get(filter));
	}

	private static Field field(Object filter, String name) throws ReflectiveOperationException {
		Field field = filter.getClass().getDeclaredField(name);
		field.setAccessible(true);
		return field;
	}

}
