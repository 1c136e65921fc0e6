package io.nettrace.autoconfigure;

import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What can be done for request factories or connectors of one type, also those not made
 * by Boot. The auto-configuration of each client library declares its own.
 *
 * @param <F> the type of request factory or connector
 * @param library the client library
 * @param type the type of request factory or connector
 * @param instrument has the factory traced if that is possible while it stays the same
 * @param shown tells what the factory shows, after that
 */
record SentWith<F>(String library, Class<F> type, Consumer<F> instrument, Function<F, Shown> shown) {

	boolean supports(Object factory) {
		return this.type.isInstance(factory);
	}

	void instrument(Object factory) {
		this.instrument.accept(this.type.cast(factory));
	}

	Shown shown(Object factory) {
		return this.shown.apply(this.type.cast(factory));
	}

	/**
	 * What a client shows.
	 *
	 * @param anything whether it shows anything
	 * @param text what, or else why not
	 */
	record Shown(boolean anything, String text) {

		static Shown everything() {
			return new Shown(true, ClientInstrumentation.EVERYTHING);
		}

		static Shown nothing(String reason) {
			return new Shown(false, reason);
		}

	}

}
