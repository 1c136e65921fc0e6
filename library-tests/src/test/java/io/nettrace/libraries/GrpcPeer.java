package io.nettrace.libraries;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.KeyManagerFactory;

import io.grpc.Attributes;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerTransportFilter;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.nettrace.test.TestAuthority;

/**
 * A server of grpc-netty, with TLS. Its one method says hello.
 */
final class GrpcPeer implements Peer {

	static final MethodDescriptor<String, String> HELLO = MethodDescriptor.newBuilder(new Words(), new Words())
		.setType(MethodDescriptor.MethodType.UNARY)
		.setFullMethodName(MethodDescriptor.generateFullMethodName("test.Greeter", "Hello"))
		.build();

	private final AtomicInteger connections = new AtomicInteger();

	private final Server server;

	private GrpcPeer(KeyManagerFactory keys) throws IOException {
		this.server = NettyServerBuilder
			.forAddress(new InetSocketAddress(ADDRESS, 0),
					TlsServerCredentials.newBuilder().keyManager(keys.getKeyManagers()).build())
			.addTransportFilter(new ServerTransportFilter() {

				@Override
				public Attributes transportReady(Attributes attributes) {
					GrpcPeer.this.connections.incrementAndGet();
					return attributes;
				}

			})
			.addService(ServerServiceDefinition.builder("test.Greeter")
				.addMethod(HELLO, ServerCalls.asyncUnaryCall((name, answer) -> {
					answer.onNext("hello " + name);
					answer.onCompleted();
				}))
				.build())
			.build()
			.start();
	}

	static GrpcPeer start(TestAuthority.Server identity) {
		try {
			KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
			keys.init(identity.keys(), TestAuthority.PASSWORD.toCharArray());
			return new GrpcPeer(keys);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public int port() {
		return this.server.getPort();
	}

	@Override
	public int connections() {
		return this.connections.get();
	}

	@Override
	public void close() {
		try {
			this.server.shutdownNow().awaitTermination(20, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Text on the wire, instead of a protocol buffer.
	 */
	private static final class Words implements MethodDescriptor.Marshaller<String> {

		@Override
		public InputStream stream(String value) {
			return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
		}

		@Override
		public String parse(InputStream stream) {
			try {
				return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
