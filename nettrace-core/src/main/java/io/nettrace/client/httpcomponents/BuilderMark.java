package io.nettrace.client.httpcomponents;

import java.lang.reflect.Field;

import org.apache.hc.core5.function.Resolver;
import org.jspecify.annotations.Nullable;

/**
 * Leads from a connection manager that Spring Boot has built to the library's builder
 * that built it, and tells it from a manager that the application has set instead. Boot
 * creates both, so neither can be a subclass. A manager keeps the resolvers of its
 * builder, so the mark is put around each of them: an application that sets one of them
 * later takes that one's mark away, and the others still tell.
 */
final class BuilderMark<K, V> implements Resolver<K, V> {

	private final Object builder;

	private final @Nullable Resolver<K, V> resolver;

	private BuilderMark(Object builder, @Nullable Resolver<K, V> resolver) {
		this.builder = builder;
		this.resolver = resolver;
	}

	@Override
	public @Nullable V resolve(K key) {
		return (this.resolver != null) ? this.resolver.resolve(key) : null;
	}

	/**
	 * Mark what the builder is going to build. Marking again adds the marks that are
	 * missing.
	 * @param builder the library's builder
	 * @param type the class that declares its settings
	 * @throws ReflectiveOperationException if the builder has no place for a mark
	 */
	static <B> void put(B builder, Class<B> type) throws ReflectiveOperationException {
		boolean marked = false;
		for (Field field : PrivateFields.all(type, Resolver.class)) {
			Object resolver = field.get(builder);
			if (!(resolver instanceof BuilderMark)) {
				field.set(builder, new BuilderMark<>(builder, (Resolver<?, ?>) resolver));
			}
			marked = true;
		}
		if (!marked) {
			throw new NoSuchFieldException(type.getName() + " has no resolver of settings");
		}
	}

	/**
	 * Find the builder of a connection manager.
	 * @param manager the connection manager
	 * @param managerType the class that declares its settings
	 * @param builderType the type of the builder
	 * @return the builder, or {@code null} if the manager has no mark
	 * @throws IllegalAccessException if the manager cannot be read
	 */
	static <B> @Nullable B builderOf(Object manager, Class<?> managerType, Class<B> builderType)
			throws IllegalAccessException {
		if (managerType.isInstance(manager)) {
			for (Field field : PrivateFields.all(managerType, Resolver.class)) {
				if (field.get(manager) instanceof BuilderMark<?, ?> mark && builderType.isInstance(mark.builder)) {
					return builderType.cast(mark.builder);
				}
			}
		}
		return null;
	}

	/**
	 * Give a builder all settings of another one, without the marks.
	 */
	static <B> void copySettings(B from, B to, Class<B> type) throws IllegalAccessException {
		for (Field field : PrivateFields.all(type)) {
			Object value = field.get(from);
			field.set(to, (value instanceof BuilderMark<?, ?> mark) ? mark.resolver : value);
		}
	}

}
