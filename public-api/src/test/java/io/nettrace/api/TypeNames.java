package io.nettrace.api;

import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.AnnotatedWildcardType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.TypeVariable;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Types as source code names them, with {@code @Nullable} and without packages.
 */
final class TypeNames {

	private TypeNames() {
	}

	static String of(AnnotatedType type) {
		String nullable = type.isAnnotationPresent(Nullable.class) ? "@Nullable " : "";
		if (type instanceof AnnotatedArrayType array) {
			return of(array.getAnnotatedGenericComponentType()) + (nullable.isEmpty() ? "" : " " + nullable) + "[]";
		}
		if (type instanceof AnnotatedWildcardType wildcard) {
			return wildcard(wildcard);
		}
		if (type instanceof AnnotatedParameterizedType parameterized) {
			return nullable + of((Class<?>) ((ParameterizedType) type.getType()).getRawType())
					+ Stream.of(parameterized.getAnnotatedActualTypeArguments())
						.map(TypeNames::of)
						.collect(Collectors.joining(", ", "<", ">"));
		}
		return nullable + ((type.getType() instanceof Class<?> plain) ? of(plain) : type.getType().getTypeName());
	}

	static String of(Class<?> type) {
		Class<?> outer = type.getDeclaringClass();
		return ((outer != null) ? of(outer) + "." : "") + type.getSimpleName();
	}

	/** What stands behind the name of a generic type or before a generic method. */
	static String parameters(TypeVariable<?>[] variables) {
		return (variables.length == 0) ? ""
				: Stream.of(variables).map(TypeNames::parameter).collect(Collectors.joining(", ", "<", ">"));
	}

	private static String parameter(TypeVariable<?> variable) {
		return variable.getName() + bounds(" extends ", variable.getAnnotatedBounds());
	}

	private static String wildcard(AnnotatedWildcardType type) {
		AnnotatedType[] lower = type.getAnnotatedLowerBounds();
		return "?"
				+ ((lower.length > 0) ? bounds(" super ", lower) : bounds(" extends ", type.getAnnotatedUpperBounds()));
	}

	private static String bounds(String keyword, AnnotatedType[] bounds) {
		String names = Arrays.stream(bounds).map(TypeNames::of).collect(Collectors.joining(" & "));
		return names.equals("Object") ? "" : keyword + names;
	}

}
