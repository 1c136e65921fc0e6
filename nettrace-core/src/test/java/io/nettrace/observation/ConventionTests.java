package io.nettrace.observation;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.common.docs.KeyName;
import io.nettrace.DnsAnswerInfo;
import io.nettrace.observation.SocketConnectContext.Outcome;
import io.nettrace.observation.saving.SharedKeyValues;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The default conventions, asked about contexts as a test of the application's would fill
 * them.
 */
@Tag("one-jdk")
class ConventionTests {

	static Stream<DnsLookupContext> lookups() throws UnknownHostException {
		DnsLookupContext started = new DnsLookupContext("jetty", "a.test");
		DnsLookupContext found = new DnsLookupContext("jetty", "a.test");
		found.setAnswers(List.of(InetAddress.getByName("10.1.2.3")));
		DnsLookupContext coalesced = new DnsLookupContext("jetty", "a.test");
		coalesced.setAnswers(List.of(InetAddress.getByName("10.1.2.3"), InetAddress.getByName("fd00::1")));
		coalesced.setCoalesced(true);
		DnsLookupContext failed = new DnsLookupContext("jetty", "a.test");
		failed.setError(new UnknownHostException("a.test: Name or service not known"));
		DnsLookupContext guarded = new DnsLookupContext("jetty", "a.test");
		guarded.setMeterHost("_OTHER");
		DnsLookupContext asked = new DnsLookupContext("jetty", "a.test");
		asked.setAnswerInfo(DnsAnswerInfo.ofQueries(List.of()));
		DnsLookupContext cached = new DnsLookupContext("jetty", "a.test");
		cached.setAnswerInfo(DnsAnswerInfo.of(DnsAnswerInfo.Source.JVM_CACHE, Duration.ofSeconds(7)));
		return Stream.of(started, found, coalesced, failed, guarded, asked, cached);
	}

	static Stream<SocketConnectContext> connects() throws UnknownHostException {
		SocketConnectContext connected = connect(new InetSocketAddress(InetAddress.getByName("10.1.2.3"), 443));
		SocketConnectContext failed = connect(new InetSocketAddress(InetAddress.getByName("10.1.2.3"), 443));
		failed.setOutcome(Outcome.FAILED);
		failed.setError(new ConnectException("Connection refused"));
		SocketConnectContext cancelled = connect(new InetSocketAddress(InetAddress.getByName("10.1.2.3"), 443));
		cancelled.setOutcome(Outcome.CANCELLED);
		cancelled.setAttempt(7);
		SocketConnectContext guarded = connect(new InetSocketAddress(InetAddress.getByName("10.1.2.3"), 443));
		guarded.setMeterHost("_OTHER");
		return Stream.of(connected, failed, cancelled, guarded,
				connect(new InetSocketAddress(InetAddress.getByName("fd00::1"), 443)),
				connect(InetSocketAddress.createUnresolved("a.test", 443)),
				connect(UnixDomainSocketAddress.of("/run/app.sock")));
	}

	private static SocketConnectContext connect(SocketAddress address) {
		return new SocketConnectContext("jetty", "a.test", address);
	}

	@ParameterizedTest
	@MethodSource("lookups")
	void emptySubclassChangesNothingAboutALookup(DnsLookupContext context) {
		DefaultDnsLookupObservationConvention convention = new DefaultDnsLookupObservationConvention();
		DefaultDnsLookupObservationConvention extended = new DefaultDnsLookupObservationConvention() {
		};
		assertThat(extended.getName()).isEqualTo(convention.getName());
		assertThat(extended.getContextualName(context)).isEqualTo(convention.getContextualName(context));
		assertThat(extended.getLowCardinalityKeyValues(context))
			.isEqualTo(convention.getLowCardinalityKeyValues(context))
			.isSameAs(extended.getLowCardinalityKeyValues(context));
		assertThat(extended.getHighCardinalityKeyValues(context))
			.isEqualTo(convention.getHighCardinalityKeyValues(context));
	}

	@ParameterizedTest
	@MethodSource("connects")
	void emptySubclassChangesNothingAboutAConnect(SocketConnectContext context) {
		DefaultSocketConnectObservationConvention convention = new DefaultSocketConnectObservationConvention();
		DefaultSocketConnectObservationConvention extended = new DefaultSocketConnectObservationConvention() {
		};
		assertThat(extended.getName()).isEqualTo(convention.getName());
		assertThat(extended.getContextualName(context)).isEqualTo(convention.getContextualName(context));
		assertThat(extended.getLowCardinalityKeyValues(context))
			.isEqualTo(convention.getLowCardinalityKeyValues(context))
			.isSameAs(extended.getLowCardinalityKeyValues(context));
		assertThat(extended.getHighCardinalityKeyValues(context))
			.isEqualTo(convention.getHighCardinalityKeyValues(context));
	}

	/**
	 * A key that is documented and not emitted, or the other way round, is found here.
	 * Those of the answer are there if something is known of it.
	 */
	@Test
	void keysOfALookupAreTheDocumentedOnes() throws UnknownHostException {
		DefaultDnsLookupObservationConvention convention = new DefaultDnsLookupObservationConvention();
		assertThat(lookups()).allSatisfy(
				(context) -> assertThat(convention.getLowCardinalityKeyValues(context)).extracting(KeyValue::getKey)
					.containsExactlyInAnyOrderElementsOf(
							names(NetTraceObservationDocumentation.DNS_LOOKUP.getLowCardinalityKeyNames())));
		Set<String> emitted = lookups().flatMap((context) -> convention.getHighCardinalityKeyValues(context).stream())
			.map(KeyValue::getKey)
			.filter((key) -> !key.equals("dns.question.name"))
			.collect(Collectors.toSet());
		assertThat(emitted).containsExactlyInAnyOrderElementsOf(
				names(NetTraceObservationDocumentation.DNS_LOOKUP.getHighCardinalityKeyNames()));
	}

	@ParameterizedTest
	@MethodSource("connects")
	void keysOfAConnectAreTheDocumentedOnes(SocketConnectContext context) {
		DefaultSocketConnectObservationConvention convention = new DefaultSocketConnectObservationConvention();
		assertThat(convention.getLowCardinalityKeyValues(context)).extracting(KeyValue::getKey)
			.containsExactlyInAnyOrderElementsOf(
					names(NetTraceObservationDocumentation.SOCKET_CONNECT.getLowCardinalityKeyNames()));
		assertThat(convention.getHighCardinalityKeyValues(context)).extracting(KeyValue::getKey)
			.filteredOn((key) -> !key.equals("server.address"))
			.containsExactlyInAnyOrderElementsOf(
					names(NetTraceObservationDocumentation.SOCKET_CONNECT.getHighCardinalityKeyNames()));
	}

	private static List<String> names(KeyName[] keys) {
		return Stream.of(keys).map(KeyName::asString).toList();
	}

	@Test
	void failedAttemptSaysWhy() {
		SocketConnectContext context = connect(InetSocketAddress.createUnresolved("a.test", 443));
		context.setOutcome(Outcome.FAILED);
		context.setError(new ConnectException("Connection refused"));
		context.setAttempt(2);
		DefaultSocketConnectObservationConvention convention = new DefaultSocketConnectObservationConvention();
		assertThat(convention.getLowCardinalityKeyValues(context))
			.isEqualTo(KeyValues.of("nettrace.client", "jetty", "server.address", "a.test", "network.transport", "tcp",
					"network.type", "none", "nettrace.connect.outcome", "failed", "error.type", "connection_refused"));
		assertThat(convention.getHighCardinalityKeyValues(context)).isEqualTo(KeyValues.of("nettrace.connect.attempt",
				"2", "network.peer.address", "none", "network.peer.port", "443", "server.port", "443"));
	}

	@Test
	void attributeOfASubclassIsOneMethod() {
		DnsLookupContext context = new DnsLookupContext("jetty", "a.test");
		DefaultDnsLookupObservationConvention convention = new DefaultDnsLookupObservationConvention() {

			@Override
			protected String questionName(DnsLookupContext context) {
				return context.getHost().substring(2);
			}

		};
		assertThat(convention.getLowCardinalityKeyValues(context)).contains(KeyValue.of("dns.question.name", "test"));
		assertThat(convention.getHighCardinalityKeyValues(context)).as("spans show the real name")
			.contains(KeyValue.of("dns.question.name", "a.test"));
	}

	@ParameterizedTest
	@MethodSource("connects")
	void keyValuesAreTheSameWhetherOrNotTheyAreShared(SocketConnectContext context) {
		assertThat(new DefaultSocketConnectObservationConvention(SpanNames.LOW_CARDINALITY, SharedKeyValues.empty(0))
			.getLowCardinalityKeyValues(context))
			.isEqualTo(new DefaultSocketConnectObservationConvention().getLowCardinalityKeyValues(context));
	}

}
