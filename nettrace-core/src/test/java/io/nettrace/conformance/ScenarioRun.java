package io.nettrace.conformance;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import io.nettrace.NetTrace;
import io.nettrace.NetTraceContext;
import io.nettrace.PartialAnswerException;
import io.nettrace.concurrent.Clock;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.concurrent.VirtualEventLoop;
import io.nettrace.concurrent.VirtualTime;
import io.nettrace.dial.DialSettings;
import io.nettrace.dial.GoDialer;
import io.nettrace.dial.ScriptedNetwork;
import io.nettrace.dial.ScriptedNetwork.ScriptedSocket;
import io.nettrace.dns.AlternateResolver;
import io.nettrace.dns.IpLiteral;
import io.nettrace.dns.Lookup;
import io.nettrace.dns.LookupGroup;
import io.nettrace.dns.LookupSettings;
import io.nettrace.dns.Question;
import io.nettrace.instrument.NetTracing;
import org.jspecify.annotations.Nullable;

/**
 * One run of a scenario by nettrace, with real code and scripted parts.
 */
final class ScenarioRun {

	private static final int MAX_ABANDONED = 1000;

	private final Scenario scenario;

	private final Mode mode;

	private final VirtualTime time;

	private final LookupGroup lookups;

	private final ScriptedNetwork network;

	private final long start;

	private final List<Event.At> events = Collections.synchronizedList(new ArrayList<>());

	private final List<ScriptedSocket> returned = Collections.synchronizedList(new ArrayList<>());

	/**
	 * How a lookup is made where the scenario leaves the choice.
	 */
	enum Mode {

		/**
		 * As the dialer does and a caller that may give up: on a thread for lookups.
		 */
		LOOKUP_THREADS,

		/**
		 * On the caller's thread.
		 */
		OWN_THREAD,

		/**
		 * By the event loop of a caller that does not wait.
		 */
		ASYNC

	}

	ScenarioRun(Scenario scenario, Mode mode, VirtualTime time) {
		this.scenario = scenario;
		this.mode = mode;
		this.time = time;
		this.lookups = new LookupGroup(LookupSettings.defaults(),
				LookupThreads.of(time, MAX_ABANDONED, MAX_ABANDONED, MAX_ABANDONED), true, time);
		this.network = new ScriptedNetwork(time);
		scenario.network().forEach((address, behaviour) -> behaviour.script(this.network, address));
		this.start = time.nanoTime();
	}

	/**
	 * Run it.
	 * @return what happened, in that order
	 */
	List<Event.At> run() {
		for (Scenario.Call call : this.scenario.calls()) {
			Long cancel = call.cancelMillis();
			Thread caller = this.time.at(call.startMillis(), () -> {
				if (cancel != null && cancel < 0) {
					Thread.currentThread().interrupt();
				}
				call(call);
			});
			if (cancel != null && cancel >= 0) {
				this.time.at(cancel, () -> this.time.interrupt(caller));
			}
		}
		this.time.run();
		List<ScriptedSocket> leaked = new ArrayList<>(this.network.open());
		leaked.removeAll(this.returned);
		if (!leaked.isEmpty() || this.returned.stream().anyMatch(ScriptedSocket::isClosed)) {
			throw new AssertionError("Left open: " + leaked + ", returned: " + this.returned);
		}
		return List.copyOf(this.events);
	}

	private void call(Scenario.Call call) {
		NetTraceContext context = NetTraceContext.empty();
		for (Scenario.Trace trace : this.scenario.traces()) {
			context = context.withTrace(new RecordingTrace(call.by(), trace));
		}
		if (this.scenario.dns().values().stream().anyMatch(Scenario.Answer::alternate)) {
			context = context.withResolver((network, host) -> {
				add(Event.altResolver(call.by(), network, host));
				return answer(host);
			});
		}
		NetTraceContext.Scope scope = context.open();
		try {
			NetTrace trace = new NetTracing().blockingDial("httpcomponents", null, -1);
			if (call.dial()) {
				dial(call, trace);
			}
			else if (this.mode == Mode.ASYNC && call.timeout() == null) {
				lookUpAsync(call, trace);
			}
			else {
				lookUp(call, trace);
			}
		}
		finally {
			scope.close();
		}
	}

	private void dial(Scenario.Call call, NetTrace trace) {
		DialSettings settings = DialSettings.defaults().withTimeout(call.timeout());
		Duration delay = call.fallbackDelay();
		if (delay != null && !delay.isZero()) {
			settings = settings.withFallbackDelay(delay); // Go's zero is the default
		}
		try {
			ScriptedSocket connection = new GoDialer(settings, this.time).dial(
					call.network(), call.host(), call.port(), (network, host, port, deadline) -> this.lookups
						.resolve(trace, new Question(network, host, port), innermost(host, port), deadline),
					this.network);
			this.returned.add(connection);
			add(Event.dialReturn(call.by(), connection.address(), null));
		}
		catch (IOException | RuntimeException ex) {
			add(Event.dialReturn(call.by(), null, ErrorClass.of(ex)), ex);
		}
	}

	private void lookUp(Scenario.Call call, NetTrace trace) {
		Question question = new Question(call.network(), call.host(), call.port());
		Lookup lookup = innermost(call.host(), call.port());
		boolean mayGiveUp = call.timeout() != null || call.cancelMillis() != null;
		try {
			List<InetSocketAddress> answer = (this.mode == Mode.OWN_THREAD && !mayGiveUp)
					? this.lookups.resolve(trace, question, lookup)
					: this.lookups.resolve(trace, question, lookup, this.time.deadlineIn(call.timeout()));
			add(Event.lookupReturn(call.by(), addresses(answer), null));
		}
		catch (IOException | RuntimeException ex) {
			add(Event.lookupReturn(call.by(), List.of(), ErrorClass.of(ex)), ex);
		}
	}

	private void lookUpAsync(Scenario.Call call, NetTrace trace) {
		Clock.Mailbox<Boolean> ended = this.time.mailbox();
		Runnable cancel = this.lookups.resolve(NetTraceContext.current(), trace,
				new Question(call.network(), call.host(), call.port()), lookUpAsync(call),
				new VirtualEventLoop(this.time), (answer, error) -> {
					add(Event.lookupReturn(call.by(), (error != null) ? List.of() : addresses(answer),
							ErrorClass.of(error)));
					ended.put(true);
				});
		try {
			ended.poll(Clock.NEVER);
		}
		catch (InterruptedException ex) {
			cancel.run();
		}
	}

	private Lookup.Async lookUpAsync(Scenario.Call call) {
		return (whenDone) -> {
			AlternateResolver alternate = AlternateResolver.current();
			if (alternate != null) {
				whenDone.accept(alternate.resolve(new Question(call.network(), call.host(), call.port())), null);
				return;
			}
			this.time.execute(() -> {
				try {
					whenDone.accept(answer(call.host(), call.port()), null);
				}
				catch (PartialAnswerException ex) {
					whenDone.accept(at(ex.addresses(), call.port()), ex);
				}
				catch (IOException | RuntimeException ex) {
					whenDone.accept(null, ex);
				}
			});
		};
	}

	private Lookup innermost(String host, int port) {
		return (question) -> {
			AlternateResolver alternate = AlternateResolver.current();
			return (alternate != null) ? alternate.resolve(question) : answer(host, port);
		};
	}

	private List<InetSocketAddress> answer(String host, int port) throws IOException {
		return IpLiteral.matches(host) ? at(List.of(Scenario.literal(host)), port) : at(answer(host), port);
	}

	private List<InetAddress> answer(String host) throws IOException {
		Scenario.Answer answer = this.scenario.dns().get(host);
		if (answer == null) {
			throw new IllegalStateException("The scenario does not say what " + host + " is");
		}
		try {
			this.time.mailbox().poll(this.time.deadlineIn(answer.delay()));
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException("A resolver is never interrupted", ex);
		}
		List<InetAddress> addresses = (answer.addresses() != null) ? answer.addresses() : List.of();
		if (answer.error() == null) {
			return addresses;
		}
		IOException error = ErrorClass.ofResolver(answer.error(), host);
		throw addresses.isEmpty() ? error : new PartialAnswerException(addresses, error);
	}

	private static List<InetSocketAddress> at(List<InetAddress> addresses, int port) {
		return addresses.stream().map((address) -> new InetSocketAddress(address, port)).toList();
	}

	private static List<InetAddress> addresses(@Nullable List<InetSocketAddress> answer) {
		return (answer != null) ? answer.stream().map(InetSocketAddress::getAddress).toList() : List.of();
	}

	private void add(Event event) {
		add(event, null);
	}

	private void add(Event event, @Nullable Throwable error) {
		this.events.add(new Event.At(event, (this.time.nanoTime() - this.start) / 1e6, null,
				(error != null) ? error.getMessage() : null));
	}

	private final class RecordingTrace implements NetTrace {

		private final String by;

		private final Scenario.Trace trace;

		RecordingTrace(String by, Scenario.Trace trace) {
			this.by = by;
			this.trace = trace;
		}

		@Override
		public void dnsStart(String host) {
			add(Event.dnsStart(this.by, this.trace.name(), host));
		}

		@Override
		public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
			add(Event.dnsDone(this.by, this.trace.name(), addresses, coalesced, ErrorClass.of(error)));
		}

		@Override
		public void connectStart(String network, SocketAddress address) {
			add(Event.connectStart(this.by, this.trace.name(), network, (InetSocketAddress) address));
		}

		@Override
		public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
			add(Event.connectDone(this.by, this.trace.name(), network, (InetSocketAddress) address,
					ErrorClass.of(error)));
		}

		private void add(Event event) {
			if (this.trace.hooks().contains(event.name())) {
				ScenarioRun.this.add(event);
			}
		}

	}

}
