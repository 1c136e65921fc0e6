package io.nettrace.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a user of a module can name: its public types with their public and protected
 * members, in an order that does not depend on the compiler.
 */
final class PublicApi {

	private static final Set<String> OF_EVERY_OBJECT = Set.of("equals(Object)", "hashCode()", "toString()");

	private static final Set<String> OF_EVERY_ENUM = Set.of("values()", "valueOf(String)");

	private PublicApi() {
	}

	/** A line for each type, followed by an indented line for each member. */
	static List<String> of(Path classes) {
		return of(types(classes));
	}

	static List<String> of(Collection<Class<?>> types) {
		List<String> lines = new ArrayList<>();
		types.stream().filter(PublicApi::isVisible).sorted(Comparator.comparing(Class::getName)).forEach((type) -> {
			lines.add(header(type));
			members(type).forEach((member) -> lines.add("\t" + member));
		});
		return lines;
	}

	private static List<Class<?>> types(Path classes) {
		try (Stream<Path> files = Files.walk(classes)) {
			return files.map((file) -> classes.relativize(file).toString())
				.filter((file) -> file.endsWith(".class") && !file.endsWith("package-info.class"))
				.map((file) -> file.substring(0, file.length() - ".class".length())
					.replace('/', '.')
					.replace('\\', '.'))
				.<Class<?>>map(PublicApi::load)
				.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Class<?> load(String name) {
		try {
			return Class.forName(name, false, PublicApi.class.getClassLoader());
		}
		catch (ClassNotFoundException ex) {
			throw new IllegalStateException("The pom must name the module of " + name + " as a dependency", ex);
		}
	}

	private static boolean isVisible(Class<?> type) {
		Class<?> outer = type.getDeclaringClass();
		return isVisible(type.getModifiers()) && !type.isAnonymousClass() && !type.isLocalClass()
				&& (outer == null || isVisible(outer));
	}

	private static boolean isVisible(int modifiers) {
		return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
	}

	private static String header(Class<?> type) {
		String name = type.getPackageName() + "." + TypeNames.of(type) + TypeNames.parameters(type.getTypeParameters());
		String header = modifiers(type, type.getModifiers()) + kind(type) + " " + name;
		if (type.isRecord()) {
			header += list(type.getRecordComponents(),
					(component) -> TypeNames.of(component.getAnnotatedType()) + " " + component.getName());
		}
		AnnotatedType parent = type.getAnnotatedSuperclass();
		if (parent != null && !type.isEnum() && !type.isRecord() && parent.getType() != Object.class) {
			header += " extends " + TypeNames.of(parent);
		}
		header += clause(type.isInterface() ? " extends " : " implements ", type.getAnnotatedInterfaces(),
				TypeNames::of);
		return header + (isSealed(type) ? clause(" permits ", type.getPermittedSubclasses(), TypeNames::of) : "");
	}

	/** Constants with a body make an enum sealed. */
	private static boolean isSealed(Class<?> type) {
		return type.isSealed() && !type.isEnum();
	}

	private static String kind(Class<?> type) {
		if (type.isAnnotation()) {
			return "@interface";
		}
		if (type.isInterface()) {
			return "interface";
		}
		return type.isEnum() ? "enum" : type.isRecord() ? "record" : "class";
	}

	private static List<String> members(Class<?> type) {
		Set<Class<?>> declaring = declaring(type);
		List<String> members = new ArrayList<>();
		visible(type, declaring, Class::getDeclaredFields).filter(Field::isEnumConstant)
			.map(Field::getName)
			.forEach(members::add);
		visible(type, declaring, Class::getDeclaredFields).filter((field) -> !field.isEnumConstant())
			.sorted(Comparator.comparing(Field::getName))
			.map(PublicApi::field)
			.forEach(members::add);
		visible(type, Set.of(type), Class::getDeclaredConstructors)
			.filter((constructor) -> !isCanonical(type, constructor))
			.map((constructor) -> constructor(type, constructor))
			.sorted()
			.forEach(members::add);
		visible(type, declaring, Class::getDeclaredMethods).filter((method) -> !isImplied(type, method))
			.sorted(Comparator.comparing(Method::getName).thenComparing(PublicApi::method))
			.map(PublicApi::method)
			.distinct()
			.forEach(members::add);
		return members;
	}

	/** The type, and those it inherits from that cannot be named. */
	private static Set<Class<?>> declaring(Class<?> type) {
		Set<Class<?>> declaring = new LinkedHashSet<>(Set.of(type));
		Stream.concat(Stream.ofNullable(type.getSuperclass()), Stream.of(type.getInterfaces()))
			.filter((parent) -> !isVisible(parent))
			.forEach((parent) -> declaring.addAll(declaring(parent)));
		return declaring;
	}

	private static <M extends Member> Stream<M> visible(Class<?> type, Set<Class<?>> declaring,
			Function<Class<?>, M[]> declared) {
		boolean extensible = !Modifier.isFinal(type.getModifiers());
		return declaring.stream()
			.flatMap((declarer) -> Stream.of(declared.apply(declarer)))
			.filter((member) -> !member.isSynthetic() && (Modifier.isPublic(member.getModifiers())
					|| (Modifier.isProtected(member.getModifiers()) && extensible)));
	}

	private static String field(Field field) {
		return modifiers(field, field.getModifiers()) + TypeNames.of(field.getAnnotatedType()) + " " + field.getName()
				+ value(field);
	}

	/** Of a constant, because the compiler copies it into the callers. */
	private static String value(Field field) {
		boolean constant = Modifier.isStatic(field.getModifiers()) && Modifier.isFinal(field.getModifiers())
				&& (field.getType().isPrimitive() || field.getType() == String.class);
		if (!constant || !field.trySetAccessible()) {
			return "";
		}
		try {
			return " = " + ((field.get(null) instanceof String text) ? '"' + text + '"' : field.get(null));
		}
		catch (IllegalAccessException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static String constructor(Class<?> type, Constructor<?> constructor) {
		return modifiers(constructor, constructor.getModifiers()) + type.getSimpleName() + signature(constructor);
	}

	private static String method(Method method) {
		String parameters = TypeNames.parameters(method.getTypeParameters());
		return modifiers(method, method.getModifiers()) + (method.isDefault() ? "default " : "")
				+ (parameters.isEmpty() ? "" : parameters + " ") + TypeNames.of(method.getAnnotatedReturnType()) + " "
				+ method.getName() + signature(method);
	}

	private static boolean isImplied(Class<?> type, Method method) {
		String name = method.getName() + list(method.getParameterTypes(), TypeNames::of);
		return OF_EVERY_OBJECT.contains(name) || (type.isEnum() && OF_EVERY_ENUM.contains(name))
				|| (type.isRecord() && Stream.of(type.getRecordComponents())
					.anyMatch((component) -> component.getAccessor().equals(method)));
	}

	private static boolean isCanonical(Class<?> type, Constructor<?> constructor) {
		return type.isRecord() && List.of(constructor.getParameterTypes())
			.equals(Stream.of(type.getRecordComponents()).map(RecordComponent::getType).toList());
	}

	private static String signature(Executable executable) {
		return list(executable.getAnnotatedParameterTypes(), TypeNames::of)
				+ clause(" throws ", executable.getAnnotatedExceptionTypes(), TypeNames::of);
	}

	private static String modifiers(AnnotatedElement element, int modifiers) {
		int shown = modifiers
				& (Modifier.PUBLIC | Modifier.PROTECTED | Modifier.STATIC | Modifier.FINAL | Modifier.ABSTRACT);
		if (element instanceof Class<?> type) {
			// implied by what it is
			shown &= type.isInterface() ? ~(Modifier.ABSTRACT | Modifier.STATIC)
					: type.isRecord() || type.isEnum() ? ~(Modifier.ABSTRACT | Modifier.STATIC | Modifier.FINAL) : ~0;
			return annotation(element) + words(shown) + (isSealed(type) ? "sealed " : "");
		}
		return annotation(element) + words(shown);
	}

	private static String annotation(AnnotatedElement element) {
		return element.isAnnotationPresent(Deprecated.class) ? "@Deprecated " : "";
	}

	private static String words(int modifiers) {
		return (modifiers == 0) ? "" : Modifier.toString(modifiers) + " ";
	}

	private static <T> String list(T[] elements, Function<T, String> name) {
		return Stream.of(elements).map(name).collect(Collectors.joining(", ", "(", ")"));
	}

	private static <T> String clause(String keyword, T[] elements, Function<T, String> name) {
		return (elements.length == 0) ? ""
				: Stream.of(elements).map(name).collect(Collectors.joining(", ", keyword, ""));
	}

}
