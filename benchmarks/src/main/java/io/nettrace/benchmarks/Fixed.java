package io.nettrace.benchmarks;

/**
 * What every benchmark looks up and connects to.
 */
final class Fixed {

	static final String HOST = "orders.example.com";

	static final int PORT = 8080;

	private Fixed() {
	}

}
