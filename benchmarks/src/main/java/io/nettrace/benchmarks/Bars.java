package io.nettrace.benchmarks;

import java.util.ArrayList;
import java.util.List;

import io.nettrace.benchmarks.Table.Row;

/**
 * The most that nettrace may cost, relative to rows of the same table, because times of
 * different runs cannot be compared. Requests on open connections are judged by
 * {@link EndToEnd}.
 */
final class Bars {

	/**
	 * The time of the smallest reference on the machine where the bars were set, and the
	 * most that single flight may take there.
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
		Row traced = lookup("netTrace false NONE");
		Row shared = lookup("netTrace true NONE");
		bar("nothing listens, lookup: over raw", traced.over(lookup("httpComponents")), new Row("", 2, 0, 0));
		bar("single flight, uncontended: over none", shared.over(traced), singleFlight());
	}

	private Row singleFlight() {
		Row smallest = lookup("smallestSingleFlight").over(lookup("httpComponents"));
		return new Row("", SINGLE_FLIGHT_RATIO * smallest.nanos(), SINGLE_FLIGHT_RATIO * smallest.error(), 120);
	}

	private void hooks() {
		beside("hooks alone", "HOOKS", "OkHttp's listener", lookup("okHttpListener"));
		bar("hooks alone, connect: OkHttp's listener", connect("netTrace false HOOKS"), connect("okHttpListener"));
	}

	/**
	 * No peer has single flight, so it has an additional bar. With spans the peers' bar
	 * is enough.
	 */
	private void beside(String what, String watching, String peer, Row most) {
		bar(what + ", lookup: " + peer, lookup("netTrace false " + watching), most);
		bar(what + ", lookup with single flight: the same, and single flight's bar",
				lookup("netTrace true " + watching), most.and(singleFlight()));
	}

	private void meters() {
		beside("meters", "METERS", "httpclient5-observation", lookup("httpComponentsObservation"));
		beside("meters", "METERS", "Reactor Netty over raw", lookup("reactorNetty METERS").over(lookup("netty")));
	}

	private void metersAndSpans() {
		Row reactorNetty = lookup("reactorNetty SAMPLED").over(lookup("netty"));
		spans("lookup", lookup("netTrace false SAMPLED"), reactorNetty);
		spans("lookup with single flight", lookup("netTrace true SAMPLED"), reactorNetty);
		spans("connect", connect("netTrace false SAMPLED"), connect("reactorNetty SAMPLED").over(connect("netty")));
		bytes("meters and spans, lookup and connect", connect("netTraceLookupAndConnect true SAMPLED"), 4_400);
	}

	private void spans(String what, Row is, Row reactorNetty) {
		Row observation = lookup("keyedObservation SAMPLED");
		bar("meters and spans, " + what + ": Reactor Netty over raw", is, reactorNetty);
		bar("meters and spans, " + what + ": 0.8 of a keyed Observation", is,
				new Row("", 0.8 * observation.nanos(), 0.8 * observation.error(), 0.8 * observation.bytes()));
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
	 * Within the accuracy of the times.
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
