package io.nettrace.libraries;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import org.awaitility.Awaitility;
import org.springframework.util.FileSystemUtils;

/**
 * A real server in a process of its own. Clients reach it through a port of the peer's,
 * which counts their connections.
 */
final class ProcessPeer implements Peer {

	private final ServerSocket socket;

	private final Process process;

	private final int port;

	private final Path directory;

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final AtomicInteger connections = new AtomicInteger();

	private final Set<Socket> open = ConcurrentHashMap.newKeySet();

	private ProcessPeer(ServerSocket socket, Process process, int port, Path directory) {
		this.socket = socket;
		this.process = process;
		this.port = port;
		this.directory = directory;
	}

	/**
	 * Start a server, and wait until it accepts connections.
	 * @param directory its folder, which is deleted when it ends
	 * @param port where it listens on 127.0.0.1
	 */
	static ProcessPeer start(Path directory, int port, List<String> command) {
		try {
			Process process = new ProcessBuilder(command).redirectErrorStream(true)
				.redirectOutput(directory.resolve("log").toFile())
				.start();
			ProcessPeer peer = new ProcessPeer(new ServerSocket(0, 100, InetAddress.getByName(ADDRESS)), process, port,
					directory);
			Awaitility.await().atMost(Duration.ofSeconds(60)).until(peer::isReady);
			peer.threads.execute(peer::accept);
			return peer;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return a port that is free now.
	 */
	static int freePort() {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
			return socket.getLocalPort();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Find a program of a Debian package.
	 * @return its path, or one that does not exist
	 */
	static Path program(String name) {
		try (Stream<Path> versions = Files.list(Path.of("/usr/lib/postgresql"))) {
			return Stream.concat(Stream.of(Path.of("/usr/bin")), versions.map((version) -> version.resolve("bin")))
				.map((bin) -> bin.resolve(name))
				.filter(Files::isExecutable)
				.findFirst()
				.orElse(Path.of("/usr/bin", name));
		}
		catch (IOException none) {
			return Path.of("/usr/bin", name);
		}
	}

	private boolean isReady() throws IOException {
		if (!this.process.isAlive()) {
			throw new IllegalStateException(Files.readString(this.directory.resolve("log")));
		}
		try (Socket probe = new Socket("127.0.0.1", this.port)) {
			return probe.isConnected();
		}
		catch (IOException notYet) {
			return false;
		}
	}

	private void accept() {
		while (true) {
			try {
				Socket client = this.socket.accept();
				this.connections.incrementAndGet();
				Socket server = new Socket("127.0.0.1", this.port);
				this.open.add(client);
				this.open.add(server);
				this.threads.execute(() -> copy(client, server));
				this.threads.execute(() -> copy(server, client));
			}
			catch (IOException closed) {
				return;
			}
		}
	}

	private void copy(Socket from, Socket to) {
		try (from; to) {
			InputStream in = from.getInputStream();
			OutputStream out = to.getOutputStream();
			in.transferTo(out);
		}
		catch (IOException ended) {
			// by one of the two, or by close()
		}
		finally {
			this.open.remove(from);
		}
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
			this.process.destroy();
			if (!this.process.waitFor(20, TimeUnit.SECONDS)) {
				this.process.destroyForcibly().waitFor();
			}
			FileSystemUtils.deleteRecursively(this.directory);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			this.threads.shutdownNow();
		}
	}

}
