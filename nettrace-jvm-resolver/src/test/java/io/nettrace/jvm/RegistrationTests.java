package io.nettrace.jvm;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import io.nettrace.NetTrace;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A JVM with the module on its class path and nothing else.
 */
class RegistrationTests {

	private static final String PROGRAM = """
			import io.nettrace.*;
			import io.nettrace.client.jdk.*;
			import io.nettrace.instrument.*;

			class Program {

				public static void main(String[] args) throws Exception {
					JvmLookups.traceWith(new NetTraceJdk(new NetTracing()));
					var trace = new NetTrace() {
						public void dnsStart(String host) {
							System.out.println("dnsStart " + host);
						}
					};
					try (var scope = NetTraceContext.current().withTrace(trace).open()) {
						java.net.InetAddress.getByName("localhost");
					}
				}

			}
			""";

	@Test
	void jvmFindsTheProvider(@TempDir Path directory) throws Exception {
		Path program = Files.writeString(directory.resolve("Program.java"), PROGRAM);
		String classPath = String.join(File.pathSeparator, location(TracedInetAddressResolver.class),
				location(NetTrace.class), location(NullMarked.class));
		Process jvm = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				classPath, program.toString())
			.redirectErrorStream(true)
			.start();
		assertThat(new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip())
			.isEqualTo("dnsStart localhost");
	}

	private static String location(Class<?> type) throws Exception {
		return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
	}

}
