package io.nettrace.benchmarks;

import java.util.function.DoubleSupplier;

/**
 * What another JVM has measured: a line among those that loggers print.
 */
final class Bytes {

	private static final String BEGINNING = "bytes=";

	private static final int JVMS = 3;

	private Bytes() {
	}

	/**
	 * Measure in new JVMs until one of them shows few enough. Which objects the compiler
	 * eliminates depends on chance, and no JVM eliminates what is needed.
	 * @param jvm measures in a new JVM
	 * @param enough a number of bytes that need not be improved on
	 * @return the bytes, the least of three JVMs at most
	 */
	static double leastOfJvms(DoubleSupplier jvm, double enough) {
		double least = jvm.getAsDouble();
		for (int jvms = 1; jvms < JVMS && least >= enough; jvms++) {
			least = Math.min(least, jvm.getAsDouble());
		}
		return least;
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
