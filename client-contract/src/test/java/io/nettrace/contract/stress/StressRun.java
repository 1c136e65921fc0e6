package io.nettrace.contract.stress;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import io.nettrace.ConnectionListener;
import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import io.nettrace.autoconfigure.BoundToThreads;
import io.nettrace.concurrent.LookupThreads;
import io.nettrace.concurrent.Threads;
import io.nettrace.dns.LookupSettings;
import io.nettrace.dns.SingleFlightPolicy;
import io.nettrace.instrument.NetTracing;
import io.nettrace.test.TestAuthority;
import io.opentelemetry.sdk.trace.SpanProcessor;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * Many requests of one library, in an application with everything auto-configured.
 */
final class StressRun implements AutoCloseable {

	private static final int CALLERS = 32;

	private static final Duration LOOKUP = Duration.ofMillis(200);

	private static final Duration AT_MOST = Duration.ofSeconds(20);

	private final Library library;

	private final long seed;

	private final Violations violations = new Violations();

	private final Tally tally = new Tally();

	private final SpanChecker spans = new SpanChecker();

	private final ConnectionChecker connections;

	private final TestAuthority authority = TestAuthority.create("stress");

	private final Map<Integer, TrackedRequest> requests = new ConcurrentHashMap<>();

	private final Queue<TrackedRequest> pending = new ConcurrentLinkedQueue<>();

	private final ReentrantLock sweeping = new ReentrantLock();

	private final Queue<WeakReference<TrackedRequest>> references = new ConcurrentLinkedQueue<>();

	private final Failures failures = new Failures();

	private final AtomicInteger succeeded = new AtomicInteger();

	private final ExecutorService background = Executors.newFixedThreadPool(2);

	private final Executor perTask = Threads.perTask("stress-virtual-");

	private final FaultyServer server;

	private final FaultyStreams streams;

	private final ConfigurableApplicationContext application;

	StressRun(Library library, long seed) {
		this.library = library;
		this.seed = seed;
		this.connections = new ConnectionChecker(this.violations, library);
		this.server = new FaultyServer(seed, this.authority, this.requests::get);
		this.streams = new FaultyStreams(seed, this.requests::get);
		this.application = new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.initializers((context) -> addBeans((GenericApplicationContext) context))
			.run("--management.tracing.sampling.probability=1.0", "--management.otlp.metrics.export.enabled=false",
					"--spring.main.banner-mode=off", "--logging.level.root=off");
	}

	private void addBeans(GenericApplicationContext context) {
		context.registerBean(NetTrace.Factory.class, () -> new Traces(this));
		context.registerBean(ConnectionListener.class, () -> this.connections);
		context.registerBean(SpanProcessor.class, () -> this.spans);
	}

	/**
	 * Send requests from many callers at once, and check that everything adds up.
	 * @param count how many
	 */
	void run(int count) throws InterruptedException {
		StressClients clients = this.library.start(this);
		try {
			sendAll(clients, count);
			awaitEverything();
			BoundToThreads.awaitNothing();
			if (!this.library.connectionsHoldRequests()) {
				awaitFreed();
			}
		}
		finally {
			clients.close();
		}
		awaitFreed();
		awaitUntil("connections that are open after their client was closed",
				() -> this.connections.countOpened() - this.connections.countClosed(), this.connections::lastOfOpen);
	}

	private void sendAll(StressClients clients, int count) throws InterruptedException {
		AtomicInteger next = new AtomicInteger();
		CountDownLatch callers = new CountDownLatch(CALLERS);
		for (int i = 0; i < CALLERS; i++) {
			new Thread(() -> {
				try {
					for (int id = next.incrementAndGet(); id <= count; id = next.incrementAndGet()) {
						send(clients, Plan.random(this.seed, id));
						sweep();
					}
				}
				catch (Throwable ex) {
					this.violations.add("a caller goes on", Failures.text(ex));
				}
				finally {
					callers.countDown();
				}
			}, "stress-caller-" + i).start();
		}
		callers.await();
	}

	private void send(StressClients clients, Plan plan) throws InterruptedException {
		TrackedRequest request = new TrackedRequest(plan, this);
		if (plan.onVirtualThread()) {
			CountDownLatch done = new CountDownLatch(1);
			this.perTask.execute(() -> {
				send(clients, request);
				done.countDown();
			});
			done.await();
		}
		else {
			send(clients, request);
		}
	}

	private void send(StressClients clients, TrackedRequest request) {
		this.requests.put(request.plan().id(), request);
		this.references.add(new WeakReference<>(request));
		Observation.Context context = new Observation.Context();
		context.put(TrackedRequest.class, request);
		Observation observation = Observation.start(SpanChecker.REQUEST, () -> context, registry());
		TracingContext tracing = Objects.requireNonNull(context.get(TracingContext.class));
		this.spans.expect(Objects.requireNonNull(tracing.getSpan()).context().spanId(), request.spans());
		try {
			request.succeeded(clients.send(request, observation));
			this.succeeded.incrementAndGet();
		}
		catch (Throwable ex) {
			this.failures.add(request, ex);
			request.check(Failures.isExpected(ex), "an exception that a library throws: " + ex.getClass().getName(),
					Failures.text(ex));
		}
		finally {
			request.finished();
			observation.stop();
		}
		request.check(registry().getCurrentObservation() == null, "no observation stays on the thread");
		this.pending.add(request);
	}

	/**
	 * Do something of a client's in the name of a request that is not counted.
	 */
	void observeLast(Consumer<TrackedRequest> action) {
		TrackedRequest request = new TrackedRequest(Plan.random(this.seed, 0), this);
		Observation.Context context = new Observation.Context();
		context.put(TrackedRequest.class, request);
		Observation.createNotStarted(SpanChecker.REQUEST, () -> context, registry())
			.observe(() -> action.accept(request));
	}

	private ObservationRegistry registry() {
		return this.application.getBean(ObservationRegistry.class);
	}

	/**
	 * Let go of the requests of which everything has been told.
	 */
	private void sweep() {
		if (this.sweeping.tryLock()) {
			try {
				this.pending.removeIf((request) -> {
					boolean over = request.isOver();
					if (over) {
						this.requests.remove(request.plan().id());
					}
					return over;
				});
			}
			finally {
				this.sweeping.unlock();
			}
		}
	}

	private void awaitEverything() {
		try {
			Awaitility.await().atMost(AT_MOST).until(() -> {
				sweep();
				return this.pending.isEmpty();
			});
		}
		catch (org.awaitility.core.ConditionTimeoutException ex) {
			this.pending.forEach((request) -> request.check(false, "every start has its done"));
			this.pending.clear();
			this.requests.clear();
		}
		awaitUntil("exchanges that have a connection", this.connections::active, this.connections::lastOfOpen);
		awaitUntil("acquired and not released",
				() -> this.connections.countAcquired() - this.connections.countReleased(),
				this.connections::lastOfOpen);
		awaitUntil("spans that have not ended", this.spans::unended, () -> "");
		long got = this.tally.of(Moment.GOT_CONN);
		if (got != this.connections.countAcquired()) {
			this.violations.add("each gotConn is one acquired", got + " and " + this.connections.countAcquired());
		}
	}

	private void awaitUntil(String what, Supplier<? extends Number> isZero, Supplier<?> detail) {
		try {
			Awaitility.await().atMost(AT_MOST).until(() -> isZero.get().longValue() == 0);
		}
		catch (org.awaitility.core.ConditionTimeoutException ex) {
			this.violations.add("no " + what, isZero.get() + " " + detail.get());
		}
	}

	private void awaitFreed() {
		awaitUntil("requests that something holds", () -> {
			System.gc();
			this.references.removeIf((reference) -> reference.get() == null);
			return this.references.size();
		}, () -> this.references.stream().map(WeakReference::get).toList());
	}

	Library library() {
		return this.library;
	}

	TestAuthority authority() {
		return this.authority;
	}

	/**
	 * Return where a request goes.
	 */
	String url(Plan plan) {
		return this.library.multiplexes() ? this.streams.url(plan.host(), plan.id(), 0)
				: this.server.url(plan.secure(), plan.host(), plan.id(), 0);
	}

	FaultyServer server() {
		return this.server;
	}

	Violations violations() {
		return this.violations;
	}

	Tally tally() {
		return this.tally;
	}

	SpanChecker spans() {
		return this.spans;
	}

	ConnectionChecker connections() {
		return this.connections;
	}

	Failures failures() {
		return this.failures;
	}

	int succeeded() {
		return this.succeeded.get();
	}

	/**
	 * Where requests are cancelled by another thread.
	 */
	Executor background() {
		return this.background;
	}

	NetTracing tracing() {
		return this.application.getBean(NetTracing.class);
	}

	LookupThreads lookupThreads() {
		return this.application.getBean(LookupThreads.class);
	}

	LookupSettings lookupSettings(Pool pool) {
		return LookupSettings.defaults()
			.withSingleFlight((pool == Pool.SMALL) ? SingleFlightPolicy.ALWAYS : SingleFlightPolicy.NEVER)
			.withTimeout(LOOKUP);
	}

	@Override
	public void close() {
		this.application.close();
		this.server.close();
		this.streams.close();
		this.background.shutdownNow();
	}

	/**
	 * Finds the request by the observation around it.
	 */
	private record Traces(StressRun run) implements NetTrace.Factory {

		@Override
		public NetTrace create(RequestInfo request) {
			Observation current = this.run.registry().getCurrentObservation();
			if (current == null) {
				this.run.violations.add("a trace has its request",
						request + " " + Failures.text(new Throwable("made here")));
				return NetTrace.NONE;
			}
			return trace(current, request);
		}

		@Override
		public @Nullable NetTrace create(RequestInfo request, Function<Object, @Nullable Object> bindings) {
			return (bindings.apply(ObservationThreadLocalAccessor.KEY) instanceof Observation observation)
					? trace(observation, request) : null;
		}

		private static NetTrace trace(Observation observation, RequestInfo request) {
			TrackedRequest tracked = observation.getContextView().getRequired(TrackedRequest.class);
			return tracked.trace(request);
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
