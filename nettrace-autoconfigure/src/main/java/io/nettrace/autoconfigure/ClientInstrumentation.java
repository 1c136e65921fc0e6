package io.nettrace.autoconfigure;

import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * How builder beans of one type are instrumented. The auto-configuration of each client
 * library declares its own.
 *
 * @param <B> the type of builder
 * @param library the client library
 * @param builderType the type of builder
 * @param shown what its clients show, called when there is such a builder
 * @param instrument returns a builder whose clients are traced
 */
record ClientInstrumentation<B>(String library, Class<B> builderType, Supplier<String> shown,
		UnaryOperator<B> instrument) {

	static final String EVERYTHING = "dns, connect";

	/**
	 * For a library that shows everything.
	 */
	static <B> ClientInstrumentation<B> ofEverything(String library, Class<B> builderType,
			UnaryOperator<B> instrument) {
		return new ClientInstrumentation<>(library, builderType, () -> EVERYTHING, instrument);
	}

	boolean supports(Object builder) {
		return this.builderType.isInstance(builder);
	}

	Object apply(Object builder) {
		return this.instrument.apply(this.builderType.cast(builder));
	}

}
