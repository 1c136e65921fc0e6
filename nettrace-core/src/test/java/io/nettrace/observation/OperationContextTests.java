package io.nettrace.observation;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class OperationContextTests {

	/**
	 * What Micrometer's context says of itself without its maps, which stay empty here.
	 * Whatever else it learns to do has to be overridden, or belongs into this list.
	 */
	private static final List<String> WITHOUT_MAPS = List.of("getName", "setName", "getContextualName",
			"setContextualName", "getParentObservation", "setParentObservation", "getError", "setError",
			"getAllKeyValues");

	@Test
	void everyMethodOfMicrometersContextThatReadsItsMapsIsOverridden() {
		assertThat(Stream.of(Observation.Context.class.getDeclaredMethods())
			.filter((method) -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
			.filter((method) -> !isOverridden(method))
			.map(Method::getName)).containsExactlyInAnyOrderElementsOf(WITHOUT_MAPS);
	}

	private static boolean isOverridden(Method method) {
		try {
			return DnsLookupContext.class.getMethod(method.getName(), method.getParameterTypes())
				.getDeclaringClass() != Observation.Context.class;
		}
		catch (NoSuchMethodException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void allKeyValuesAreThoseOfBothKinds() {
		DnsLookupContext context = new DnsLookupContext("jetty", "a.test", "a.test");
		context.addLowCardinalityKeyValue(KeyValue.of("low", "1"));
		context.addHighCardinalityKeyValue(KeyValue.of("high", "2"));
		assertThat(context.getAllKeyValues()).isEqualTo(KeyValues.of("low", "1", "high", "2"));
	}

	@Test
	void textShowsEverything() {
		DnsLookupContext context = new DnsLookupContext("jetty", "a.test", "a.test");
		context.setName("dns.lookup.duration");
		context.put("first", "entry");
		context.put("second", "one");
		context.addLowCardinalityKeyValue(KeyValue.of("low", "1"));
		context.addHighCardinalityKeyValue(KeyValue.of("high", "2"));
		assertThat(context.toString()).contains("dns.lookup.duration", "first", "entry", "second", "one", "low", "1",
				"high", "2");
	}

	@Test
	void emptySubclassesOfTheDefaultConventionsSayTheSame() {
		Stream.of("a.test", "_OTHER").forEach((meterHost) -> {
			DnsLookupContext lookup = new DnsLookupContext("jetty", "a.test", meterHost);
			assertThat(new DefaultDnsLookupObservationConvention() {
			}.getHighCardinalityKeyValues(lookup))
				.isEqualTo(new DefaultDnsLookupObservationConvention().getHighCardinalityKeyValues(lookup));
			SocketConnectContext connect = new SocketConnectContext("jetty", "a.test", meterHost, "tcp",
					InetSocketAddress.createUnresolved("a.test", 80), 1);
			assertThat(new DefaultSocketConnectObservationConvention() {
			}.getHighCardinalityKeyValues(connect))
				.isEqualTo(new DefaultSocketConnectObservationConvention().getHighCardinalityKeyValues(connect));
		});
	}

	/**
	 * A handler may compare them.
	 */
	@Test
	void keyValuesEqualMicrometersOwn() {
		SocketConnectContext connect = new SocketConnectContext("jetty", "a.test", "a.test", "tcp",
				InetSocketAddress.createUnresolved("a.test", 80), 1);
		Observation
			.createNotStarted(new DefaultSocketConnectObservationConvention(), () -> connect,
					ObservationRegistry.create())
			.start();
		assertThat(new DefaultSocketConnectObservationConvention().getHighCardinalityKeyValues(connect))
			.contains(KeyValue.of("nettrace.connect.attempt", "1"), KeyValue.of("server.port", "80"));
	}

}
