package io.nettrace.benchmarks;

/**
 * What another JVM has measured: a line among those that loggers print.
 */
final class Bytes {

	private static final String BEGINNING = "bytes=";

	private Bytes() {
	}

	static void print(double bytes) {
		System.out.println(BEGINNING + bytes);
	}

	static double readFrom(ChildJvm child) {
		return child.lines()
			.filter((line) -> line.startsWith(BEGINNING))
			.mapToDouble((line) -> Double.parseDouble(line.substring(BEGINNING.length())))
			.findFirst()
			.orElseThrow();
	}

}
