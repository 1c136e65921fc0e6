package io.nettrace.benchmarks;

import java.util.Arrays;

/**
 * What a number of requests has cost the whole JVM.
 *
 * @param requests how many
 * @param nanos how long they took
 * @param cpuNanos the time of all threads on a processor
 * @param bytes what all threads have allocated
 */
record Cost(int requests, long nanos, long cpuNanos, long bytes) {

	static Cost parse(String text) {
		long[] numbers = Arrays.stream(text.split(" ", 4)).mapToLong(Long::parseLong).toArray();
		return new Cost(Math.toIntExact(numbers[0]), numbers[1], numbers[2], numbers[3]);
	}

	String text() {
		return this.requests + " " + this.nanos + " " + this.cpuNanos + " " + this.bytes;
	}

	double requestsPerSecond() {
		return this.requests * 1e9 / this.nanos;
	}

	double cpuMicros() {
		return this.cpuNanos / 1e3 / this.requests;
	}

	double bytesPerRequest() {
		return (double) this.bytes / this.requests;
	}

}
