package io.nettrace.equality;

import java.util.function.Predicate;

/**
 * Something that an application does, and that must look the same with nettrace.
 *
 * @param name a short one
 * @param clients where it makes sense
 * @param body what is done
 * @param isQuick whether it waits for no time-out, and starts no application of its own
 * @param isAlone whether it changes what is static, so that no other may run beside it
 */
record Scenario(String name, Predicate<Client> clients, Body body, boolean isQuick, boolean isAlone) {

	static Scenario of(String name, Body body) {
		return new Scenario(name, (client) -> true, body, true, false);
	}

	Scenario on(Predicate<Client> clients) {
		return new Scenario(this.name, clients, this.body, this.isQuick, this.isAlone);
	}

	/**
	 * It waits for a time-out, or starts an application of its own.
	 */
	Scenario slow() {
		return new Scenario(this.name, this.clients, this.body, false, this.isAlone);
	}

	Scenario alone() {
		return new Scenario(this.name, this.clients, this.body, this.isQuick, true);
	}

	/**
	 * What is done.
	 */
	@FunctionalInterface
	interface Body {

		void run(Stage stage) throws Exception;

	}

}
