package io.nettrace.autoconfigure;

import java.lang.reflect.Field;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.client.HttpClient;

/**
 * Instruments the {@link HttpClient} in a request factory or connector that Boot has
 * finished. Applications can inject Boot's builders and change them further, so a
 * customizer could see the client before the application has set its resolver or proxy.
 *
 * @param <F> the type of request factory or connector
 */
final class FinishedReactorClient<F> implements Consumer<F> {

	/**
	 * Spring has no getter and no setter.
	 */
	static final String FIELD = "httpClient";

	private static final Log logger = LogFactory.getLog(FinishedReactorClient.class);

	private final @Nullable Field field;

	private final UnaryOperator<HttpClient> instrument;

	FinishedReactorClient(Class<F> type, UnaryOperator<HttpClient> instrument) {
		this.field = field(type);
		this.instrument = instrument;
	}

	private static @Nullable Field field(Class<?> type) {
		try {
			Field field = type.getDeclaredField(FIELD);
			field.setAccessible(true);
			return field;
		}
		catch (NoSuchFieldException | RuntimeException ex) {
			logger.warn(notTraced(type), ex);
			return null;
		}
	}

	private static String notTraced(Class<?> type) {
		return "Requests of " + type.getName() + " are not traced";
	}

	/**
	 * Return the client that a factory sends with.
	 * @return the client; {@code null} if the factory makes it later, or it cannot be
	 * read
	 */
	@Nullable HttpClient clientOf(F factory) {
		try {
			return (this.field != null) ? (HttpClient) this.field.get(factory) : null;
		}
		catch (IllegalAccessException | RuntimeException ex) {
			return null;
		}
	}

	@Override
	public void accept(F factory) {
		if (this.field == null) {
			return;
		}
		try {
			if (this.field.get(factory) instanceof HttpClient client) {
				this.field.set(factory, this.instrument.apply(client));
			}
		}
		catch (IllegalAccessException | RuntimeException ex) {
			logger.warn(notTraced(factory.getClass()), ex);
		}
	}

}
