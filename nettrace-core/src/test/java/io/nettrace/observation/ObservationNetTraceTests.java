package io.nettrace.observation;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationPredicate;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ObservationNetTraceTests {

	private static final InetSocketAddress PEER = InetSocketAddress.createUnresolved("api.test", 80);

	private final TestObservationRegistry registry = TestObservationRegistry.create();

	@Test
	void excludedHostIsNotObserved() {
		NetTrace trace = factory(
				ObservationSettings.defaults().withPatterns(new HostPatterns(List.of(), List.of("noisy.*"))))
			.create(new RequestInfo("jetty", null, -1, 1))
			.forDial();
		operate(trace, "noisy.test");
		TestObservationRegistryAssert.assertThat(this.registry).doesNotHaveAnyObservation();
	}

	@Test
	void excludedHostTakesNoPlaceOnMeters() {
		HostGuard guard = new HostGuard(1);
		operate(factory(ObservationSettings.defaults()
			.withHosts(guard)
			.withPatterns(new HostPatterns(List.of("api.*"), List.of()))).create(new RequestInfo("jetty", null, -1, 1))
			.forDial(), "other.test");
		assertThat(guard.foundHost("api.test")).isEqualTo("api.test");
	}

	@Test
	void withoutParentNothingIsObservedIfOneIsRequired() {
		ObservationNetTraceFactory factory = factory(ObservationSettings.defaults().withRequireParent(true));
		assertThat(factory.create(new RequestInfo("jetty", null, -1, 1))).isSameAs(NetTrace.NONE);
		Observation request = Observation.start("http.client.requests", this.registry);
		request.scoped(() -> operate(factory.create(new RequestInfo("jetty", null, -1, 1)).forDial(), "api.test"));
		TestObservationRegistryAssert.assertThat(this.registry)
			.hasNumberOfObservationsWithNameEqualTo("dns.lookup.duration", 1)
			.hasNumberOfObservationsWithNameEqualTo("socket.connect.duration", 1);
	}

	@Test
	void anObservationSwitchedOffDoesNotHideTheOneAroundIt() {
		ObservationPredicate predicate = (name, context) -> !name.equals("http.client.requests");
		this.registry.observationConfig().observationPredicate(predicate);
		Observation business = Observation.start("business", this.registry);
		business.scoped(() -> Observation.start("http.client.requests", this.registry)
			.scoped(() -> operate(
					factory(ObservationSettings.defaults()).create(new RequestInfo("jetty", null, -1, 1)).forDial(),
					"api.test")));
		TestObservationRegistryAssert.assertThat(this.registry)
			.hasObservationWithNameEqualTo("dns.lookup.duration")
			.that()
			.hasParentObservationContextMatching((parent) -> "business".equals(parent.getName()));
	}

	@Test
	void parentIsFoundInTheBindingsOfARequest() {
		Observation request = Observation.start("http.client.requests", this.registry);
		operate(factory(ObservationSettings.defaults())
			.create(new RequestInfo("jetty", null, -1, 1), Map.of(ObservationThreadLocalAccessor.KEY, request)::get)
			.forDial(), "api.test");
		TestObservationRegistryAssert.assertThat(this.registry)
			.hasObservationWithNameEqualTo("socket.connect.duration")
			.that()
			.hasParentObservationContextMatching((parent) -> "http.client.requests".equals(parent.getName()));
	}

	@Test
	void bindingsWithoutAParentAreNoneIfOneIsRequired() {
		ObservationNetTraceFactory factory = factory(ObservationSettings.defaults().withRequireParent(true));
		assertThat(factory.create(new RequestInfo("jetty", null, -1, 1), (key) -> null)).isSameAs(NetTrace.NONE);
		assertThat(factory.create(new RequestInfo("jetty", null, -1, 1), (key) -> Observation.NOOP))
			.isSameAs(NetTrace.NONE);
	}

	@Test
	void handlersReadAddAndRemoveKeyValuesOfHighCardinality() {
		List<String> seen = new ArrayList<>();
		this.registry.observationConfig().observationHandler(new ObservationHandler<SocketConnectContext>() {

			@Override
			public boolean supportsContext(Observation.Context context) {
				return context instanceof SocketConnectContext;
			}

			@Override
			public void onStart(SocketConnectContext context) {
				context.getHighCardinalityKeyValues().forEach((keyValue) -> seen.add(keyValue.getKey()));
				context.addHighCardinalityKeyValue(KeyValue.of("team", "blue"));
			}

			@Override
			public void onStop(SocketConnectContext context) {
				context.removeHighCardinalityKeyValue("network.peer.port");
			}

		});
		operate(factory(ObservationSettings.defaults()).create(new RequestInfo("jetty", null, -1, 1)).forDial(),
				"api.test");
		assertThat(seen).containsExactly("nettrace.connect.attempt", "network.peer.address", "network.peer.port",
				"server.port");
		TestObservationRegistryAssert.assertThat(this.registry)
			.hasObservationWithNameEqualTo("socket.connect.duration")
			.that()
			.hasHighCardinalityKeyValue("team", "blue")
			.hasHighCardinalityKeyValue("server.port", "80")
			.doesNotHaveHighCardinalityKeyValueWithKey("network.peer.port");
	}

	@Test
	void keyValuesAddedBeforeTheStartStay() {
		this.registry.observationConfig().observationPredicate((name, context) -> {
			context.addHighCardinalityKeyValue(KeyValue.of("team", "blue"));
			return true;
		});
		operate(factory(ObservationSettings.defaults()).create(new RequestInfo("jetty", null, -1, 1)).forDial(),
				"api.test");
		TestObservationRegistryAssert.assertThat(this.registry)
			.hasObservationWithNameEqualTo("socket.connect.duration")
			.that()
			.hasHighCardinalityKeyValue("team", "blue")
			.hasHighCardinalityKeyValue("server.port", "80");
	}

	@Test
	void lookupsThatEndAlikeShareTheirKeyValues() {
		List<KeyValues> ends = new ArrayList<>();
		this.registry.observationConfig().observationHandler(new ObservationHandler<DnsLookupContext>() {

			@Override
			public boolean supportsContext(Observation.Context context) {
				return context instanceof DnsLookupContext;
			}

			@Override
			public void onStart(DnsLookupContext context) {
				if (ends.size() == 3) {
					context.addLowCardinalityKeyValue(KeyValue.of("team", "blue"));
				}
			}

			@Override
			public void onStop(DnsLookupContext context) {
				ends.add(context.getLowCardinalityKeyValues());
			}

		});
		ObservationNetTraceFactory factory = factory(ObservationSettings.defaults());
		for (boolean coalesced : new boolean[] { false, true, true, true }) {
			NetTrace trace = factory.create(new RequestInfo("jetty", null, -1, 1)).forDial();
			trace.dnsStart("api.test");
			trace.dnsDone(List.of(), coalesced, null);
		}
		KeyValues alone = KeyValues.of("dns.question.name", "api.test", "error.type", "none", "nettrace.client",
				"jetty", "nettrace.dns.coalesced", "false");
		KeyValues shared = alone.and("nettrace.dns.coalesced", "true");
		assertThat(ends).containsExactly(alone, shared, shared, shared.and("team", "blue"));
		assertThat(ends.get(2)).isSameAs(ends.get(1));
	}

	@Test
	void onePartSwitchedOffLeavesTheOther() {
		this.registry.observationConfig()
			.observationPredicate((name, context) -> !(context instanceof DnsLookupContext));
		operate(factory(ObservationSettings.defaults()).create(new RequestInfo("jetty", null, -1, 1)).forDial(),
				"api.test");
		TestObservationRegistryAssert.assertThat(this.registry)
			.hasNumberOfObservationsEqualTo(1)
			.hasObservationWithNameEqualTo("socket.connect.duration")
			.that()
			.hasLowCardinalityKeyValue("server.address", "api.test")
			.hasBeenStarted()
			.hasBeenStopped();
	}

	@Test
	void theSameAddressTriedTwiceAtOnceEndsTwice() {
		NetTrace trace = factory(ObservationSettings.defaults()).create(new RequestInfo("jetty", null, -1, 1))
			.forDial();
		trace.connectStart("tcp", PEER);
		trace.connectStart("tcp", PEER);
		trace.connectDone("tcp", PEER, null);
		trace.connectDone("tcp", PEER, null);
		trace.connectDone("tcp", PEER, null);
		TestObservationRegistryAssert.assertThat(this.registry)
			.hasNumberOfObservationsEqualTo(2)
			.hasHandledContextsThatSatisfy((contexts) -> assertThat(contexts).hasSize(2));
	}

	private ObservationNetTraceFactory factory(ObservationSettings settings) {
		return new ObservationNetTraceFactory(() -> this.registry, settings);
	}

	private static void operate(NetTrace trace, String host) {
		trace.dnsStart(host);
		trace.dnsDone(List.of(), false, null);
		trace.connectStart("tcp", PEER);
		trace.connectDone("tcp", PEER, null);
	}

}
