package io.nettrace.benchmarks;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * A hosts file that makes each reader wait, and counts the readers: the JDK's own
 * resolver reads {@code jdk.net.hosts.file} once for each lookup. It is a named pipe, a
 * new one for each reader, so that none gets the rest of another's data.
 */
final class SlowHostsFile {

	private final Path file;

	private final Duration delay;

	private final Deque<Path> pipes = new ArrayDeque<>();

	private final AtomicInteger reads = new AtomicInteger();

	private volatile long answered;

	private SlowHostsFile(Path file, Duration delay) {
		this.file = file;
		this.delay = delay;
	}

	/**
	 * Put a file there.
	 * @param file where, in a directory of its own
	 * @param delay how long each reader waits
	 * @param host the name that it has an address for
	 * @param most the maximum number of readers
	 */
	static SlowHostsFile create(Path file, Duration delay, String host, int most) throws IOException {
		SlowHostsFile hosts = new SlowHostsFile(file, delay);
		hosts.makePipes(most);
		hosts.nextPipe();
		Thread writer = new Thread(() -> hosts.write("127.0.0.1 " + host + "\n"), "hosts-file");
		writer.setDaemon(true);
		writer.start();
		return hosts;
	}

	private void makePipes(int count) throws IOException {
		Path directory = Files.createDirectory(this.file.resolveSibling("pipes"));
		IntStream.range(0, count).forEach((number) -> this.pipes.add(directory.resolve("pipe" + number)));
		List<String> command = new ArrayList<>(List.of("mkfifo"));
		this.pipes.forEach((pipe) -> command.add(pipe.toString()));
		try {
			if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
				throw new IOException("mkfifo has failed");
			}
		}
		catch (InterruptedException ex) {
			throw new IOException(ex);
		}
	}

	private void nextPipe() throws IOException {
		Files.move(this.pipes.remove(), this.file, StandardCopyOption.ATOMIC_MOVE);
	}

	private void write(String line) {
		try {
			while (!this.pipes.isEmpty()) {
				// waits for a reader
				try (OutputStream pipe = new FileOutputStream(this.file.toFile())) {
					this.reads.incrementAndGet();
					LockSupport.parkNanos(this.delay.toNanos());
					nextPipe();
					this.answered = System.nanoTime();
					pipe.write(line.getBytes(StandardCharsets.US_ASCII));
				}
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return when it last gave an answer, in the time of {@link System#nanoTime()}.
	 */
	long answered() {
		return this.answered;
	}

	int reads() {
		return this.reads.get();
	}

}
