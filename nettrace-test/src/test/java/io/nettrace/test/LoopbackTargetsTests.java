package io.nettrace.test;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link RefusingAddress} and {@link BlackHole}.
 */
class LoopbackTargetsTests {

	private static final int CONNECT_MILLIS = 100;

	@Test
	void refusingAddressRefuses() {
		try (RefusingAddress refusing = RefusingAddress.open()) {
			assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> connect(refusing.address()));
		}
	}

	@Test
	void refusingAddressSharesThePortOfAServerElsewhereOnLoopback() throws IOException {
		try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.2"));
				RefusingAddress refusing = RefusingAddress.open("127.0.0.3", server.getLocalPort())) {
			assertThat(refusing.address()).isEqualTo(new InetSocketAddress("127.0.0.3", server.getLocalPort()));
			assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> connect(refusing.address()));
			connect((InetSocketAddress) server.getLocalSocketAddress());
		}
	}

	@Test
	void refusingAddressWaitsForAPortThatIsInUse() throws Exception {
		ServerSocket server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.3"));
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try {
			Future<RefusingAddress> second = executor
				.submit(() -> RefusingAddress.open("127.0.0.3", server.getLocalPort()));
			assertThatExceptionOfType(TimeoutException.class).isThrownBy(() -> second.get(20, TimeUnit.MILLISECONDS));
			server.close();
			try (RefusingAddress refusing = second.get(10, TimeUnit.SECONDS)) {
				assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> connect(refusing.address()));
			}
		}
		finally {
			executor.shutdownNow();
		}
	}

	@Test
	void blackHoleLetsEveryConnectTimeOut() {
		try (BlackHole hole = BlackHole.open("127.0.0.4", 0)) {
			for (int attempt = 0; attempt < 5; attempt++) {
				assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> connect(hole.address()));
			}
		}
	}

	@Test
	void closedBlackHoleRefuses() {
		BlackHole hole = BlackHole.open();
		hole.close();
		assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> connect(hole.address()));
	}

	private static void connect(InetSocketAddress address) throws IOException {
		try (Socket socket = new Socket()) {
			socket.connect(address, CONNECT_MILLIS);
		}
	}

}
