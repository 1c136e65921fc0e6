package io.nettrace.libraries;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.SSLSocketFactory;

import io.nettrace.test.TestAuthority;
import org.awaitility.Awaitility;

/**
 * A peer with a thread for each connection. It speaks TLS with those clients that begin
 * with it. A client has to begin.
 */
abstract class SocketPeer implements Peer {

	/**
	 * The name that its certificate is for.
	 */
	static final String TLS_HOST = "tls.test";

	private static final TestAuthority AUTHORITY = TestAuthority.create("library-tests");

	private static final SSLSocketFactory TLS = AUTHORITY.server(TLS_HOST).context().getSocketFactory();

	/**
	 * The first byte of a connection with TLS: RFC 8446, section 5.1.
	 */
	private static final int TLS_HANDSHAKE = 22;

	private final ServerSocket socket;

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final AtomicInteger connections = new AtomicInteger();

	private final Set<Socket> open = ConcurrentHashMap.newKeySet();

	SocketPeer() {
		try {
			this.socket = new ServerSocket(0, 100, InetAddress.getByName(ADDRESS));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Let clients of this JVM that trust what is usual trust the peers' certificate.
	 */
	static void trustInThisJvm() {
		try {
			Path file = Files.createTempFile("library-tests", ".p12");
			file.toFile().deleteOnExit();
			try (OutputStream out = Files.newOutputStream(file)) {
				AUTHORITY.trusted().store(out, TestAuthority.PASSWORD.toCharArray());
			}
			System.setProperty("javax.net.ssl.trustStore", file.toString());
			System.setProperty("javax.net.ssl.trustStorePassword", TestAuthority.PASSWORD);
		}
		catch (IOException | GeneralSecurityException ex) {
			throw new IllegalStateException("the client cannot trust the peers", ex);
		}
	}

	/**
	 * Accept connections.
	 */
	void accept() {
		inBackground(() -> {
			while (true) {
				Socket accepted = this.socket.accept();
				this.open.add(accepted);
				accepted();
				inBackground(() -> serve(accepted));
			}
		});
	}

	/**
	 * Count a connection that was accepted.
	 */
	void accepted() {
		count();
	}

	void count() {
		this.connections.incrementAndGet();
	}

	private void serve(Socket accepted) throws IOException {
		try (accepted) {
			int first = accepted.getInputStream().read();
			InputStream begin = new ByteArrayInputStream(new byte[] { (byte) first });
			if (first == TLS_HANDSHAKE) {
				Socket socket = TLS.createSocket(accepted, begin, true);
				serve(socket.getInputStream(), socket.getOutputStream());
			}
			else if (first >= 0) {
				serve(new SequenceInputStream(begin, accepted.getInputStream()), accepted.getOutputStream());
			}
		}
		finally {
			this.open.remove(accepted);
		}
	}

	/**
	 * Serve a connection until it ends.
	 */
	abstract void serve(InputStream in, OutputStream out) throws IOException;

	/**
	 * Do something until a connection ends, by its client or by {@link #close()}.
	 */
	void inBackground(Task task) {
		this.threads.execute(() -> {
			try {
				task.run();
			}
			catch (IOException ended) {
				// which is how all of them end
			}
		});
	}

	/**
	 * End all connections, and wait until the clients have ended their side.
	 */
	void endConnections() {
		try {
			for (Socket each : this.open) {
				each.shutdownOutput();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		Awaitility.await().atMost(Duration.ofSeconds(20)).until(this.open::isEmpty);
	}

	@Override
	public int port() {
		return this.socket.getLocalPort();
	}

	@Override
	public int connections() {
		return this.connections.get();
	}

	@Override
	public void close() {
		try {
			this.socket.close();
			for (Socket each : this.open) {
				each.close();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		finally {
			this.threads.shutdownNow();
		}
	}

	/**
	 * Something that a peer's thread does.
	 */
	interface Task {

		void run() throws IOException;

	}

}
