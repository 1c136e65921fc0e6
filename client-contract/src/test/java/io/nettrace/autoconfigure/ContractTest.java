package io.nettrace.autoconfigure;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.nettrace.autoconfigure.TracedClient.Call;
import org.junit.jupiter.api.BeforeEach;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * One case on one client.
 */
abstract class ContractTest {

	private static final AtomicInteger COUNT = new AtomicInteger();

	private final int number = COUNT.incrementAndGet();

	private final TracedClient client;

	private final Set<Limit> missed = EnumSet.noneOf(Limit.class);

	ContractTest(TracedClient client) {
		this.client = client;
	}

	TracedClient client() {
		return this.client;
	}

	/**
	 * The limits that this test has run into.
	 */
	Set<Limit> missed() {
		return this.missed;
	}

	@BeforeEach
	void needsAResolverOfTheJvm() {
		assumeTrue(!this.client.isJdk() || Runtime.version().feature() >= 18, "Java 18");
	}

	boolean lacks(Limit limit) {
		if (this.client.has(limit)) {
			this.missed.add(limit);
			return true;
		}
		return false;
	}

	/**
	 * A name that is not in the JVM's cache.
	 */
	String host(String name) {
		return name + this.number + ".test";
	}

	static void await(Call call) throws Exception {
		call.result().get(20, TimeUnit.SECONDS);
	}

}
