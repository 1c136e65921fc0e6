package io.nettrace.equality;

import java.util.function.Predicate;

/**
 * Something that an application does, which must look the same with nettrace.
 *
 * @param name a short one
 * @param clients where it makes sense
 * @param body what is done
 * @param isQuick whether it neither waits for a timeout nor starts an application
 * @param isAlone whether it changes static state, so that no other scenario may run at
 * the same time
 */
record Scenario(String name, Predicate<Client> clients, Body body, boolean isQuick, boolean isAlone) {

	static Scenario of(String name, Body body) {
		return new Scenario(name, (client) -> true, body, true, false);
	}

	Scenario on(Predicate<Client> clients) {
		return new Scenario(this.name, clients, this.body, this.isQuick, this.isAlone);
	}

	/**
	 * It waits for a timeout, or starts an application.
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
