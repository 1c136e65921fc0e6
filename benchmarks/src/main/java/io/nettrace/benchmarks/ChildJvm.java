package io.nettrace.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Another JVM with the same class path. It reads and writes lines, and ends when its
 * input does.
 */
final class ChildJvm implements AutoCloseable {

	private final Process process;

	private final BufferedReader output;

	private final PrintWriter input;

	private ChildJvm(Process process) {
		this.process = process;
		this.output = process.inputReader(StandardCharsets.UTF_8);
		this.input = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
	}

	/**
	 * Start a JVM.
	 * @param before what comes before the command, perhaps nothing
	 * @param options the JVM's options
	 * @param program the class with the main method
	 * @param arguments its arguments
	 */
	static ChildJvm start(List<String> before, List<String> options, Class<?> program, String... arguments) {
		List<String> command = new ArrayList<>(before);
		command.add(ProcessHandle.current().info().command().orElse("java"));
		command.addAll(options);
		command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
		command.addAll(List.of(arguments));
		try {
			return new ChildJvm(new ProcessBuilder(command).redirectError(Redirect.INHERIT).start());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Send a line and return the answer.
	 */
	String ask(String line) {
		this.input.println(line);
		return read();
	}

	/**
	 * Return the next line.
	 */
	String read() {
		String line = readOrNull();
		if (line == null) {
			throw new IllegalStateException("The other JVM has ended");
		}
		return line;
	}

	private @Nullable String readOrNull() {
		try {
			return this.output.readLine();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return the remaining lines.
	 */
	Stream<String> lines() {
		return this.output.lines();
	}

	@Override
	public void close() {
		this.input.close();
		try {
			this.process.waitFor();
		}
		catch (InterruptedException ex) {
			this.process.destroyForcibly();
			Thread.currentThread().interrupt();
		}
	}

}
