package io.nettrace.autoconfigure;

import java.util.List;
import java.util.Map;

import io.nettrace.test.OtlpReceiver;
import io.nettrace.test.ReceivedMeter;
import io.nettrace.test.ReceivedSpan;
import io.nettrace.test.RefusingAddress;
import org.junit.jupiter.api.Test;
import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientAdapter;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/**
 * What arrives at a collector.
 */
class OtlpTests {

	@Test
	void spansAndMetersArrive() {
		try (OtlpReceiver receiver = OtlpReceiver.start();
				LoopbackServer server = LoopbackServer.start("127.0.0.9");
				RefusingAddress refusing = RefusingAddress.open("127.0.0.8", server.port())) {
			assertThat(refusing.address().getPort()).isEqualTo(server.port());
			TracedApplication application = TracedApplication.start(HttpComponentsCustomizationTests.TwoAddresses.class,
					"management.opentelemetry.tracing.export.otlp.endpoint=" + receiver.tracesUrl(),
					"management.otlp.metrics.export.enabled=true",
					"management.otlp.metrics.export.url=" + receiver.metricsUrl());
			application.bean(RestClient.Builder.class)
				.build()
				.get()
				.uri(server.url("a.test"))
				.retrieve()
				.toBodilessEntity();
			application.bean(RestTemplateBuilder.class).build().getForEntity(server.url("a.test"), Void.class);
			RestClient exchanging = application.bean(RestClient.Builder.class).baseUrl(server.url("a.test")).build();
			HttpServiceProxyFactory.builderFor(RestClientAdapter.create(exchanging))
				.build()
				.createClient(Service.class)
				.get();
			application.close(); // pushes what is left

			receiver.awaitSpan((span) -> span.name().equals("http get"));
			List<ReceivedSpan> requests = receiver.spans()
				.stream()
				.filter((span) -> span.name().equals("http get"))
				.toList();
			assertThat(requests).hasSize(3).allSatisfy((request) -> {
				List<ReceivedSpan> children = receiver.spans()
					.stream()
					.filter((span) -> span.parentId().equals(request.spanId()))
					.toList();
				assertThat(children).extracting(ReceivedSpan::name)
					.containsExactlyInAnyOrder("DNS lookup", "socket connect", "socket connect");
				assertThat(children).allMatch((span) -> span.traceId().equals(request.traceId()));
			});

			receiver.awaitMeter((meter) -> meter.name().equals("dns.lookup.duration"));
			assertThat(meters(receiver, "dns.lookup.duration")).singleElement()
				.satisfies((meter) -> assertThat(meter.tags())
					.containsAllEntriesOf(Map.of("nettrace.client", "httpcomponents", "dns.question.name", "a.test",
							"nettrace.dns.coalesced", "false", "error.type", "none")))
				.satisfies((meter) -> assertThat(meter.count()).isEqualTo(3));
			assertThat(meters(receiver, "socket.connect.duration"))
				.extracting((meter) -> meter.tags().get("nettrace.connect.outcome"),
						(meter) -> meter.tags().get("error.type"), (meter) -> meter.tags().get("server.address"),
						(meter) -> meter.tags().get("network.transport"), (meter) -> meter.tags().get("network.type"))
				.containsExactlyInAnyOrder(tuple("failed", "connection_refused", "a.test", "tcp", "ipv4"),
						tuple("connected", "none", "a.test", "tcp", "ipv4"));
		}
	}

	interface Service {

		@GetExchange("/")
		void get();

	}

	private static List<ReceivedMeter> meters(OtlpReceiver receiver, String name) {
		return receiver.meters().stream().filter((meter) -> meter.name().equals(name)).toList();
	}

}
