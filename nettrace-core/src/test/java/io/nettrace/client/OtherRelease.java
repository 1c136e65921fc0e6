package io.nettrace.client;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Loads a library and its adapter anew, with one name of one class changed: a release in
 * which a field or a method that nettrace needs is not there.
 */
public final class OtherRelease extends ClassLoader {

	private final String type;

	private final String name;

	private final List<String> packages;

	/**
	 * Create a class loader.
	 * @param type the class
	 * @param name the name that it lacks
	 * @param packages how the names of the classes begin that are loaded anew
	 */
	public OtherRelease(String type, String name, String... packages) {
		super(OtherRelease.class.getClassLoader());
		this.type = type;
		this.name = name;
		this.packages = List.of(packages);
	}

	/**
	 * Return an object of a class, as this loads it.
	 */
	public Object newInstance(Class<?> type) throws ReflectiveOperationException {
		Constructor<?> constructor = Class.forName(type.getName(), true, this).getDeclaredConstructor();
		constructor.setAccessible(true);
		return constructor.newInstance();
	}

	@Override
	protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
		if (this.packages.stream().noneMatch(name::startsWith)) {
			return super.loadClass(name, resolve);
		}
		synchronized (getClassLoadingLock(name)) {
			Class<?> loaded = findLoadedClass(name);
			return (loaded != null) ? loaded : define(name);
		}
	}

	private Class<?> define(String name) throws ClassNotFoundException {
		try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
			if (in == null) {
				throw new ClassNotFoundException(name);
			}
			byte[] code = in.readAllBytes();
			if (name.equals(this.type)) {
				rename(code);
			}
			return defineClass(name, code, 0, code.length);
		}
		catch (IOException ex) {
			throw new ClassNotFoundException(name, ex);
		}
	}

	/**
	 * In the constant pool, where each name stands once, after its length.
	 */
	private void rename(byte[] code) {
		String text = new String(code, StandardCharsets.ISO_8859_1);
		String constant = "\1" + (char) (this.name.length() >> 8) + (char) (this.name.length() & 0xff) + this.name;
		int start = text.indexOf(constant);
		assertThat(start).as(this.name + " in " + this.type).isPositive();
		code[start + constant.length() - 1] = 'X';
	}

}
