package io.nettrace.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import io.nettrace.autoconfigure.OutOfDescriptors.Outcomes;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * If no socket can be opened, that counts as an attempt: the alert on
 * {@code too_many_open_sockets} is built on it. The application gets the library's own
 * exception.
 */
@Tag("one-jdk")
@EnabledIfSystemProperty(named = "nettrace.tests", matches = "all", disabledReason = "-Dnettrace.tests=all")
class OutOfDescriptorsTests {

	/**
	 * The clients that show their connects.
	 */
	private static final List<TracedClient> CLIENTS = List.of(TracedClient.REST_CLIENT_ON_HTTP_COMPONENTS,
			TracedClient.WEB_CLIENT_ON_HTTP_COMPONENTS, TracedClient.REST_CLIENT_ON_JETTY,
			TracedClient.WEB_CLIENT_ON_JETTY, TracedClient.REST_CLIENT_ON_REACTOR_NETTY,
			TracedClient.WEB_CLIENT_ON_REACTOR_NETTY);

	@Test
	void anAttemptWithoutASocketIsAnAttempt() throws Exception {
		assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "ulimit of a shell");
		assertThat(OutOfDescriptors.run(CLIENTS)).hasSize(CLIENTS.size()).allSatisfy(this::isShown);
	}

	@Test
	void soItIsWithoutNettysNativeTransports() throws Exception {
		assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "ulimit of a shell");
		List<TracedClient> clients = List.of(TracedClient.REST_CLIENT_ON_REACTOR_NETTY,
				TracedClient.WEB_CLIENT_ON_REACTOR_NETTY);
		assertThat(OutOfDescriptors.run(List.of("-Dreactor.netty.native=false"), clients)).hasSize(clients.size())
			.allSatisfy(this::isShown);
	}

	@Test
	void soItIsInARace() throws Exception {
		assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "ulimit of a shell");
		assertThat(OutOfDescriptors.run(
				List.of(TracedClient.REST_CLIENT_ON_HTTP_COMPONENTS, TracedClient.REST_CLIENT_ON_JETTY),
				"nettrace.connect.happy-eyeballs.enabled=true"))
			.hasSize(2)
			.allSatisfy(this::isShown);
	}

	private void isShown(TracedClient client, Outcomes outcomes) {
		assertThat(outcomes.errorTypes()).as("%s", client).isEqualTo("connection_refused,none,too_many_open_sockets");
		assertThat(outcomes.failure()).as("%s", client)
			.contains("Too many open files")
			.isEqualTo(outcomes.failureWithout());
	}

}
