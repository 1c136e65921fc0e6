package io.nettrace.observation.recent;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

import io.micrometer.observation.Observation;
import io.nettrace.instrument.ResolvConf;
import io.nettrace.observation.Phase;
import io.nettrace.observation.RequestRecord;
import io.nettrace.observation.RequestSummary;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a request that is under way. They are an entry of the context of its
 * observation, and hold no objects of the client library. Beyond {@value #MAX_STEPS}
 * steps are only counted. Safe for use by several threads.
 */
final class RequestSteps {

	static final int MAX_STEPS = 100;

	private static final int MAX_OPENED = 20;

	private final String client;

	private final Function<String, @Nullable String> hint;

	private final Instant time;

	private final long start;

	// The rest is guarded by this

	private final List<Step> steps = new ArrayList<>();

	private final List<Long> opened = new ArrayList<>(1);

	private int more;

	private int exchanges;

	private boolean over;

	RequestSteps(String client, RequestRecord record, Function<String, @Nullable String> hint) {
		this.client = client;
		this.hint = hint;
		long elapsed = record.elapsed();
		this.start = System.nanoTime() - elapsed;
		this.time = Instant.now().minusNanos(elapsed);
	}

	static @Nullable RequestSteps of(Observation.ContextView request) {
		return request.get(RequestSteps.class);
	}

	/**
	 * The steps of a request that is over.
	 *
	 * @param client the client library, or {@code null}
	 * @param time when the request began
	 * @param steps the steps
	 * @param more how many further ones there were
	 * @param opened the connections that it has opened
	 */
	record Result(@Nullable String client, Instant time, List<RecentRequest.Step> steps, int more, List<Long> opened) {
	}

	/**
	 * Say what the system makes of a name whose lookup was slow or has failed.
	 */
	@Nullable String hint(Step lookup, String host, @Nullable Throwable error) {
		Duration took = Duration.ofNanos(System.nanoTime() - lookup.start);
		return ResolvConf.isConspicuous(took, error) ? this.hint.apply(host) : null;
	}

	/**
	 * A step. Guarded by the steps that it belongs to.
	 */
	static final class Step {

		private final Phase phase;

		private final String name;

		private final int exchange;

		private final long start = System.nanoTime();

		private long end;

		private boolean ended;

		private @Nullable String error;

		private List<String> addresses;

		private @Nullable String detail;

		Step(Phase phase, String name, int exchange, List<String> addresses) {
			this.phase = phase;
			this.name = name;
			this.exchange = exchange;
			this.addresses = addresses;
		}

	}

	synchronized int nextExchange() {
		this.exchanges++;
		return this.exchanges;
	}

	synchronized void opened(long connection) {
		if (this.opened.size() < MAX_OPENED) {
			this.opened.add(connection);
		}
	}

	/**
	 * A step begins. One that begins when the request is over is not kept.
	 */
	synchronized Step begin(Phase phase, String name, int exchange, List<String> addresses) {
		Step step = new Step(phase, name, exchange, addresses);
		if (!this.over) {
			if (this.steps.size() < MAX_STEPS) {
				this.steps.add(step);
			}
			else {
				this.more++;
			}
		}
		return step;
	}

	/**
	 * More is known of a step.
	 */
	synchronized void describe(Step step, List<String> addresses, @Nullable String detail) {
		step.addresses = addresses;
		step.detail = detail;
	}

	/**
	 * A step has ended, if it has not yet.
	 */
	synchronized void end(Step step, @Nullable String error) {
		if (!step.ended) {
			step.ended = true;
			step.end = System.nanoTime();
			step.error = error;
		}
	}

	/**
	 * The request is over. What is still under way ends with it, and has failed if that
	 * is what the request has failed in.
	 */
	synchronized Result end(RequestRecord record, RequestSummary summary) {
		this.over = true;
		long end = this.start + record.total();
		List<RecentRequest.Step> steps = this.steps.stream().map((step) -> value(step, end, summary)).toList();
		return new Result(this.client, this.time, steps, this.more, List.copyOf(this.opened));
	}

	private RecentRequest.Step value(Step step, long end, RequestSummary summary) {
		boolean failed = !step.ended && step.phase == summary.verdict();
		String error = failed ? summary.error() : step.error;
		return new RecentRequest.Step(step.phase.toString(), step.name,
				RecentRequests.seconds(Math.max(0, step.start - this.start)),
				RecentRequests.seconds(Math.max(0, (step.ended ? step.end : end) - step.start)),
				RecentRequests.bounded(error), step.addresses.stream().map(RecentRequests::bound).toList(),
				RecentRequests.bounded(step.detail), step.exchange);
	}

}
