package io.nettrace.contract.httptrace;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import io.nettrace.NetTraceContext;
import io.nettrace.instrument.NetTracing;
import io.nettrace.test.BlackHole;
import org.jspecify.annotations.Nullable;

/**
 * Runs a scenario once with one client.
 */
final class ScenarioRun {

	private static final int PATIENCE_SECONDS = 20;

	private static final int LEAST_SETTLE_MILLIS = 30;

	private static final int SETTLE_STEP_MILLIS = 5;

	// IPv6 addresses are those of the scenario: one run at a time has them
	private static final Lock IPV6 = new ReentrantLock();

	private final Scenario scenario;

	private final Library library;

	private final Certificates certificates;

	private final Addresses addresses = new Addresses();

	private final Recorder recorder = new Recorder(this.addresses);

	private final Pause pause = new Pause();

	private final Deque<AutoCloseable> open = new ArrayDeque<>();

	private final ExecutorService timer = Executors.newCachedThreadPool((task) -> daemon("timer", task));

	private final Map<String, CountDownLatch> done = new HashMap<>();

	private final List<Call> calls = new ArrayList<>();

	ScenarioRun(Scenario scenario, Library library, Certificates certificates) {
		this.scenario = scenario;
		this.library = library;
		this.certificates = certificates;
	}

	/**
	 * Run it.
	 * @return what happened, in that order
	 * @throws UnsupportedException if the client or this machine cannot do it
	 */
	List<Recorded> run() throws Exception {
		boolean ipv6 = literals().stream().anyMatch((literal) -> literal.indexOf(':') >= 0);
		if (ipv6) {
			IPV6.lock();
		}
		try {
			return runAlone();
		}
		finally {
			close();
			if (ipv6) {
				IPV6.unlock();
			}
		}
	}

	/**
	 * The IP addresses of the scenario, without ports.
	 */
	private Set<String> literals() {
		Set<String> literals = new TreeSet<>(this.scenario.network().keySet());
		this.scenario.dns().values().forEach((answer) -> literals.addAll(answer.addresses()));
		this.scenario.servers()
			.forEach((server) -> server.at()
				.forEach((at) -> literals.add(at.substring(0, at.lastIndexOf(':')).replaceAll("[\\[\\]]", ""))));
		return literals;
	}

	private List<Recorded> runAlone() throws Exception {
		if (this.scenario.requests().stream().anyMatch(Scenario.Request::got1xxHookFails)) {
			throw new UnsupportedException("a hook that fails: it changes nothing here (G23 is not asked)");
		}
		NetTracing tracing = new NetTracing();
		this.open.push(tracing);
		TestClient client = this.library.client(new TestClient.Setup(this.scenario, this.addresses,
				new ScriptedNames(this.scenario.dns(), this.addresses, this.pause), this.certificates, tracing,
				this.pause));
		try {
			checkAddresses();
			startNetwork();
			send(client);
			settle(Math.max(this.scenario.settleMs(), LEAST_SETTLE_MILLIS));
		}
		finally {
			this.recorder.closing();
			client.close();
		}
		settle(0);
		return this.recorder.events();
	}

	private void checkAddresses() {
		for (String literal : literals()) {
			try (ServerSocket bound = new ServerSocket()) {
				bound.bind(new InetSocketAddress(this.addresses.real(literal), 0));
			}
			catch (IOException ex) {
				throw new UnsupportedException("the address of " + literal + " is not on this machine");
			}
		}
	}

	private void startNetwork() throws IOException {
		for (Scenario.Server server : this.scenario.servers()) {
			this.open.push((server.h2() != null) ? ScriptedHttp2Server.start(server, this.addresses, this.certificates)
					: ScriptedServer.start(server, this.addresses, this.certificates, this.pause,
							this.scenario.client().tlsSessionCache()));
		}
		this.scenario.network().forEach((literal, behaviour) -> {
			if (behaviour.connect() == Scenario.Connect.DROP) {
				ports().forEach((port) -> this.open
					.push(BlackHole.open(Objects.requireNonNull(this.addresses.real(literal).getHostAddress()),
							this.addresses.real(port))));
			}
		});
	}

	private Set<Integer> ports() {
		Set<Integer> ports = new TreeSet<>();
		this.scenario.requests().forEach((request) -> ports.add(request.port()));
		if (this.scenario.client().proxy() != null) {
			ports.add(this.scenario.client().proxy().getPort());
		}
		return ports;
	}

	private void send(TestClient client) throws InterruptedException {
		this.scenario.requests().forEach((request) -> this.done.put(request.by(), new CountDownLatch(1)));
		for (Scenario.Action action : this.scenario.actions()) {
			schedule(action.atMs(), () -> {
				this.recorder.mark("closeIdleConnections", "", Map.of(), null);
				client.closeIdleConnections();
			});
		}
		for (Scenario.Request request : this.scenario.requests()) {
			Call call = new Call(request, this.scenario.traces(), this.recorder, this.pause);
			this.calls.add(call);
			daemon("caller-" + request.by(), () -> send(client, call)).start();
		}
		for (Map.Entry<String, CountDownLatch> each : this.done.entrySet()) {
			if (!each.getValue().await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
				throw new IllegalStateException(
						"Request " + each.getKey() + " does not end: " + this.recorder.events());
			}
		}
	}

	private void send(TestClient client, Call call) {
		Scenario.Request request = call.request();
		try {
			awaitStart(request);
			if (request.isCancelledBefore()) {
				call.cancel();
			}
			schedule(request.cancelAtMs(), call::cancel);
			schedule(request.timeoutMs(), call::passDeadline);
			schedule(this.scenario.client().wholeRequestTimeoutMs(), call::passDeadline);
			NetTraceContext.Scope scope = call.context().open();
			try {
				call.starts();
				client.send(call);
			}
			finally {
				scope.close();
			}
		}
		catch (Exception | Error ex) {
			this.recorder.mark("runnerFailed", request.by(), Map.of("error", ex.toString()), ex);
		}
		finally {
			Objects.requireNonNull(this.done.get(request.by())).countDown();
		}
	}

	private void awaitStart(Scenario.Request request) throws InterruptedException {
		this.pause.millis(request.startAtMs());
		if (request.after() != null) {
			Objects.requireNonNull(this.done.get(request.after())).await();
			this.pause.millis(request.afterMs());
		}
	}

	private void schedule(@Nullable Integer millis, Runnable task) {
		if (millis != null && millis >= 0) {
			CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS, this.timer).execute(task);
		}
	}

	private static Thread daemon(String name, Runnable task) {
		Thread thread = new Thread(task, name);
		thread.setDaemon(true);
		return thread;
	}

	/**
	 * Wait for late hooks, and until every step has ended.
	 */
	private void settle(int atLeastMillis) {
		this.pause.millis(atLeastMillis);
		for (int waited = 0; !this.recorder.isSettled()
				&& waited < TimeUnit.SECONDS.toMillis(2); waited += SETTLE_STEP_MILLIS) {
			this.pause.millis(SETTLE_STEP_MILLIS);
		}
	}

	private void close() throws Exception {
		this.pause.endAll();
		this.timer.shutdownNow();
		for (AutoCloseable each : this.open) {
			each.close();
		}
	}

}
