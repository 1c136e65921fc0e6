package io.nettrace.client.httpcomponents;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.util.List;

import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.jspecify.annotations.Nullable;

/**
 * Makes an interceptor and the element behind it one. For each request the library makes
 * an {@link ExecChain} for each element, which leads to the next one, and is the same
 * each time. The one that the next element would be given is kept here, so that a chain
 * with one more element allocates what it does without.
 */
final class NextElements {

	private volatile @Nullable Reader reader;

	private volatile @Nullable NextElement last;

	/**
	 * Return what a chain leads to. A builder may build several clients with the same
	 * interceptor: the chain of only the one that was used last is kept.
	 * @param chain the chain
	 * @return the element, or {@code null} if the library's chain is not as it is known:
	 * then proceed with the chain
	 */
	@Nullable NextElement of(ExecChain chain) {
		Class<?> type = chain.getClass();
		Reader reader = this.reader;
		try {
			if (reader == null || reader.type != type) {
				reader = Reader.of(type);
				this.reader = reader;
			}
			return next(reader, chain);
		}
		catch (ReflectiveOperationException | RuntimeException ex) {
			this.reader = new Reader(type, null); // do not try again
			return null;
		}
	}

	private @Nullable NextElement next(Reader reader, ExecChain chain) throws ReflectiveOperationException {
		Field leadsTo = reader.leadsTo;
		if (leadsTo == null) {
			return null;
		}
		Object element = leadsTo.get(chain);
		NextElement last = this.last;
		if (last != null && last.element() == element) {
			return last;
		}
		NextElement next = reader.read(element);
		this.last = next;
		return next;
	}

	/**
	 * Reads the library's chain: an element has a handler and the next element, and the
	 * chain that leads to it, which a method reference is, has nothing else.
	 */
	private static final class Reader {

		private final Class<?> type;

		private final @Nullable Field leadsTo;

		private Reader(Class<?> type, @Nullable Field leadsTo) {
			this.type = type;
			this.leadsTo = leadsTo;
		}

		static Reader of(Class<?> type) {
			List<Field> fields = PrivateFields.all(type);
			return new Reader(type, (fields.size() == 1) ? fields.get(0) : null);
		}

		NextElement read(Object element) throws ReflectiveOperationException {
			Class<?> elementType = element.getClass();
			Object handler = only(PrivateFields.all(elementType, ExecChainHandler.class)).get(element);
			Object next = only(PrivateFields.all(elementType, elementType)).get(element);
			return new NextElement(element, (ExecChainHandler) handler, (next != null) ? chainTo(next) : null);
		}

		private static Field only(List<Field> fields) throws NoSuchFieldException {
			if (fields.size() != 1) {
				throw new NoSuchFieldException("one of " + fields);
			}
			return fields.get(0);
		}

		private ExecChain chainTo(Object element) throws ReflectiveOperationException {
			Constructor<?> constructor = this.type.getDeclaredConstructor(element.getClass());
			constructor.setAccessible(true);
			return (ExecChain) constructor.newInstance(element);
		}

	}

}
