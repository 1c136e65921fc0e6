package io.nettrace.client.httpcomponents;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Reads what the library's builders and managers have no getters for. A field that a
 * release does not have is a {@link NoSuchFieldException}; its caller then leaves the
 * client untraced.
 */
final class PrivateFields {

	private PrivateFields() {
	}

	static @Nullable Object get(Class<?> declaring, String name, Object target) throws ReflectiveOperationException {
		return accessible(declaring.getDeclaredField(name)).get(target);
	}

	/**
	 * Whether a setting is on that later releases of the library no longer have.
	 */
	static boolean isSet(Class<?> declaring, String name, Object target) throws ReflectiveOperationException {
		try {
			return accessible(declaring.getDeclaredField(name)).getBoolean(target);
		}
		catch (NoSuchFieldException ex) {
			return false; // HttpClient 5.7 asks for no system properties
		}
	}

	/**
	 * All instance fields, without a list of names: releases add some.
	 */
	static List<Field> all(Class<?> declaring) {
		return all(declaring, (field) -> true);
	}

	static List<Field> all(Class<?> declaring, Class<?> type) {
		return all(declaring, (field) -> field.getType() == type);
	}

	private static List<Field> all(Class<?> declaring, Predicate<Field> wanted) {
		return Stream.of(declaring.getDeclaredFields())
			.filter((field) -> !Modifier.isStatic(field.getModifiers()))
			.filter(wanted)
			.map(PrivateFields::accessible)
			.toList();
	}

	private static Field accessible(Field field) {
		field.setAccessible(true);
		return field;
	}

}
