package io.nettrace.observation.jfr;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.RequestReplySenderContext;
import io.nettrace.ConnectionTarget;
import io.nettrace.NetTrace;
import io.nettrace.RequestInfo;
import io.nettrace.observation.ObservationNetTraceFactory;
import io.nettrace.observation.ObservationSettings;
import io.nettrace.observation.RequestRecorder;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class FlightRecorderSinkTests {

	private final FlightRecorderSink sink = new FlightRecorderSink(false);

	@Test
	void requestIsAnEventWhileARecordingAsksForIt(@TempDir Path temp) throws IOException {
		assertThat(this.sink.isNeeded()).isFalse();
		Path file = temp.resolve("requests.jfr");
		try (Recording recording = new Recording()) {
			recording.enable("nettrace.Request");
			recording.start();
			assertThat(this.sink.isNeeded()).isTrue();
			request();
			recording.stop();
			recording.dump(file);
		}
		assertThat(this.sink.isNeeded()).isFalse();
		List<RecordedEvent> events = RecordingFile.readAllEvents(file);
		assertThat(events).singleElement().satisfies((event) -> {
			assertThat(event.getString("host")).isEqualTo("api.test");
			assertThat(event.getInt("port")).isEqualTo(443);
			assertThat(event.getString("errorType")).isEqualTo("connection_refused");
			assertThat(event.getString("verdict")).isEqualTo("dns");
			assertThat(event.getString("failures")).isEqualTo("dns: host_not_found");
			assertThat(event.getInt("exchanges")).isEqualTo(1);
			assertThat(event.getLong("connectionId")).isZero();
			assertThat(event.getLong("dns")).isPositive();
			assertThat(event.getLong("total")).isEqualTo(event.getLong("queue") + event.getLong("dns")
					+ event.getLong("connect") + event.getLong("proxy") + event.getLong("tls") + event.getLong("send")
					+ event.getLong("wait") + event.getLong("receive") + event.getLong("other"));
		});
	}

	private void request() {
		ObservationRegistry registry = ObservationRegistry.create();
		RequestRecorder recorder = new RequestRecorder(List.of(this.sink));
		registry.observationConfig().observationHandler(recorder).observationFilter(recorder);
		ObservationNetTraceFactory factory = new ObservationNetTraceFactory(() -> registry,
				ObservationSettings.defaults().withExchanges(true));
		Observation request = Observation.start("http.client.requests",
				() -> new RequestReplySenderContext<Object, Object>((carrier, key, value) -> {
				}), registry);
		request.scoped(() -> {
			NetTrace exchange = factory.create(new RequestInfo("jetty", "api.test", 443, 1));
			exchange.getConn(new ConnectionTarget("api.test", 443, true));
			NetTrace dial = exchange.forDial();
			dial.dnsStart("api.test");
			dial.dnsDone(List.of(), false, new UnknownHostException("api.test: Name or service not known"));
		});
		request.error(new ConnectException("Connection refused"));
		request.stop();
	}

}
