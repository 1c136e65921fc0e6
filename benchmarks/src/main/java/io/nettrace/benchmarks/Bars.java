package io.nettrace.benchmarks;

import java.util.ArrayList;
import java.util.List;

import io.nettrace.benchmarks.Table.Row;

/**
 * What nettrace must not cost more than, by the table's own rows: times of another run
 * say nothing.
 */
final class Bars {

	/**
	 * What the smallest reference takes where the bars for time were set, and the most
	 * that single flight may take there.
	 */
	private static final double SINGLE_FLIGHT_RATIO = 60 / 21.6;

	private final Table table;

	private final List<String> lines = new ArrayList<>();

	Bars(Table table) {
		this.table = table;
	}

	/**
	 * Return the bars and whether they are reached, as Markdown.
	 */
	List<String> lines() {
		this.lines.add("| bar | ns | at most | B | at most |");
		this.lines.add("| --- | ---: | ---: | ---: | ---: |");
		nothingListens();
		hooks();
		meters();
		metersAndSpans();
		return this.lines;
	}

	private void nothingListens() {
		Row raw = lookup("httpComponents");
		Row single = lookup("smallestSingleFlight");
		Row traced = lookup("netTrace false NOBODY");
		Row shared = lookup("netTrace true NOBODY");
		bar("nothing listens, lookup: over raw", traced.over(raw), new Row("", 2, 0, 0));
		bar("single flight, uncontended: over none", shared.over(traced),
				new Row("", SINGLE_FLIGHT_RATIO * single.over(raw).nanos(), 0, 120));
		pooled("httpComponents", 0);
		pooled("reactorNetty", 300);
		pooled("webClient", 300);
	}

	/**
	 * With meters and spans {@link EndToEnd} tells: two JVMs, one with nettrace and one
	 * without, differ by more than the bar in what their compilers leave out.
	 */
	private void pooled(String client, int most) {
		Row with = this.table.row("PooledRequestBenchmark." + client + " true NOBODY");
		Row without = this.table.row("PooledRequestBenchmark." + client + " false NOBODY");
		bytes("open connection, nothing listens, " + client + ": over none", with.over(without), most);
	}

	private void hooks() {
		for (String lookup : List.of("netTrace false HOOKS", "netTrace true HOOKS")) {
			bar("hooks alone, lookup `" + lookup + "`: OkHttp's listener", lookup(lookup), lookup("okHttpListener"));
		}
		bar("hooks alone, connect: OkHttp's listener", connect("netTrace false HOOKS"), connect("okHttpListener"));
	}

	private void meters() {
		for (String lookup : List.of("netTrace false METERS", "netTrace true METERS")) {
			bar("meters, lookup `" + lookup + "`: httpclient5-observation", lookup(lookup),
					lookup("httpComponentsObservation"));
			bar("meters, lookup `" + lookup + "`: Reactor Netty over raw", lookup(lookup),
					lookup("reactorNetty METERS").over(lookup("netty")));
		}
	}

	private void metersAndSpans() {
		Row observation = lookup("keyedObservation SAMPLED");
		Row most = new Row("", 0.8 * observation.nanos(), 0, 0.8 * observation.bytes());
		for (String lookup : List.of("netTrace false SAMPLED", "netTrace true SAMPLED")) {
			bar("meters and spans, lookup `" + lookup + "`: Reactor Netty over raw", lookup(lookup),
					lookup("reactorNetty SAMPLED").over(lookup("netty")));
			bar("meters and spans, lookup `" + lookup + "`: 0.8 of a keyed Observation", lookup(lookup), most);
		}
		Row connect = connect("netTrace false SAMPLED");
		bar("meters and spans, connect: Reactor Netty over raw", connect,
				connect("reactorNetty SAMPLED").over(connect("netty")));
		bar("meters and spans, connect: 0.8 of a keyed Observation", connect, most);
		bytes("meters and spans, lookup and connect", connect("netTraceLookupAndConnect true SAMPLED"), 4_400);
	}

	private Row lookup(String name) {
		return this.table.row("LookupBenchmark." + name);
	}

	private Row connect(String name) {
		return this.table.row("ConnectBenchmark." + name);
	}

	private void bar(String what, Row is, Row most) {
		this.lines.add(Section.format("| %s | %.1f | %.1f: %s | %.0f | %.0f: %s |", what, is.nanos(), most.nanos(),
				time(is, most), is.bytes(), most.bytes(), Section.verdictOnBytes(is.bytes(), most.bytes())));
	}

	/**
	 * As far as the times can be told apart.
	 */
	private static String time(Row is, Row most) {
		if (is.nanos() > most.nanos() && is.nanos() - is.error() <= most.nanos() + most.error()) {
			return "met within the error";
		}
		return Section.verdict(is.nanos() <= most.nanos());
	}

	private void bytes(String what, Row is, int most) {
		this.lines.add(Section.format("| %s | | | %.0f | %d: %s |", what, is.bytes(), most,
				Section.verdictOnBytes(is.bytes(), most)));
	}

}
