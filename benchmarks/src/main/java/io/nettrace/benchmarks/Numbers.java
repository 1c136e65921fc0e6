package io.nettrace.benchmarks;

import java.util.stream.DoubleStream;

/**
 * What was measured several times.
 */
final class Numbers {

	private final double[] sorted;

	private Numbers(double[] sorted) {
		this.sorted = sorted;
	}

	static Numbers of(DoubleStream numbers) {
		return new Numbers(numbers.sorted().toArray());
	}

	double median() {
		return quantile(0.5);
	}

	double least() {
		return this.sorted[0];
	}

	double most() {
		return this.sorted[this.sorted.length - 1];
	}

	/**
	 * Return the number that a share of all is not above, between two of them if need be.
	 */
	double quantile(double share) {
		double position = share * (this.sorted.length - 1);
		int below = (int) position;
		int above = Math.min(below + 1, this.sorted.length - 1);
		return this.sorted[below] + (position - below) * (this.sorted[above] - this.sorted[below]);
	}

	double halfRange() {
		return (most() - least()) / 2;
	}

	double halfOfTheMiddleHalf() {
		return (quantile(0.75) - quantile(0.25)) / 2;
	}

}
