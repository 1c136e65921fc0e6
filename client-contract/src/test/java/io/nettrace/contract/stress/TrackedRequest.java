package io.nettrace.contract.stress;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import org.jspecify.annotations.Nullable;

/**
 * A request, with all that is said of it. Everything that stands for the request leads
 * here: when nothing leads here any more, nothing of it is held.
 */
final class TrackedRequest {

	private static final String AUTHORITY_OF_PROXY = Names.LIVE;

	private final Plan plan;

	private final StressRun run;

	private final HookChecker hooks;

	private final SpanCount spans = new SpanCount();

	private final Set<String> hosts = ConcurrentHashMap.newKeySet();

	private final Set<Integer> arrivals = ConcurrentHashMap.newKeySet();

	private final Set<Outcome> answers = ConcurrentHashMap.newKeySet();

	private final AtomicInteger arrived = new AtomicInteger();

	private final AtomicBoolean cancelled = new AtomicBoolean();

	private final AtomicBoolean traced = new AtomicBoolean();

	// Guarded by hooks
	private final List<String> log = new ArrayList<>();

	private final Object cancelling = new Object();

	// Guarded by cancelling
	private @Nullable Runnable cancellation;

	private volatile boolean faulty;

	private volatile boolean over;

	TrackedRequest(Plan plan, StressRun run) {
		this.plan = plan;
		this.run = run;
		this.hooks = new HookChecker(this, run.tally());
		this.hosts.add(plan.host());
	}

	Plan plan() {
		return this.plan;
	}

	String url() {
		return this.run.url(this.plan);
	}

	SpanCount spans() {
		return this.spans;
	}

	/**
	 * Make the trace of the request.
	 */
	NetTrace trace(RequestInfo info) {
		check(this.traced.compareAndSet(false, true) || info.host() == null, "a request has one trace");
		check(info.client().equals(this.run.library().client()), "the trace names the client");
		check(info.host() == null || mayAskFor(info.host()), "the trace names the host");
		return this.hooks;
	}

	boolean races() {
		return (this.run.library().races() || isOnOkHttp()) && this.plan.pool() == Pool.LARGE;
	}

	/**
	 * Whether a connection that carries no request before belongs to the request that has
	 * dialed it. Other libraries give it to the first request in the queue.
	 */
	boolean dialsForItself() {
		return this.run.library() == Library.HTTP_COMPONENTS || this.run.library() == Library.OK_HTTP;
	}

	/**
	 * Whether another connect may follow a handshake that has failed.
	 */
	boolean dialsOnAfterHandshake() {
		return isOnOkHttp();
	}

	private boolean isOnOkHttp() {
		return this.run.library() == Library.OK_HTTP || this.run.library() == Library.OK_HTTP_HTTP2;
	}

	boolean takesEarlyHints() {
		return this.run.library().takesEarlyHints();
	}

	/**
	 * HttpClient 5.6 waits for the end of a body that HttpCore has given up.
	 */
	boolean endsIfRedirectedEarly() {
		return this.run.library() != Library.HTTP_COMPONENTS_ASYNC;
	}

	/**
	 * Whether the request may look for that host.
	 */
	boolean mayAskFor(String host) {
		return this.hosts.contains(host) || (this.plan.pool() == Pool.PROXIED && host.equals(AUTHORITY_OF_PROXY));
	}

	/**
	 * A hook is called.
	 * @param detail for the log of a failure
	 * @param rules what must hold
	 */
	void hook(Moment moment, @Nullable Object detail, Runnable rules) {
		this.run.tally().add(moment);
		synchronized (this.hooks) {
			this.log.add(moment + " " + detail);
			rules.run();
		}
		at(moment);
		if (this.plan.throwsAt() == moment) {
			throw new IllegalStateException("the stress: " + moment);
		}
	}

	/**
	 * Something happens to the request: the moment at which it is cancelled may have
	 * come.
	 */
	void at(Moment moment) {
		if (this.plan.cancelledAt() == moment && this.cancelled.compareAndSet(false, true)) {
			this.faulty = true;
			Executor executor = this.plan.cancelledInPlace() ? Runnable::run : this.run.background();
			executor.execute(this::cancel);
		}
	}

	private void cancel() {
		synchronized (this.cancelling) {
			if (this.cancellation != null) {
				this.cancellation.run();
			}
		}
	}

	/**
	 * Take note of how to give the request up.
	 */
	void cancelledBy(Runnable cancellation) {
		synchronized (this.cancelling) {
			this.cancellation = cancellation;
		}
		if (this.cancelled.get()) {
			cancel();
		}
	}

	/**
	 * The request is over for its caller, whose thread goes on with the next one.
	 */
	void finished() {
		synchronized (this.cancelling) {
			this.cancellation = null;
		}
		boolean interrupted = Thread.interrupted();
		check(!interrupted || this.cancelled.get(), "only a caller that is cancelled is interrupted");
	}

	/**
	 * The library is through with the request. Jetty may still send one whose connection
	 * was idle for too long in the handshake, when it has failed.
	 */
	void over() {
		this.over = true;
	}

	/**
	 * The server has read the request's head.
	 * @param port the client's port
	 * @return how many heads came before
	 */
	int arrived(int port) {
		if (!this.over) {
			this.arrivals.add(port);
		}
		this.run.tally().add(Moment.ARRIVED);
		int before = this.arrived.getAndIncrement();
		at(Moment.ARRIVED);
		return before;
	}

	/**
	 * The server answers.
	 */
	void answered(Outcome outcome) {
		this.answers.add(outcome);
	}

	/**
	 * The server sends the client to another host.
	 */
	void redirected(String host) {
		this.hosts.add(host);
	}

	/**
	 * The request is to meet a fault.
	 */
	void meetsFault() {
		this.faulty = true;
	}

	boolean isFaulty() {
		return this.faulty || this.plan.host().equals(Names.DEAD) || this.plan.host().equals(Names.named("unknown"))
				|| this.plan.host().equals(Names.named("hangs"));
	}

	/**
	 * The caller has its response. A body that ends with the connection may be cut
	 * without notice, and Jetty may lose one over HTTP/2, with nettrace or without.
	 */
	void succeeded(Outcome outcome) {
		if (this.plan.pool() == Pool.PROXIED && outcome.status() == 403) {
			return; // the proxy's answer
		}
		boolean whole = this.plan.reading() == Plan.Reading.ALL && !isFaulty() && !this.run.library().multiplexes();
		check(whole ? this.answers.contains(outcome)
				: this.answers.stream().anyMatch((answer) -> answer.status() == outcome.status()),
				"the caller gets what the server sent", outcome);
	}

	/**
	 * Whether everything has been told; then what the server and the spans say must be
	 * what the hooks say. A dial may go on at any time, and with it the request.
	 */
	boolean isOver() {
		synchronized (this.hooks) {
			boolean over = this.hooks.isOver() && this.spans.isOver();
			if (over) {
				checkOver();
			}
			return over;
		}
	}

	private void checkOver() {
		check(this.spans.of("DNS lookup") == count(Moment.DNS_START), "a span for each lookup", this.spans);
		check(this.spans.of("socket connect") == count(Moment.CONNECT_START), "a span for each connect", this.spans);
		if (this.run.tally().has(Moment.GOT_CONN)) {
			for (int port : this.arrivals) {
				check(this.hooks.hadConnection(port), "a request comes on a connection that it has got", port);
			}
		}
	}

	private long count(Moment moment) {
		return this.log.stream().filter((each) -> each.startsWith(moment + " ")).count();
	}

	/**
	 * Report it if a rule does not hold.
	 */
	void check(boolean valid, String rule) {
		check(valid, rule, "");
	}

	/**
	 * Report it if a rule does not hold.
	 * @param example what makes an example of it clear
	 */
	void check(boolean valid, String rule, Object example) {
		if (!valid) {
			synchronized (this.hooks) {
				this.run.violations().add(rule, example + " " + this);
			}
		}
	}

	@Override
	public String toString() {
		synchronized (this.hooks) {
			return this.plan + "\n\t\t" + String.join("\n\t\t", this.log) + "\n\t\tarrivals " + this.arrivals
					+ " answers " + this.answers;
		}
	}

}
