package io.nettrace.observation.span;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;

import io.micrometer.observation.Observation;
import io.micrometer.observation.transport.RequestReplySenderContext;
import io.micrometer.observation.ObservationHandler.FirstMatchingCompositeObservationHandler;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingSenderTracingObservationHandler;
import io.micrometer.tracing.propagation.Propagator;
import io.nettrace.CloseInfo;
import io.nettrace.CloseReason;
import io.nettrace.ConnectionTarget;
import io.nettrace.NetTrace;
import io.nettrace.PoolInfo;
import io.nettrace.RequestInfo;
import io.nettrace.instrument.ConnectionRecord;
import io.nettrace.observation.ObservationNetTraceFactory;
import io.nettrace.observation.ObservationSettings;
import io.nettrace.observation.RequestRecorder;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.trace.data.SpanData;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ConnectionOpenersTests {

	private final OpenTelemetrySpans spans = new OpenTelemetrySpans();

	private final ConnectionOpeners openers = new ConnectionOpeners();

	private final ObservationNetTraceFactory factory = new ObservationNetTraceFactory(this.spans::registry,
			ObservationSettings.defaults().withExchanges(true));

	private long connections;

	ConnectionOpenersTests() {
		RequestRecorder recorder = new RequestRecorder(List.of(new RequestSpanAttributes(false, this.openers)));
		this.spans.registry()
			.observationConfig()
			.observationHandler(new FirstMatchingCompositeObservationHandler(
					new PropagatingSenderTracingObservationHandler<>(this.spans.tracer(), Propagator.NOOP),
					new DefaultTracingObservationHandler(this.spans.tracer())))
			.observationHandler(recorder)
			.observationFilter(recorder);
	}

	private ConnectionRecord connection() {
		return connection(null);
	}

	private ConnectionRecord connection(@Nullable SocketAddress peer) {
		ConnectionRecord connection = new ConnectionRecord(this.openers, System::nanoTime, ++this.connections,
				new PoolInfo("jetty", "api.test", 443, 2), null, peer);
		connection.opened();
		return connection;
	}

	private void request(ConnectionRecord connection, Runnable beforeTheEnd) {
		Observation.createNotStarted("http.client.requests",
				() -> new RequestReplySenderContext<Object, Object>((carrier, key, value) -> {
				}), this.spans.registry())
			.observe(() -> {
				NetTrace trace = this.factory.create(new RequestInfo("jetty", "api.test", 443, 1));
				trace.getConn(new ConnectionTarget("api.test", 443, true));
				trace.gotConn(Objects.requireNonNull(connection.acquire("1.1", false)));
				connection.release();
				beforeTheEnd.run();
			});
	}

	private void request(ConnectionRecord connection) {
		request(connection, () -> {
		});
	}

	private void assertLinked(int request, int opener) {
		SpanData linked = this.spans.finished().get(opener);
		assertThat(this.spans.finished().get(request).getLinks()).singleElement()
			.satisfies((link) -> assertThat(link.getSpanContext().getSpanId()).isEqualTo(linked.getSpanId()));
	}

	@Test
	void requestsOnAKeptConnectionAreLinkedToTheFirst() {
		ConnectionRecord connection = connection();
		request(connection);
		request(connection);
		request(connection);
		assertThat(this.spans.finished().get(0).getLinks()).isEmpty();
		assertLinked(1, 0);
		assertLinked(2, 0);
	}

	/**
	 * Micrometer's bridge wraps the span of a request that has a parent.
	 */
	@Test
	void requestBelowAnotherObservationIsLinkedToo() {
		ConnectionRecord connection = connection();
		Observation.createNotStarted("job", this.spans.registry()).observe(() -> {
			request(connection);
			request(connection);
		});
		assertLinked(1, 0);
	}

	/**
	 * The request has failed because of it, perhaps.
	 */
	@Test
	void requestWhoseConnectionIsClosedBeforeItsEndIsLinkedToo() {
		ConnectionRecord connection = connection();
		request(connection);
		request(connection, () -> connection.close(CloseInfo.of(CloseReason.PEER)));
		assertLinked(1, 0);
	}

	/**
	 * Two addresses that differ in their zone are equal in Java.
	 */
	@Test
	void everyRequestHasThePeerOfItsConnection() throws UnknownHostException {
		byte[] linkLocal = InetAddress.getByName("fe80::1").getAddress();
		ConnectionRecord first = connection(new InetSocketAddress(Inet6Address.getByAddress(null, linkLocal, 1), 443));
		ConnectionRecord second = connection(new InetSocketAddress(Inet6Address.getByAddress(null, linkLocal, 2), 443));
		request(first);
		request(second);
		request(first);
		request(first, () -> first.close(CloseInfo.of(CloseReason.PEER)));
		assertThat(this.spans.finished())
			.extracting((span) -> span.getAttributes().get(AttributeKey.stringKey("network.peer.address")))
			.containsExactly("fe80::1%1", "fe80::1%2", "fe80::1%1", "fe80::1%1");
	}

	@Test
	void closedConnectionsAreForgotten() {
		ConnectionRecord first = connection();
		request(first);
		request(first, () -> {
			first.close(CloseInfo.of(CloseReason.PEER));
			for (int i = 0; i < 1_000; i++) {
				ConnectionRecord other = connection();
				request(other);
				other.close(CloseInfo.of(CloseReason.PEER));
			}
		});
		assertThat(this.spans.finished()).last().satisfies((span) -> assertThat(span.getLinks()).isEmpty());
	}

}
