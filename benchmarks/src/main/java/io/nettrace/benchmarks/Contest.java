package io.nettrace.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

/**
 * Contestants that do the same work in turns, so that other load on the machine hits all
 * alike. The first one is the reference. The second is the first once more: its distance
 * shows how small a difference can be measured.
 */
final class Contest {

	/**
	 * The contestant that has a bar to reach.
	 */
	static final String NETTRACE = "nettrace";

	private final String title;

	private final String path;

	private final @Nullable Bar bar;

	private final List<Contestant> contestants = new ArrayList<>();

	private final List<Comparison> comparisons = new ArrayList<>();

	private int times = 1;

	/**
	 * Announce a contest.
	 * @param title what it is about
	 * @param path what is asked for
	 * @param bar what nettrace must reach, or {@code null} if it does not take part
	 */
	Contest(String title, String path, @Nullable Bar bar) {
		this.title = title;
		this.path = path;
		this.bar = bar;
	}

	Contest with(String name, SentBy sender) {
		this.contestants.add(new Contestant(name, sender, new ArrayList<>()));
		return this;
	}

	/**
	 * Send more requests in each turn, because they are quick.
	 * @param times how many times as many
	 */
	Contest times(int times) {
		this.times = times;
		return this;
	}

	/**
	 * Compare one contestant's throughput with that of another.
	 * @param name the one
	 * @param other the other
	 * @param allowance what the one's ratio may be below the other's, before what cannot
	 * be told apart is taken off; 0 if the one must be ahead of the other in any case
	 */
	Contest compare(String name, String other, double allowance) {
		this.comparisons.add(new Comparison(contestant(name), contestant(other), allowance));
		return this;
	}

	private Contestant contestant(String name) {
		return this.contestants.stream().filter((one) -> one.name.equals(name)).findFirst().orElseThrow();
	}

	/**
	 * Let each contestant have a turn, in changing order.
	 */
	void round(int requests, Random random) {
		List<Contestant> order = new ArrayList<>(this.contestants);
		Collections.shuffle(order, random);
		order.forEach((contestant) -> contestant.costs.add(contestant.sender.send(this.path, requests * this.times)));
	}

	/**
	 * Forget what was measured while the JVM was warming up.
	 */
	void forget() {
		this.contestants.forEach((contestant) -> contestant.costs.clear());
	}

	void report(Section section) {
		Contestant base = this.contestants.get(0);
		Contestant twin = this.contestants.get(1);
		Numbers noise = twin.ratios(base, Cost::requestsPerSecond);
		section.say("**%s.** A/A: median %.3f, half-range %.3f, half of the middle half %.3f; bytes %+.0f.", this.title,
				noise.median(), noise.halfRange(), noise.halfOfTheMiddleHalf(), twin.moreBytes(base));
		section.head("", "requests/s", "x requests/s [middle half]", "CPU us", "x CPU", "B/request", "+B", "bar");
		for (Contestant one : this.contestants) {
			Numbers ratios = one.ratios(base, Cost::requestsPerSecond);
			section.row(one.name, Section.format("%,.0f", one.numbers(Cost::requestsPerSecond).median()),
					Section.format("%.3f [%.2f-%.2f]", ratios.median(), ratios.quantile(0.25), ratios.quantile(0.75)),
					Section.format("%.1f", one.numbers(Cost::cpuMicros).median()),
					Section.format("%.3f", one.ratios(base, Cost::cpuMicros).median()),
					Section.format("%,.0f", one.numbers(Cost::bytesPerRequest).median()),
					Section.format("%+,.0f", one.moreBytes(base)), judge(one, base, ratios, noise));
		}
		section.end();
	}

	private String judge(Contestant one, Contestant base, Numbers ratios, Numbers noise) {
		if (this.bar != null && one.name.equals(NETTRACE)) {
			return this.bar.judge(ratios.median(), noise, one.moreBytes(base));
		}
		return this.comparisons.stream()
			.filter((comparison) -> comparison.one.name.equals(one.name))
			.map((comparison) -> comparison.judge(base, noise))
			.collect(Collectors.joining(", "));
	}

	private record Comparison(Contestant one, Contestant other, double allowance) {

		String judge(Contestant base, Numbers noise) {
			double ahead = median(this.one, base) - median(this.other, base);
			return (this.allowance > 0)
					? Section.format("within %.2f of %s: %s", this.allowance, this.other.name,
							Section.verdict(ahead >= -this.allowance - noise.halfOfTheMiddleHalf()))
					: Section.format("ahead of %s: %s", this.other.name, Section.verdict(ahead > 0));
		}

		private static double median(Contestant one, Contestant base) {
			return one.ratios(base, Cost::requestsPerSecond).median();
		}

	}

	private record Contestant(String name, SentBy sender, List<Cost> costs) {

		Numbers numbers(ToDoubleFunction<Cost> what) {
			return Numbers.of(this.costs.stream().mapToDouble(what));
		}

		/**
		 * Compare round by round.
		 */
		Numbers ratios(Contestant base, ToDoubleFunction<Cost> what) {
			return Numbers.of(IntStream.range(0, this.costs.size())
				.mapToDouble((round) -> what.applyAsDouble(this.costs.get(round))
						/ what.applyAsDouble(base.costs.get(round))));
		}

		double moreBytes(Contestant base) {
			return numbers(Cost::bytesPerRequest).median() - base.numbers(Cost::bytesPerRequest).median();
		}

	}

	/**
	 * What nettrace must reach.
	 *
	 * @param throughput the least ratio of requests a second, before what cannot be told
	 * apart is taken off; 0 for any
	 * @param bytes the most bytes a request
	 */
	record Bar(double throughput, double bytes) {

		String judge(double ratio, Numbers noise, double more) {
			String bytes = Section.format("+%,.0f B: %s", this.bytes, Section.verdictOnBytes(more, this.bytes));
			return (this.throughput == 0) ? bytes
					: Section.format("%.2f: %s, %s", this.throughput, throughput(ratio, noise), bytes);
		}

		/**
		 * A single disturbed round decides the half-range, so half of the middle half is
		 * the better measure.
		 */
		private String throughput(double ratio, Numbers noise) {
			boolean byHalfRange = ratio >= this.throughput - noise.halfRange();
			boolean byMiddleHalf = ratio >= this.throughput - noise.halfOfTheMiddleHalf();
			return (byHalfRange && !byMiddleHalf) ? "met by the half-range only" : Section.verdict(byHalfRange);
		}

	}

}
