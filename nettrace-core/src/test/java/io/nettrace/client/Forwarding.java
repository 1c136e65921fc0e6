package io.nettrace.client;

import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.mockito.Answers;
import org.mockito.Mockito;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Calls every method of a wrapped interface, default methods included, and looks where
 * the call arrives. A library's next release may add a default method that a wrapper does
 * not know, and would then be switched off without a word.
 */
public final class Forwarding {

	private Forwarding() {
	}

	/**
	 * Check that a wrapper forwards every method of an interface to the method of the
	 * same name, and to no other one that returns nothing, and returns what that returns.
	 * @param type the wrapped interface
	 * @param wrapper wraps an instance
	 */
	public static <T> void check(Class<T> type, UnaryOperator<T> wrapper) {
		check(type, Object.class, wrapper);
	}

	/**
	 * Check an interface that has a type parameter.
	 * @param type the wrapped interface
	 * @param typeArgument what the type parameter stands for
	 * @param wrapper wraps an instance
	 */
	public static <T> void check(Class<T> type, Class<?> typeArgument, UnaryOperator<T> wrapper) {
		Stream.of(type.getMethods())
			.filter((method) -> !Modifier.isStatic(method.getModifiers()))
			.forEach((method) -> check(type, typeArgument, wrapper, method));
	}

	private static <T> void check(Class<T> type, Class<?> typeArgument, UnaryOperator<T> wrapper, Method method) {
		Object[] returned = new Object[1];
		Method[] called = new Method[1];
		List<String> actions = new ArrayList<>();
		T delegate = Mockito.mock(type, (call) -> {
			called[0] = call.getMethod();
			if (called[0].getReturnType() == void.class) {
				actions.add(called[0].getName());
			}
			returned[0] = argument(call.getMethod().getReturnType());
			return returned[0];
		});
		T wrapped = wrapper.apply(delegate);
		actions.clear();
		Object result = call(method, wrapped, typeArgument);
		assertThat(called[0]).as("where %s arrives", method).isNotNull();
		assertThat(called[0].getName()).isEqualTo(method.getName());
		assertThat(called[0].getParameterTypes()).as("which %s is called", method.getName())
			.isEqualTo(method.getParameterTypes());
		assertThat(actions).as("what %s does", method)
			.isEqualTo((method.getReturnType() == void.class) ? List.of(method.getName()) : List.of());
		assertThat(result).as("what %s returns", method).isEqualTo(returned[0]);
	}

	private static @Nullable Object call(Method method, Object target, Class<?> typeArgument) {
		try {
			return method.invoke(target,
					Stream.of(method.getParameterTypes())
						.map((type) -> argument((type == Object.class) ? typeArgument : type))
						.toArray(Object[]::new));
		}
		catch (ReflectiveOperationException ex) {
			throw new LinkageError(method + " cannot be called", ex);
		}
	}

	private static @Nullable Object argument(Class<?> type) {
		if (type == void.class) {
			return null;
		}
		if (type == int.class) {
			return 7;
		}
		if (type == long.class) {
			return 7L;
		}
		if (type == boolean.class) {
			return true;
		}
		if (type == String.class) {
			return "text";
		}
		if (type.isArray()) {
			return Array.newInstance(type.getComponentType(), 0);
		}
		if (type.isEnum()) {
			return type.getEnumConstants()[0];
		}
		if (type == ByteBuffer.class) {
			return ByteBuffer.allocate(0); // sealed since Java 19
		}
		return Mockito.mock(type, Answers.RETURNS_DEEP_STUBS); // a wrapper may look into
																// it
	}

}
