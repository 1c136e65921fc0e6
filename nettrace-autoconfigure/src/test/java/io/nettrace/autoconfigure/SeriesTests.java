package io.nettrace.autoconfigure;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.nettrace.CloseInfo;
import io.nettrace.CloseReason;
import io.nettrace.ConnectionInfo;
import io.nettrace.ConnectionTarget;
import io.nettrace.NetTrace;
import io.nettrace.PoolInfo;
import io.nettrace.ResponseInfo;
import io.nettrace.TlsInfo;
import io.nettrace.WroteRequestInfo;
import io.nettrace.instrument.ConnectionRecord;
import io.nettrace.instrument.NetTracing;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How many series the meters of a busy application are.
 */
class SeriesTests {

	/**
	 * Each host: one request on a new connection over TLS, one on the same connection.
	 */
	@Test
	void aHundredHostsMakeAtMostTenThousandSeries() throws UnknownHostException {
		try (TracedApplication application = TracedApplication.start(List.of())) {
			for (int i = 0; i < 100; i++) {
				request(application, "host" + i + ".test");
			}
			List<String> series = application.bean(PrometheusMeterRegistry.class)
				.scrape()
				.lines()
				.filter((line) -> line.contains("nettrace_client") || line.contains("server_address"))
				.toList();
			assertThat(series).anyMatch((line) -> line.startsWith("http_client_request_time_in_queue_seconds_bucket"))
				.anyMatch((line) -> line.startsWith("tls_handshake_duration_seconds_bucket"))
				.anyMatch((line) -> line.startsWith("http_client_request_phase_duration_seconds_count"))
				.anyMatch((line) -> line.startsWith("http_client_open_connections"))
				.anyMatch((line) -> line.startsWith("http_client_connection_duration_seconds_count"))
				.hasSizeBetween(5_000, 10_000);
		}
	}

	static void request(TracedApplication application, String host) throws UnknownHostException {
		NetTracing tracing = application.bean(NetTracing.class);
		PoolInfo pool = new PoolInfo("jetty", host, 443, 5);
		InetSocketAddress peer = new InetSocketAddress(InetAddress.getByAddress(new byte[] { 10, 1, 2, 3 }), 443);
		ConnectionRecord[] connection = new ConnectionRecord[1];
		for (int i = 0; i < 2; i++) {
			boolean first = i == 0;
			Observation.createNotStarted("http.client.requests", application.bean(ObservationRegistry.class))
				.observe(() -> {
					NetTrace trace = tracing.blockingRequest("jetty", host, 443).hooks();
					trace.getConn(new ConnectionTarget(host, 443, true));
					if (first) {
						dial(trace.forDial(), host, peer);
						connection[0] = tracing.connection(pool, null, peer);
						connection[0].opened();
					}
					exchange(trace, connection[0]);
				});
		}
		connection[0].close(CloseInfo.of(CloseReason.PEER));
		ConnectionRecord other = tracing.connection(pool, null, peer);
		other.opened();
	}

	private static void dial(NetTrace dial, String host, InetSocketAddress peer) {
		dial.dnsStart(host);
		dial.dnsDone(List.of(peer.getAddress()), false, null);
		dial.connectStart("tcp", peer);
		dial.connectDone("tcp", peer, null);
		dial.tlsHandshakeStart(TlsInfo.starting(host));
		dial.tlsHandshakeDone(new TlsInfo(host, "TLSv1.3", "TLS_AES_128_GCM_SHA256", "", false, List.of(), null));
	}

	private static void exchange(NetTrace trace, ConnectionRecord connection) {
		ConnectionInfo info = Objects.requireNonNull(connection.acquire("1.1", false));
		trace.gotConn(info);
		trace.wroteHeaders(info);
		trace.wroteRequest(new WroteRequestInfo(info, null));
		trace.gotFirstResponseByte(info);
		trace.responseDone(new ResponseInfo(info, 200, null));
		connection.release();
	}

}
