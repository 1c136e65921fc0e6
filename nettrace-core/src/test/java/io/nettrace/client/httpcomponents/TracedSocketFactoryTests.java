package io.nettrace.client.httpcomponents;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

import io.nettrace.NetTrace;
import io.nettrace.instrument.NetTraceAddress;
import io.nettrace.instrument.NetTracing;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TracedSocketFactoryTests {

	private final NetTrace trace = new NetTrace() {
	};

	/**
	 * A socket behind a SOCKS proxy keeps the very address for as long as it is open.
	 */
	@Test
	void addressCarriesNothingOnceItIsConnected() throws IOException {
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
				Socket socket = new TracedSocketFactory(new NetTracing()).create(null)) {
			InetSocketAddress address = NetTraceAddress
				.carrying(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()), this.trace);
			assertThat(NetTraceAddress.traceOf(address)).isSameAs(this.trace);
			socket.connect(address);
			assertThat(NetTraceAddress.traceOf(address)).isNull();
		}
	}

}
