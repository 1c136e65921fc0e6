package io.nettrace.libraries;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.nettrace.test.DnsAnswer;
import io.nettrace.test.DnsServer;
import io.nettrace.test.RefusingAddress;
import io.opentelemetry.sdk.trace.data.SpanData;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.springframework.boot.WebApplicationType;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What one library shows: its subclass has a {@link Library} annotation. One application
 * with nettrace serves all tests of the class; the comparison without nettrace has two of
 * its own.
 * <p>
 * These names lead to the peer: {@code one.test} has its address, {@code two.test} has
 * one that refuses and then that of the peer, {@code refused.test} has only one that
 * refuses, {@code unknown.test} does not exist, and {@code slow.test} is answered when
 * the test says so.
 * <p>
 * When all tests of the class have run, the steps that they have seen must be those that
 * its annotation names.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class LibraryTest {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	static {
		// before a library, of whatever test, has the JVM read what it trusts
		SocketPeer.trustInThisJvm();
	}

	private final DnsServer dns = DnsServer.start();

	private final Names names = new Names(this.dns);

	private final Set<Step> seen = EnumSet.noneOf(Step.class);

	private @Nullable Scene scene;

	/**
	 * The configuration of the application, as a user would write it. It may have the
	 * {@link Names} injected.
	 */
	abstract Class<?> configuration();

	/**
	 * Beginnings of the class names of the library's auto-configurations.
	 */
	List<String> autoConfigurations() {
		return List.of();
	}

	/**
	 * Properties of the application.
	 */
	List<String> properties() {
		return List.of();
	}

	WebApplicationType webApplicationType() {
		return WebApplicationType.NONE;
	}

	/**
	 * Start what the library talks to. Only once.
	 */
	Peer startPeer() {
		return HttpPeer.start();
	}

	/**
	 * Let the library call its peer.
	 * @param application with or without nettrace
	 * @param host a name of the peer
	 * @return the result, in words
	 */
	abstract String call(LibraryApplication application, String host) throws Exception;

	/**
	 * The spans of a call of {@code two.test}: see {@link LibraryApplication#tree}.
	 */
	abstract String expectedTree();

	/**
	 * The spans of a call of a host that has only the peer's address.
	 */
	String expectedTreeOf(String host) {
		return expectedTree().replaceAll("(?m)^ *socket connect !.*\n", "")
			.replace("two.test: 127.0.0.8, 127.0.0.9", host + ": 127.0.0.9")
			.replace("two.test", host);
	}

	/**
	 * Whether the library tries the next address of a name if one refuses.
	 */
	boolean triesEachAddress() {
		return true;
	}

	/**
	 * Whether the library asks the JVM's resolver, whose answers are those of
	 * {@code src/test/resources/hosts}.
	 */
	boolean asksTheJvm() {
		return false;
	}

	/**
	 * The result of a call that succeeds.
	 */
	String expectedResult() {
		return "answer to /";
	}

	/**
	 * What the library talks to. Each application has its own.
	 */
	Peer peer() {
		return scene().peer();
	}

	DnsServer dns() {
		return this.dns;
	}

	/**
	 * The application with nettrace.
	 */
	LibraryApplication application() {
		return scene().application();
	}

	/**
	 * Another application with nettrace, and the same peer.
	 */
	LibraryApplication start(Class<?> configuration, String... additional) {
		scene();
		List<String> properties = new ArrayList<>(properties());
		for (String property : additional) {
			String name = property.substring(0, property.indexOf('=') + 1);
			properties.removeIf((other) -> other.startsWith(name));
			properties.add(property);
		}
		return LibraryApplication.start(configuration, webApplicationType(), this.names, autoConfigurations(),
				properties);
	}

	private Scene scene() {
		Scene scene = this.scene;
		if (scene == null) {
			scene = setScene();
		}
		return scene;
	}

	private Scene setScene(String... additional) {
		Scene scene = new Scene(startPeer());
		this.scene = scene; // the application's properties may name the peer's port
		try {
			List<String> properties = new ArrayList<>(properties());
			properties.addAll(List.of(additional));
			scene.application = LibraryApplication.start(configuration(), webApplicationType(), this.names,
					autoConfigurations(), properties);
			return scene;
		}
		catch (RuntimeException ex) {
			this.scene = null;
			scene.close();
			throw ex;
		}
	}

	/**
	 * Wait until the spans since the last reset are as expected: some end after the
	 * caller has its result.
	 */
	void awaitTree(String expected) {
		Awaitility.await().atMost(PATIENCE).untilAsserted(() -> assertThat(tree()).isEqualTo(expected));
	}

	/**
	 * The spans since the last reset: see {@link LibraryApplication#tree}.
	 */
	String tree() {
		return application().tree();
	}

	@BeforeAll
	void setNames() {
		this.dns.set("one.test", DnsAnswer.addresses(Peer.ADDRESS));
		this.dns.set("two.test", DnsAnswer.addresses("127.0.0.8", Peer.ADDRESS));
		this.dns.set("refused.test", DnsAnswer.addresses("127.0.0.8"));
	}

	@BeforeEach
	void forgetSpans() {
		application().reset();
	}

	@AfterEach
	void noteSteps() {
		if (this.scene != null) {
			this.seen.addAll(steps(application().spans()));
		}
	}

	private static Set<Step> steps(List<SpanData> spans) {
		Set<Step> steps = EnumSet.noneOf(Step.class);
		for (Step step : Step.values()) {
			if (spans.stream().anyMatch((span) -> span.getName().equals(step.span()))) {
				steps.add(step);
			}
		}
		return steps;
	}

	@AfterAll
	void tableSaysWhatWasSeen() {
		if (this.scene != null) {
			this.scene.close();
		}
		this.dns.close();
		Library library = getClass().getAnnotation(Library.class);
		assertThat(this.seen).as("steps that the tests of this class have seen, against its @Library")
			.containsExactlyInAnyOrder(library.shows());
	}

	@Test
	void showsAddressThatRefuses() throws Exception {
		assertThat(call(application(), "two.test")).isEqualTo(expectedResult());
		awaitTree(expectedTree());
	}

	/**
	 * The JVM's lookups cannot be made slow here.
	 */
	@Test
	void showsSlowLookup() throws Exception {
		if (asksTheJvm()) {
			assertThat(call(application(), "one.test")).isEqualTo(expectedResult());
			awaitTree(expectedTreeOf("one.test"));
			return;
		}
		CompletableFuture<Void> release = new CompletableFuture<>();
		this.dns.set("slow.test", DnsAnswer.addresses(Peer.ADDRESS).after(release));
		CompletableFuture<String> result = inBackground(() -> call(application(), "slow.test"));
		this.dns.awaitQueries("slow.test", "A", 1);
		assertThat(result).isNotDone();
		assertThat(steps(application().spans())).isEmpty();
		release.complete(null);
		assertThat(result.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(expectedResult());
		awaitTree(expectedTreeOf("slow.test"));
	}

	/**
	 * In the full run only, because it starts two more applications.
	 */
	@Test
	@EnabledIfSystemProperty(named = "nettrace.tests", matches = "all", disabledReason = "-Dnettrace.tests=all")
	void resultsErrorsAndConnectionsAreAsWithoutNetTrace() {
		List<String> outcomes = outcomes("nettrace.enabled=true");
		// without a client both would fail alike
		assertThat(outcomes).filteredOn((outcome) -> outcome.contains(": " + expectedResult() + ", new connections: "))
			.extracting((outcome) -> outcome.substring(0, outcome.indexOf(':')))
			.isEqualTo(triesEachAddress() ? List.of("one.test", "two.test") : List.of("one.test"));
		assertThat(outcomes).isEqualTo(outcomes("nettrace.enabled=false"));
	}

	/**
	 * Results, errors and, after each, the number of new connections, of an application
	 * of which no other test has used a connection.
	 */
	private List<String> outcomes(String property) {
		Scene shared = scene();
		List<String> outcomes = new ArrayList<>();
		try (Scene own = setScene(property)) {
			for (String host : List.of("one.test", "two.test", "refused.test", "unknown.test")) {
				int before = own.peer().connections();
				String outcome = outcome(own.application(), host).replace(":" + own.peer().port(), ":PORT");
				outcomes.add(host + ": " + outcome + ", new connections: " + (own.peer().connections() - before));
			}
			outcomes.add("uses a connection again: " + isUsedAgain(own));
		}
		finally {
			this.scene = shared;
		}
		return outcomes;
	}

	/**
	 * A connection goes back to its pool at about the time when the caller has its
	 * result, so that the next call may still need another one.
	 */
	private boolean isUsedAgain(Scene scene) {
		for (int i = 0; i < 20; i++) {
			int before = scene.peer().connections();
			outcome(scene.application(), "one.test");
			if (scene.peer().connections() == before) {
				return true;
			}
		}
		return false;
	}

	private String outcome(LibraryApplication application, String host) {
		try {
			return call(application, host);
		}
		catch (Throwable ex) {
			return describe(ex);
		}
	}

	private static String describe(Throwable failure) {
		StringBuilder text = new StringBuilder();
		for (Throwable each = failure; each != null && each != each.getCause(); each = each.getCause()) {
			text.append(each.getClass().getName()).append(": ").append(each.getMessage()).append('\n');
			for (Throwable suppressed : each.getSuppressed()) {
				text.append("  suppressed ").append(suppressed.getClass().getName()).append('\n');
			}
		}
		return withoutChance(text.toString());
	}

	/**
	 * Numbers of channels and objects, times, and whether the JVM has kept a failure, of
	 * which it only tells the name then.
	 */
	private static String withoutChance(String text) {
		return text.replaceAll("Unable to resolve host (\\S+) in hosts file \\S+", "$1")
			.replaceAll("0x[0-9a-f]+", "0x")
			.replaceAll("@[0-9a-f]{4,8}\\b", "@")
			.replaceAll("\\d+ ?ms", "ms");
	}

	private static CompletableFuture<String> inBackground(Call call) {
		CompletableFuture<String> result = new CompletableFuture<>();
		new Thread(() -> {
			try {
				result.complete(call.call());
			}
			catch (Throwable ex) {
				result.completeExceptionally(ex);
			}
		}, "caller").start();
		return result;
	}

	private interface Call {

		String call() throws Exception;

	}

	/**
	 * An application and its peer.
	 */
	private static final class Scene implements AutoCloseable {

		private final Peer peer;

		private final RefusingAddress refusing;

		private @Nullable LibraryApplication application;

		Scene(Peer peer) {
			this.peer = peer;
			this.refusing = RefusingAddress.open("127.0.0.8", peer.port());
		}

		Peer peer() {
			return this.peer;
		}

		LibraryApplication application() {
			return Objects.requireNonNull(this.application, "still starting");
		}

		@Override
		public void close() {
			if (this.application != null) {
				this.application.close();
			}
			this.refusing.close();
			this.peer.close();
		}

	}

}
