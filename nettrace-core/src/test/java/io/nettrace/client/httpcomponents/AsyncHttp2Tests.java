package io.nettrace.client.httpcomponents;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;

import io.nettrace.CloseReason;
import io.nettrace.ConnectionInfo;
import org.apache.hc.client5.http.async.methods.SimpleHttpRequest;
import org.apache.hc.client5.http.async.methods.SimpleHttpResponse;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The hooks of streams on one connection of the asynchronous client, in clear text.
 */
class AsyncHttp2Tests {

	private static final int STREAMS = 10;

	private final AsyncCalls calls = new AsyncCalls();

	private @Nullable ServerSocket listening;

	AsyncHttp2Tests() {
		this.calls.builder.disableAutomaticRetries();
		this.calls.manager.setMessageMultiplexing(true)
			.setMaxConnPerRoute(1)
			.setDefaultTlsConfig(TlsConfig.custom().setVersionPolicy(HttpVersionPolicy.FORCE_HTTP_2).build());
	}

	@AfterEach
	void stop() throws IOException {
		this.calls.close();
		if (this.listening != null) {
			this.listening.close();
		}
	}

	/**
	 * Serve one connection.
	 */
	private String serve(Frames frames) throws IOException {
		ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		this.listening = socket;
		Thread thread = new Thread(() -> {
			try (Socket accepted = socket.accept()) {
				DataInputStream in = new DataInputStream(accepted.getInputStream());
				in.readFully(new byte[24]); // the preface
				write(accepted.getOutputStream(), 4, 0, 0); // SETTINGS
				while (true) {
					int length = (in.readUnsignedShort() << 8) + in.readUnsignedByte();
					int type = in.readUnsignedByte();
					in.readUnsignedByte();
					int stream = in.readInt();
					in.readFully(new byte[length]);
					frames.received(type, stream, accepted.getOutputStream());
				}
			}
			catch (IOException ex) {
				// the client has closed the connection, or the test the server
			}
		}, "http2-server");
		thread.setDaemon(true);
		thread.start();
		return "http://localhost:" + socket.getLocalPort() + "/";
	}

	private interface Frames {

		void received(int type, int stream, OutputStream out) throws IOException;

	}

	private static void write(OutputStream out, int type, int flags, int stream, int... payload) throws IOException {
		byte[] frame = new byte[9 + payload.length];
		frame[2] = (byte) payload.length;
		frame[3] = (byte) type;
		frame[4] = (byte) flags;
		frame[8] = (byte) stream;
		for (int i = 0; i < payload.length; i++) {
			frame[9 + i] = (byte) payload[i];
		}
		out.write(frame);
		out.flush();
	}

	/**
	 * {@code :status: 204} is entry 9 of HPACK's static table.
	 */
	private static void answer(OutputStream out, int stream) throws IOException {
		write(out, 1, 0x5, stream, 0x89);
	}

	private Future<SimpleHttpResponse> start(String url) {
		return this.calls.start(SimpleHttpRequest.create("GET", url));
	}

	@Test
	void streamsOfOneConnection() throws IOException {
		List<Integer> held = new ArrayList<>();
		String url = serve((type, stream, out) -> {
			if (type == 1) {
				held.add(stream);
				if (held.size() == 1) {
					answer(out, stream);
				}
				else if (held.size() == STREAMS + 1) {
					for (int each : held.subList(1, STREAMS + 1)) {
						answer(out, each);
					}
				}
			}
		});
		AsyncCalls.status(start(url));
		assertThat(this.calls.eventsUntil("released")).containsExactly("getConn", "dnsStart", "dnsDone", "connectStart",
				"connectDone", "opened", "acquired 1", "gotConn", "wroteHeaders", "wroteRequest",
				"gotFirstResponseByte", "responseDone 204", "released");
		List<Future<SimpleHttpResponse>> responses = new ArrayList<>();
		for (int i = 0; i < STREAMS; i++) {
			responses.add(start(url));
		}
		for (Future<SimpleHttpResponse> each : responses) {
			assertThat(AsyncCalls.status(each)).isEqualTo(204);
		}
		List<String> events = this.calls.recorder.take();
		assertThat(events).filteredOn("responseDone 204"::equals).hasSize(STREAMS);
		assertThat(events).filteredOn("released"::equals).hasSize(STREAMS);
		assertThat(events).doesNotContain("putIdleConn", "opened", "dnsStart", "waitStart HOST_LIMIT");
		List<ConnectionInfo> streams = this.calls.recorder.connections();
		assertThat(streams).extracting(ConnectionInfo::protocol).containsOnly("2");
		assertThat(streams).extracting(ConnectionInfo::id).containsOnly(streams.get(0).id());
		assertThat(streams.get(0).reused()).isFalse();
		assertThat(streams.get(1).wasIdle()).isTrue();
		assertThat(streams.subList(2, STREAMS + 1)).allMatch((stream) -> stream.reused() && !stream.wasIdle());
		assertThat(streams.get(STREAMS).activeRequests()).isEqualTo(STREAMS);
		assertThat(streams.get(STREAMS).requests()).isEqualTo(STREAMS + 1);
	}

	@Test
	void peerGoesAway() throws IOException {
		String url = serve((type, stream, out) -> {
			if (type == 1) {
				write(out, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11); // ENHANCE_YOUR_CALM
			}
		});
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> AsyncCalls.status(start(url)));
		assertThat(this.calls.eventsUntil("closed GOAWAY")).endsWith("wroteRequest",
				"responseDone 0 H2StreamResetException GOAWAY 11", "released", "closed GOAWAY");
		assertThat(this.calls.recorder.closes()).singleElement().satisfies((close) -> {
			assertThat(close.reason()).isEqualTo(CloseReason.GOAWAY);
			assertThat(close.http2ErrorCode()).isEqualTo(11);
		});
	}

	@Test
	void streamIsReset() throws IOException {
		String url = serve((type, stream, out) -> {
			if (type == 1) {
				write(out, 3, 0, stream, 0, 0, 0, 2); // INTERNAL_ERROR
			}
		});
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> AsyncCalls.status(start(url)));
		assertThat(this.calls.eventsUntil("released")).contains("responseDone 0 H2StreamResetException");
	}

}
