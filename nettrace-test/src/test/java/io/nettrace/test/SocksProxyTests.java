package io.nettrace.test;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link SocksProxy}, with the JDK's own SOCKS client.
 */
class SocksProxyTests {

	@Test
	void tunnelsBothWaysAndNotesTheTarget() throws IOException {
		try (ServerSocket echo = echo(); SocksProxy proxy = SocksProxy.start()) {
			InetSocketAddress target = (InetSocketAddress) echo.getLocalSocketAddress();
			try (Socket socket = new Socket(new Proxy(Proxy.Type.SOCKS, proxy.address()))) {
				socket.connect(target);
				socket.getOutputStream().write(42);
				assertThat(socket.getInputStream().read()).isEqualTo(42);
			}
			assertThat(proxy.connects()).containsExactly(target);
		}
	}

	@Test
	void resolvesNamesItself() throws IOException {
		try (ServerSocket echo = echo(); SocksProxy proxy = SocksProxy.start()) {
			InetSocketAddress target = InetSocketAddress.createUnresolved("localhost", echo.getLocalPort());
			try (Socket socket = new Socket(new Proxy(Proxy.Type.SOCKS, proxy.address()))) {
				socket.connect(target);
				socket.getOutputStream().write(7);
				assertThat(socket.getInputStream().read()).isEqualTo(7);
			}
			assertThat(proxy.connects()).containsExactly(target);
		}
	}

	@Test
	void saysThatTheTargetRefused() throws IOException {
		try (RefusingAddress refusing = RefusingAddress.open();
				SocksProxy proxy = SocksProxy.start();
				Socket socket = new Socket(new Proxy(Proxy.Type.SOCKS, proxy.address()))) {
			assertThatExceptionOfType(SocketException.class).isThrownBy(() -> socket.connect(refusing.address()))
				.withMessageContaining("Connection refused");
			assertThat(proxy.connects()).containsExactly(refusing.address());
		}
	}

	private static ServerSocket echo() throws IOException {
		ServerSocket listener = new ServerSocket(0, 50, IpAddress.of("127.0.0.1"));
		new Thread(() -> {
			try (Socket client = listener.accept()) {
				client.getInputStream().transferTo(client.getOutputStream());
			}
			catch (IOException ex) {
				// The test is over
			}
		}).start();
		return listener;
	}

}
