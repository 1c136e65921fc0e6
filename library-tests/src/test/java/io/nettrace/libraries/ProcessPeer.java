package io.nettrace.libraries;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.awaitility.Awaitility;
import org.springframework.util.FileSystemUtils;

/**
 * A real server in a process of its own. Clients reach it through a port of the peer's,
 * which counts their connections.
 */
final class ProcessPeer extends ForwardingPeer {

	private final Process process;

	private final int port;

	private final Path directory;

	private ProcessPeer(Process process, int port, Path directory) {
		super(port);
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
			ProcessPeer peer = new ProcessPeer(process, port, directory);
			Awaitility.await().atMost(Duration.ofSeconds(60)).until(peer::isReady);
			peer.accept();
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

	@Override
	public void close() {
		super.close();
		try {
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
	}

}
