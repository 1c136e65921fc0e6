package io.nettrace.equality;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.micrometer.common.KeyValues;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import io.micrometer.observation.GlobalObservationConvention;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationFilter;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationPredicate;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.RequestReplySenderContext;
import org.jspecify.annotations.Nullable;
import org.springframework.context.support.GenericApplicationContext;

/**
 * Micrometer extensions of an application, and what they throw. Most of them throw only
 * for observations other than Boot's request, which do not exist without nettrace.
 */
final class ObservationScenarios {

	private ObservationScenarios() {
	}

	static List<Scenario> all() {
		return Stream
			.of(Scenario.of("handlers that throw", ObservationScenarios::handlers),
					Scenario.of("handler that throws for requests, too", ObservationScenarios::handlersOfAll),
					Scenario.of("convention that throws", (stage) -> throwing(stage,
							(context) -> context.registerBean(ThrowingConvention.class, ThrowingConvention::new))),
					Scenario.of("convention that returns null",
							(stage) -> throwing(stage,
									(context) -> context.registerBean(NullConvention.class, NullConvention::new))),
					Scenario.of("observation filter that throws", (stage) -> throwing(stage,
							(context) -> context.registerBean(ObservationFilter.class, () -> (observed) -> {
								failUnlessRequest(observed);
								return observed;
							}))),
					Scenario.of("observation filter that returns null",
							(stage) -> throwing(stage,
									(context) -> context.registerBean(ObservationFilter.class,
											() -> (observed) -> isRequest(observed) ? observed : nothing()))),
					Scenario.of("observation predicate that throws", (stage) -> throwing(stage,
							(context) -> context.registerBean(ObservationPredicate.class, () -> (name, observed) -> {
								failUnlessRequest(observed);
								return true;
							}))),
					Scenario.of("observation predicate that lets nothing pass",
							(stage) -> throwing(stage,
									(context) -> context.registerBean(ObservationPredicate.class,
											() -> (name, observed) -> false))),
					Scenario.of("meter filter that throws",
							(stage) -> throwing(stage,
									(context) -> context.registerBean(MeterFilter.class, ThrowingMeterFilter::new))),
					Scenario.of("no observations", (stage) -> throwing(stage,
							(context) -> context.registerBean("noObservations", ObservationRegistry.class,
									() -> ObservationRegistry.NOOP, (definition) -> definition.setPrimary(true)))),
					Scenario.of("within an observation", ObservationScenarios::within),
					Scenario.of("ThreadLocalAccessor that throws on reading", (stage) -> accessor(stage, true)).alone(),
					Scenario.of("ThreadLocalAccessor that throws on writing", (stage) -> accessor(stage, false))
						.alone())
			.map(Scenario::slow)
			.toList();
	}

	private static boolean isRequest(Observation.Context context) {
		return context instanceof RequestReplySenderContext;
	}

	private static void failUnlessRequest(Observation.Context context) {
		if (!isRequest(context)) {
			throw new IllegalStateException("thrown by the application");
		}
	}

	@SuppressWarnings({ "NullAway", "TypeParameterUnusedInFormals" })
	private static <T> T nothing() {
		return null;
	}

	private static void throwing(Stage stage, Consumer<GenericApplicationContext> beans) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Application application = stage.applicationOfScenario(beans);
		Caller caller = stage.caller(application);
		caller.send(Request.get(server.url("localhost") + "/1"));
		caller.send(Request.get(server.url("localhost") + "/2"));
		caller.send(Request.get("http://localhost:" + stage.closedPort() + "/3"));
		noteCurrent(stage, application);
	}

	private static void noteCurrent(Stage stage, Application application) {
		Observation current = application.bean(ObservationRegistry.class).getCurrentObservation();
		stage.note("current observation " + ((current != null) ? current.getContext().getName() : "none"));
	}

	private static void handlers(Stage stage) throws IOException {
		handlers(stage, new ThrowingHandler(false));
	}

	private static void handlersOfAll(Stage stage) throws IOException {
		handlers(stage, new ThrowingHandler(true));
	}

	private static void handlers(Stage stage, ThrowingHandler handler) throws IOException {
		RecordingServer server = stage.server((exchange) -> {
			exchange.respond("200 OK", "", "Connection: close");
			exchange.close();
		});
		Application application = stage
			.application((context) -> context.registerBean("throwingHandler", ObservationHandler.class, () -> handler));
		Caller caller = stage.caller(application);
		for (ThrowingHandler.When when : ThrowingHandler.When.values()) {
			stage.note("throws at " + when);
			handler.when = when;
			caller.send(Request.get(server.url("localhost") + "/" + when));
			caller.send(Request.get("http://localhost:" + stage.closedPort() + "/" + when));
			noteCurrent(stage, application);
			// whatever Boot's own request leaves behind must not reach the next one
			Observation.Scope left = application.bean(ObservationRegistry.class).getCurrentObservationScope();
			handler.when = ThrowingHandler.When.NEVER;
			if (left != null) {
				left.close();
			}
		}
	}

	private static void within(Stage stage) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		Caller caller = stage.caller();
		ObservationRegistry registry = stage.application().bean(ObservationRegistry.class);
		Observation.createNotStarted("incoming", registry).observe(() -> {
			caller.send(Request.get(server.url("localhost") + "/1"));
			caller.send(Request.get(server.url("localhost") + "/2"));
			noteCurrent(stage, stage.application());
		});
		noteCurrent(stage, stage.application());
	}

	private static void accessor(Stage stage, boolean reading) throws IOException {
		RecordingServer server = stage.server(ExchangeScenarios.ok());
		ThrowingAccessor accessor = new ThrowingAccessor(reading);
		ContextRegistry.getInstance().registerThreadLocalAccessor(accessor);
		try {
			Caller caller = stage.caller();
			caller.send(Request.get(server.url("localhost") + "/1"));
			caller.send(Request.get(server.url("localhost") + "/2"));
			caller.send(Request.get("http://localhost:" + stage.closedPort() + "/3"));
		}
		finally {
			ContextRegistry.getInstance().removeThreadLocalAccessor(accessor.key());
		}
	}

	/**
	 * Throws in one of its methods.
	 */
	static final class ThrowingHandler implements ObservationHandler<Observation.Context> {

		private final boolean always;

		private volatile When when = When.NEVER;

		ThrowingHandler(boolean always) {
			this.always = always;
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			fail(When.SUPPORTS, context);
			return true;
		}

		@Override
		public void onStart(Observation.Context context) {
			fail(When.START, context);
		}

		@Override
		public void onStop(Observation.Context context) {
			fail(When.STOP, context);
		}

		@Override
		public void onError(Observation.Context context) {
			fail(When.ERROR, context);
		}

		@Override
		public void onScopeOpened(Observation.Context context) {
			fail(When.SCOPE_OPENED, context);
		}

		@Override
		public void onScopeClosed(Observation.Context context) {
			fail(When.SCOPE_CLOSED, context);
		}

		private void fail(When place, Observation.Context context) {
			if (this.when == place && (this.always || !isRequest(context))) {
				throw new IllegalStateException("thrown at " + place);
			}
		}

		enum When {

			NEVER, SUPPORTS, START, STOP, ERROR, SCOPE_OPENED, SCOPE_CLOSED

		}

	}

	/**
	 * Throws for all but requests.
	 */
	static class ThrowingConvention implements GlobalObservationConvention<Observation.Context> {

		@Override
		public boolean supportsContext(Observation.Context context) {
			return !isRequest(context);
		}

		@Override
		public String getName() {
			throw new IllegalStateException("no name");
		}

		@Override
		public KeyValues getLowCardinalityKeyValues(Observation.Context context) {
			throw new IllegalStateException("no low cardinality");
		}

		@Override
		public KeyValues getHighCardinalityKeyValues(Observation.Context context) {
			throw new IllegalStateException("no high cardinality");
		}

	}

	/**
	 * Returns null for all but requests.
	 */
	static class NullConvention implements GlobalObservationConvention<Observation.Context> {

		@Override
		public boolean supportsContext(Observation.Context context) {
			return !isRequest(context);
		}

		@Override
		public @Nullable String getName() {
			return null;
		}

		@Override
		public KeyValues getLowCardinalityKeyValues(Observation.Context context) {
			return nothing();
		}

		@Override
		public KeyValues getHighCardinalityKeyValues(Observation.Context context) {
			return nothing();
		}

	}

	/**
	 * Throws for meters other than Boot's, the JVM's and the system's.
	 */
	static class ThrowingMeterFilter implements MeterFilter {

		@Override
		public MeterFilterReply accept(Meter.Id id) {
			if (id.getName().startsWith("dns.") || id.getName().startsWith("socket.")) {
				throw new IllegalStateException("thrown by the application's filter");
			}
			return MeterFilterReply.NEUTRAL;
		}

	}

	/**
	 * A thread's value that cannot be read or written.
	 */
	static final class ThrowingAccessor implements ThreadLocalAccessor<String> {

		private final boolean reading;

		ThrowingAccessor(boolean reading) {
			this.reading = reading;
		}

		@Override
		public Object key() {
			return "equality.throwing";
		}

		@Override
		public @Nullable String getValue() {
			if (this.reading) {
				throw new IllegalStateException("cannot be read");
			}
			return "value";
		}

		@Override
		public void setValue(String value) {
			throw new IllegalStateException("cannot be written");
		}

		@Override
		public void setValue() {
			throw new IllegalStateException("cannot be removed");
		}

	}

}
