package io.nettrace.autoconfigure;

import java.lang.reflect.Field;

import org.jspecify.annotations.Nullable;

/**
 * A field of Spring's that has no getter.
 *
 * @param field the field, {@code null} if this release does not have it
 */
record PrivateField(@Nullable Field field) {

	static PrivateField of(Class<?> declaring, String name) {
		try {
			Field field = declaring.getDeclaredField(name);
			field.setAccessible(true);
			return new PrivateField(field);
		}
		catch (NoSuchFieldException | RuntimeException ex) {
			return new PrivateField(null);
		}
	}

	@Nullable Object get(Object target) {
		try {
			return (this.field != null) ? this.field.get(target) : null;
		}
		catch (IllegalAccessException ex) {
			return null;
		}
	}

}
