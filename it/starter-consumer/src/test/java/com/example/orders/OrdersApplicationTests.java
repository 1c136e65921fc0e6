package com.example.orders;

import java.net.InetSocketAddress;

import com.sun.net.httpserver.HttpServer;
import io.nettrace.test.OtlpReceiver;
import io.nettrace.test.ReceivedSpan;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class OrdersApplicationTests {

	@Test
	void theStarterAloneSendsSpansAndMeters() throws Exception {
		HttpServer stock = HttpServer.create(new InetSocketAddress("localhost", 0), 0);
		stock.createContext("/", (exchange) -> {
			exchange.sendResponseHeaders(204, -1);
			exchange.close();
		});
		stock.start();
		try (OtlpReceiver receiver = OtlpReceiver.start()) {
			String collector = receiver.tracesUrl().replace("/v1/traces", "");
			OrdersApplication.main(
					new String[] { "http://localhost:" + stock.getAddress().getPort() + "/", "--collector=" + collector });
			ReceivedSpan request = receiver.awaitSpan((span) -> span.name().equals("http get"));
			ReceivedSpan lookup = receiver.awaitSpan((span) -> span.name().equals("DNS lookup"));
			ReceivedSpan connect = receiver.awaitSpan((span) -> span.name().equals("socket connect"));
			assertThat(lookup.parentId()).isEqualTo(request.spanId());
			assertThat(lookup.attributes()).containsEntry("dns.question.name", "localhost");
			assertThat(connect.parentId()).isEqualTo(request.spanId());
			assertThat(connect.attributes()).containsEntry("server.address", "localhost");
			assertThat(receiver.awaitMeter((meter) -> meter.name().equals("dns.lookup.duration")).count()).isEqualTo(1);
			assertThat(receiver.awaitMeter((meter) -> meter.name().equals("socket.connect.duration")).count())
				.isPositive();
		}
		finally {
			stock.stop(0);
		}
	}

}
