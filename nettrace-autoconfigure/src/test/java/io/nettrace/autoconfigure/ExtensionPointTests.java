package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.observation.GlobalObservationConvention;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationFilter;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationPredicate;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.exporter.SpanFilter;
import io.micrometer.tracing.otel.bridge.OtelFinishedSpan;
import io.nettrace.ConnectionInfo;
import io.nettrace.NetTrace;
import io.nettrace.TlsInfo;
import io.nettrace.observation.DefaultDnsLookupObservationConvention;
import io.nettrace.observation.DefaultSocketConnectObservationConvention;
import io.nettrace.observation.DnsLookupContext;
import io.nettrace.observation.DnsLookupObservationConvention;
import io.nettrace.observation.SocketConnectContext;
import io.nettrace.observation.SocketConnectObservationConvention;
import io.nettrace.observation.span.AddressMask;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.AttributeType;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.sdk.trace.data.DelegatingSpanData;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an application can put in as a bean. The parts between {@code docs:} and
 * {@code end} are the examples of docs/extending.md.
 */
@Tag("one-jdk")
class ExtensionPointTests {

	@Test
	void netTraceSeesEveryRequest() {
		try (TracedApplication application = TracedApplication.start(Failures.class)) {
			new Operations(application).succeed("api.test");
			new Operations(application).fail("other.test");
			assertThat(application.bean(Failures.class).count).hasValue(1);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Failures {

		final AtomicInteger count = new AtomicInteger();

		// docs: NetTrace
		@Bean
		NetTrace connectFailures() {
			return new NetTrace() {

				@Override
				public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
					if (error != null) {
						Failures.this.count.incrementAndGet();
					}
				}

			};
		}
		// end

	}

	@Test
	void factoryMakesATraceForEachRequest() {
		try (LoopbackServer server = LoopbackServer.start("127.0.0.1");
				TracedApplication application = TracedApplication.start(Steps.class)) {
			RestClient client = application.bean(RestClient.Builder.class).build();
			for (int i = 0; i < 2; i++) {
				client.get().uri("http://127.0.0.1:" + server.port()).retrieve().toBodilessEntity();
			}
			assertThat(application.bean(Steps.class).log).containsExactly(
					"request 1: connect to /127.0.0.1:" + server.port(), "request 1: new connection",
					"request 1: first byte", "request 2: pooled connection", "request 2: first byte");
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Steps {

		final List<String> log = new ArrayList<>();

		// docs: NetTrace.Factory
		@Bean
		NetTrace.Factory steps() {
			return (request) -> new NetTrace() {

				@Override
				public void dnsDone(List<InetAddress> addresses, boolean coalesced, @Nullable Throwable error) {
					add("lookup", error);
				}

				@Override
				public void connectDone(String network, SocketAddress address, @Nullable Throwable error) {
					add("connect to " + address, error);
				}

				@Override
				public void tlsHandshakeDone(TlsInfo handshake) {
					add("handshake " + handshake.version(), handshake.error());
				}

				@Override
				public void gotConn(ConnectionInfo connection) {
					add(connection.reused() ? "pooled connection" : "new connection", null);
				}

				@Override
				public void gotFirstResponseByte(ConnectionInfo connection) {
					add("first byte", null);
				}

				private void add(String step, @Nullable Throwable error) {
					Steps.this.log.add("request " + request.id() + ": " + step + ((error != null) ? " " + error : ""));
				}

			};
		}
		// end

	}

	@Test
	void conventionOfLookupsReplacesTheDefault() {
		try (TracedApplication application = TracedApplication.start(LookupNames.class)) {
			new Operations(application).succeed("api.test");
			SpanData span = span(application, "resolve api.test");
			assertThat(span.getAttributes().get(AttributeKey.stringKey("net.zone"))).isEqualTo("test");
			assertThat(span.getAttributes().get(AttributeKey.stringArrayKey("dns.answers")))
				.containsExactly("10.1.2.3");
			assertThat(application.bean(MeterRegistry.class).get("dns.lookup.duration").tag("net.zone", "test").timer())
				.isNotNull();
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class LookupNames {

		// docs: DnsLookupObservationConvention
		@Bean
		DnsLookupObservationConvention lookupConvention() {
			return new DefaultDnsLookupObservationConvention() {

				@Override
				public String getContextualName(DnsLookupContext context) {
					return "resolve " + context.getHost();
				}

				@Override
				public KeyValues getLowCardinalityKeyValues(DnsLookupContext context) {
					String host = context.getHost();
					return super.getLowCardinalityKeyValues(context).and("net.zone",
							host.substring(host.lastIndexOf('.') + 1));
				}

			};
		}
		// end

	}

	@Test
	void conventionIsTestedWithoutAnApplication() {
		DnsLookupObservationConvention convention = new LookupNames().lookupConvention();
		// docs: ConventionTest
		DnsLookupContext context = new DnsLookupContext("jetty", "api.example.org");
		context.setError(new UnknownHostException("api.example.org: Name or service not known"));
		assertThat(convention.getLowCardinalityKeyValues(context)).contains(KeyValue.of("net.zone", "org"),
				KeyValue.of("error.type", "host_not_found"));
		// end
	}

	@Test
	void conventionOfConnectsReplacesTheDefault() {
		try (TracedApplication application = TracedApplication.start(ConnectNames.class)) {
			new Operations(application).succeed("api.test");
			assertThat(application.bean(MeterRegistry.class).get("net.connect").timer().count()).isEqualTo(1);
			assertThat(
					application.bean(MeterRegistry.class).get("net.connect").timer().takeSnapshot().histogramCounts())
				.as("buckets follow the tag, whatever the name")
				.isNotEmpty();
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class ConnectNames {

		// docs: SocketConnectObservationConvention
		@Bean
		SocketConnectObservationConvention connectConvention() {
			return new DefaultSocketConnectObservationConvention() {

				@Override
				public String getName() {
					return "net.connect";
				}

			};
		}
		// end

	}

	@Test
	void globalConventionReplacesTheDefault() {
		try (TracedApplication application = TracedApplication.start(GlobalNames.class)) {
			new Operations(application).succeed("api.test");
			assertThat(span(application, "connect #1").getAttributes().get(AttributeKey.stringKey("server.address")))
				.isEqualTo("api.test");
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class GlobalNames {

		// docs: GlobalObservationConvention
		@Bean
		GlobalObservationConvention<SocketConnectContext> globalConnectConvention() {
			class AttemptNames extends DefaultSocketConnectObservationConvention
					implements GlobalObservationConvention<SocketConnectContext> {

				@Override
				public String getContextualName(SocketConnectContext context) {
					return "connect #" + context.getAttempt();
				}

			}
			return new AttemptNames();
		}
		// end

	}

	@Test
	void predicateSwitchesOperationsOff() {
		try (TracedApplication application = TracedApplication.start(NoLocalhost.class)) {
			new Operations(application).succeed("localhost");
			assertThat(application.spans()).extracting(SpanData::getName)
				.containsExactly("socket connect", "http.client.requests");
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class NoLocalhost {

		// docs: ObservationPredicate
		@Bean
		ObservationPredicate noLookupsOfLocalhost() {
			return (name,
					context) -> !(context instanceof DnsLookupContext lookup && lookup.getHost().equals("localhost"));
		}
		// end

	}

	@Test
	void filterChangesKeyValues() {
		try (TracedApplication application = TracedApplication.start(Environment.class)) {
			new Operations(application).succeed("api.test");
			assertThat(span(application, "DNS lookup").getAttributes().get(AttributeKey.stringKey("datacenter")))
				.isEqualTo("north");
			assertThat(span(application, "DNS lookup").getAttributes().get(AttributeKey.stringArrayKey("dns.answers")))
				.isNull();
			assertThat(
					application.bean(MeterRegistry.class).get("dns.lookup.duration").tag("datacenter", "north").timer())
				.isNotNull();
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Environment {

		// docs: ObservationFilter
		@Bean
		ObservationFilter datacenter() {
			return (context) -> {
				if (context instanceof DnsLookupContext) {
					context.addLowCardinalityKeyValue(KeyValue.of("datacenter", "north"));
					context.removeHighCardinalityKeyValue("dns.answers");
				}
				return context;
			};
		}
		// end

	}

	@Test
	void meterFilterShapesTheTimers() {
		try (TracedApplication application = TracedApplication.start(Meters.class)) {
			new Operations(application).succeed("api.test");
			assertThat(application.bean(MeterRegistry.class).get("socket.connect.duration").timer().getId().getTags())
				.extracting((tag) -> tag.getKey())
				.doesNotContain("network.transport");
			assertThat(application.bean(MeterRegistry.class)
				.get("socket.connect.duration")
				.timer()
				.takeSnapshot()
				.histogramCounts()).filteredOn((bucket) -> bucket.bucket() != Double.POSITIVE_INFINITY).hasSize(1);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Meters {

		// docs: MeterFilter
		@Bean
		MeterFilter connectTimers() {
			return new MeterFilter() {

				@Override
				public Meter.Id map(Meter.Id id) {
					return id.getName().equals("socket.connect.duration") ? id.replaceTags(
							id.getTags().stream().filter((tag) -> !tag.getKey().equals("network.transport")).toList())
							: id;
				}

				@Override
				public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
					return id.getName().equals("socket.connect.duration") ? DistributionStatisticConfig.builder()
						.serviceLevelObjectives((double) Duration.ofMillis(20).toNanos())
						.build()
						.merge(config) : config;
				}

			};
		}
		// end

	}

	@Test
	void handlerOfTheApplicationIsCalledBesideOurs() {
		try (TracedApplication application = TracedApplication.start(Handler.class)) {
			new Operations(application).fail("api.test");
			assertThat(application.bean(Handler.class).log).containsExactly("api.test FAILED");
			assertThat(application.spans()).hasSize(3);
			assertThat(application.bean(MeterRegistry.class).get("socket.connect.duration").timer().count())
				.isEqualTo(1);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Handler {

		final List<String> log = new ArrayList<>();

		// docs: ObservationHandler
		@Bean
		ObservationHandler<SocketConnectContext> connectLog() {
			return new ObservationHandler<>() {

				@Override
				public boolean supportsContext(Observation.Context context) {
					return context instanceof SocketConnectContext;
				}

				@Override
				public void onStop(SocketConnectContext context) {
					Handler.this.log.add(context.getHost() + " " + context.getOutcome());
				}

			};
		}
		// end

	}

	@Test
	void spanFilterHidesAddressesOfTheRequest() {
		try (TracedApplication application = TracedApplication.start(HiddenAddresses.class,
				"nettrace.observations.hide-addresses=true")) {
			Observation request = Observation.start("request", application.bean(ObservationRegistry.class));
			request.highCardinalityKeyValue("http.url", "http://10.1.2.3/");
			request.error(new IllegalStateException("Connect to api.test/10.1.2.3:443 failed"));
			request.stop();
			SpanData span = span(application, "request");
			assertThat(span.getStatus().getDescription()).isEqualTo("Connect to api.test/_IP:443 failed");
			assertThat(span.getAttributes().get(AttributeKey.stringKey("http.url"))).isEqualTo("http://_IP/");
			assertThat(span.toString()).doesNotContain("10.1.2.3");
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class HiddenAddresses {

		// docs: SpanFilter
		@Bean
		SpanFilter hideAddressesOfRequests() {
			return (span) -> OtelFinishedSpan.fromOtel(new DelegatingSpanData(OtelFinishedSpan.toOtel(span)) {

				@Override
				public Attributes getAttributes() {
					AttributesBuilder attributes = super.getAttributes().toBuilder();
					super.getAttributes().forEach((key, value) -> {
						if (key.getType() == AttributeType.STRING) {
							attributes.put(key.getKey(), AddressMask.mask(value.toString()));
						}
					});
					return attributes.build();
				}

				@Override
				public StatusData getStatus() {
					StatusData status = super.getStatus();
					return StatusData.create(status.getStatusCode(), AddressMask.mask(status.getDescription()));
				}

				@Override
				public List<EventData> getEvents() {
					return super.getEvents().stream().filter((event) -> !event.getName().equals("exception")).toList();
				}

			});
		}
		// end

	}

	private static SpanData span(TracedApplication application, String name) {
		return application.spans().stream().filter((span) -> span.getName().equals(name)).findFirst().orElseThrow();
	}

}
