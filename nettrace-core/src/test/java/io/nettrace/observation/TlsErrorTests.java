package io.nettrace.observation;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

import io.nettrace.test.TestAuthority;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslHandler;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@link ErrorType} calls the faults of TLS handshakes, whether the JDK's socket or
 * its engine, below Netty, makes them.
 */
class TlsErrorTests {

	private static final TestAuthority authority = TestAuthority.create("nettrace");

	private static EventLoopGroup eventLoops;

	@BeforeAll
	static void startEventLoops() {
		eventLoops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
	}

	@AfterAll
	static void stopEventLoops() {
		eventLoops.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
	}

	@Test
	void expired() throws IOException {
		Peer peer = Peer.shakesHands(authority.expiredServer("localhost").context());
		assertThatHandshakeFailsWith(peer, "certificate_expired");
	}

	@Test
	void notYetValid() throws IOException {
		Peer peer = Peer.shakesHands(authority.futureServer("localhost").context());
		assertThatHandshakeFailsWith(peer, "certificate_not_yet_valid");
	}

	@Test
	void untrusted() throws IOException {
		Peer peer = Peer.shakesHands(TestAuthority.create("another").server("localhost").context());
		assertThatHandshakeFailsWith(peer, "certificate_untrusted");
	}

	@Test
	void untrustedAuthorityOfTheSameName() throws IOException {
		Peer peer = Peer.shakesHands(TestAuthority.create("nettrace").server("localhost").context());
		assertThatHandshakeFailsWith(peer, "certificate_untrusted");
	}

	@Test
	void ofAnotherHost() throws IOException {
		Peer peer = Peer.shakesHands(authority.server("other.test").context());
		assertThatHandshakeFailsWith(peer, "certificate_hostname_mismatch");
	}

	@Test
	void ofAnotherHostByHttpComponents() {
		assertThat(ErrorType.of(new SSLPeerUnverifiedException(
				"Certificate for <localhost> doesn't match any of the" + " subject alternative names: [other.test]")))
			.isEqualTo("certificate_hostname_mismatch");
	}

	@Test
	void ofAnotherHostByOkHttp() {
		assertThat(ErrorType
			.of(new SSLPeerUnverifiedException("Hostname localhost not verified:\n    certificate: sha256/x")))
			.isEqualTo("certificate_hostname_mismatch");
	}

	@Test
	void withoutCertificate() {
		assertThat(ErrorType.of(new SSLPeerUnverifiedException("peer not authenticated")))
			.isEqualTo(SSLPeerUnverifiedException.class.getName());
	}

	@Test
	void revoked() {
		assertThat(ErrorType.of(failed(new CertPathValidatorException("", null, null, -1, BasicReason.REVOKED))))
			.isEqualTo("certificate_revoked");
	}

	@Test
	void unknownFaultOfCertificate() {
		assertThat(ErrorType.of(failed(new CertificateException("Untrusted by the application"))))
			.isEqualTo(SSLHandshakeException.class.getName());
	}

	private static Exception failed(Exception cause) {
		return (Exception) new SSLHandshakeException("handshake").initCause(cause);
	}

	@Test
	void plainText() throws IOException {
		Peer peer = Peer.answers((socket) -> socket.getOutputStream()
			.write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
		assertThatHandshakeFailsWith(peer, "not_tls");
	}

	@Test
	void alert() throws IOException {
		Peer peer = Peer.shakesHands(authority.server("localhost").context(), "TLSv1.2");
		assertThatHandshakeFailsWith(peer, "protocol_version", "TLSv1.3");
	}

	/**
	 * Netty's handshake knows only that its channel is closed.
	 */
	@Test
	void reset() throws IOException {
		try (Peer peer = Peer.answers((socket) -> socket.setSoLinger(true, 0))) {
			assertThat(ErrorType.of(failureOfSocket(peer))).isEqualTo("connection_reset");
		}
	}

	@Test
	void closed() throws IOException {
		Peer peer = Peer.answers((socket) -> {
		});
		assertThatHandshakeFailsWith(peer, "connection_closed");
	}

	/**
	 * Jetty says so without a cause.
	 */
	@Test
	void closedOnJetty() {
		assertThat(ErrorType.of(new SSLHandshakeException("Abruptly closed by peer"))).isEqualTo("connection_closed");
	}

	private static void assertThatHandshakeFailsWith(Peer peer, String type, String... protocols) throws IOException {
		try (peer) {
			assertThat(ErrorType.of(failureOfSocket(peer, protocols))).as("socket").isEqualTo(type);
			assertThat(ErrorType.of(failureOfNetty(peer, protocols))).as("Netty").isEqualTo(type);
		}
	}

	private static Throwable failureOfSocket(Peer peer, String... protocols) {
		try (Socket socket = new Socket("127.0.0.1", peer.port()); SSLSocket secured = secured(socket)) {
			SSLParameters parameters = secured.getSSLParameters();
			parameters.setEndpointIdentificationAlgorithm("HTTPS");
			if (protocols.length > 0) {
				parameters.setProtocols(protocols);
			}
			secured.setSSLParameters(parameters);
			secured.startHandshake();
			throw new AssertionError("no failure");
		}
		catch (IOException ex) {
			return ex;
		}
	}

	private static SSLSocket secured(Socket socket) throws IOException {
		return (SSLSocket) authority.client()
			.getSocketFactory()
			.createSocket(socket, "localhost", socket.getPort(), true);
	}

	private static Throwable failureOfNetty(Peer peer, String... protocols) {
		SslHandler handler = new SslHandler(authority.client().createSSLEngine("localhost", peer.port()));
		SSLParameters parameters = handler.engine().getSSLParameters();
		parameters.setEndpointIdentificationAlgorithm("HTTPS");
		if (protocols.length > 0) {
			parameters.setProtocols(protocols);
		}
		handler.engine().setSSLParameters(parameters);
		handler.engine().setUseClientMode(true);
		Channel channel = new Bootstrap().group(eventLoops)
			.channel(NioSocketChannel.class)
			.handler(new ChannelInitializer<>() {

				@Override
				protected void initChannel(Channel created) {
					created.pipeline().addLast(handler);
				}

			})
			.connect("127.0.0.1", peer.port())
			.channel();
		try {
			return handler.handshakeFuture().awaitUninterruptibly().cause();
		}
		finally {
			channel.close().syncUninterruptibly();
		}
	}

	/**
	 * A server that does the same with each connection, and then closes it.
	 */
	private record Peer(ServerSocket server) implements Closeable {

		static Peer shakesHands(SSLContext context, String... protocols) throws IOException {
			SSLServerSocket server = (SSLServerSocket) context.getServerSocketFactory().createServerSocket();
			if (protocols.length > 0) {
				server.setEnabledProtocols(protocols);
			}
			return serve(server, (socket) -> socket.getInputStream().read());
		}

		static Peer answers(Answer answer) throws IOException {
			return serve(new ServerSocket(), (socket) -> {
				socket.getInputStream().read(new byte[4096]);
				answer.to(socket);
			});
		}

		private static Peer serve(ServerSocket server, Answer answer) throws IOException {
			server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
			Thread thread = new Thread(() -> {
				while (!server.isClosed()) {
					try (Socket socket = server.accept()) {
						answer.to(socket);
					}
					catch (IOException ex) {
						// the client has given up
					}
				}
			}, "tls-peer");
			thread.setDaemon(true);
			thread.start();
			return new Peer(server);
		}

		int port() {
			return this.server.getLocalPort();
		}

		@Override
		public void close() throws IOException {
			this.server.close();
		}

		interface Answer {

			void to(Socket socket) throws IOException;

		}

	}

}
