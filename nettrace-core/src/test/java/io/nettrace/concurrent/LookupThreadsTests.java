package io.nettrace.concurrent;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

import io.nettrace.concurrent.LookupThreads.ForClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class LookupThreadsTests {

	private final List<Runnable> started = new ArrayList<>();

	private final LookupThreads threads = LookupThreads.of(this.started::add, 2, 4, 6);

	private final ForClient client = this.threads.forClient();

	@Test
	void abandonedLookupsOfAHostStopThatHostOnly() {
		abandon(this.client, "hung.test", 2);
		assertRefused(this.client, "hung.test",
				"2 abandoned lookups of hung.test are still running, " + "so no further one is started");
		assertStarts(this.client, "good.test");
		assertStarts(this.threads.forClient(), "hung.test");
		this.client.reclaim("hung.test");
		assertStarts(this.client, "hung.test");
	}

	@Test
	void abandonedLookupsOfManyHostsStopTheirClientOnly() {
		for (int host = 0; host < 4; host++) {
			abandon(this.client, host + ".test", 1);
		}
		assertRefused(this.client, "good.test",
				"4 abandoned lookups of this client are still running, " + "so no further one is started");
		assertThat(this.client.abandoned()).isEqualTo(4);
		ForClient other = this.threads.forClient();
		assertStarts(other, "good.test");
		assertThat(other.abandoned()).isZero();
	}

	@Test
	void abandonedLookupsOfSeveralClientsAreBoundedInAll() {
		for (int client = 0; client < 3; client++) {
			abandon(this.threads.forClient(), "hung.test", 2);
		}
		assertRefused(this.client, "good.test", "6 abandoned lookups are still running, so no further one is started");
	}

	@Test
	void hostThatWasFoundBeforeIsNotStoppedByNamesThatWereNot() {
		this.client.found("good.test");
		for (int host = 0; host < 4; host++) {
			abandon(this.client, host + ".test", 1);
		}
		abandon(this.threads.forClient(), "hung.test", 2);
		assertStarts(this.client, "good.test");
		assertRefused(this.client, "new.test",
				"4 abandoned lookups of this client are still running, " + "so no further one is started");
		abandon(this.client, "good.test", 2);
		assertRefused(this.client, "good.test",
				"2 abandoned lookups of good.test are still running, " + "so no further one is started");
	}

	@Test
	void reserveOfHostsThatWereFoundIsBounded() {
		this.client.found("good.test");
		for (int client = 0; client < 6; client++) {
			abandon(this.threads.forClient(), "hung.test", 2);
		}
		assertRefused(this.client, "good.test",
				"12 abandoned lookups are still running, " + "so no further one is started");
	}

	@Test
	void hostsThatWereNotFoundForLongestMakeRoom() {
		this.client.found("old.test");
		this.client.found("often.test");
		for (int host = 0; host < 199; host++) {
			this.client.found(host + ".test");
			this.client.found("often.test");
		}
		for (int host = 0; host < 4; host++) {
			abandon(this.client, "hung" + host + ".test", 1);
		}
		assertStarts(this.client, "often.test");
		assertRefused(this.client, "old.test",
				"4 abandoned lookups of this client are still running, " + "so no further one is started");
	}

	@Test
	void endThatIsNotedBeforeTheLeavingLeavesNothing() {
		this.client.reclaim("a.test");
		this.client.abandon("a.test");
		assertThat(this.client.abandoned()).isZero();
		abandon(this.client, "a.test", 1);
		assertStarts(this.client, "a.test");
	}

	@Test
	void threadsAreDaemonsAndInheritNothing() throws Exception {
		InheritableThreadLocal<String> ofTheCaller = new InheritableThreadLocal<>();
		ofTheCaller.set("secret");
		CompletableFuture<Thread> thread = new CompletableFuture<>();
		CompletableFuture<String> inherited = new CompletableFuture<>();
		LookupThreads.create().forClient().execute("a.test", () -> {
			inherited.complete(String.valueOf(ofTheCaller.get()));
			thread.complete(Thread.currentThread());
		});
		assertThat(inherited.get()).isEqualTo("null");
		assertThat(thread.get().isDaemon()).isTrue();
		assertThat(thread.get().getName()).startsWith("nettrace-lookup-");
		assertThat(thread.get().getClass()).as("a platform thread").isEqualTo(Thread.class);
		thread.get().join(); // it does not wait for more
	}

	@ParameterizedTest
	@CsvSource({ "0, 1, 1, maxByHost", "1, 0, 1, maxByClient", "1, 1, 0, maxInAll" })
	void boundsAreAtLeastOne(int byHost, int byClient, int inAll, String name) {
		assertThatIllegalArgumentException().isThrownBy(() -> LookupThreads.of(Runnable::run, byHost, byClient, inAll))
			.withMessage("'" + name + "' must be at least 1, not 0");
	}

	private static void abandon(ForClient client, String host, int count) {
		for (int i = 0; i < count; i++) {
			client.abandon(host);
		}
	}

	private void assertStarts(ForClient client, String host) {
		Runnable lookup = () -> {
		};
		client.execute(host, lookup);
		assertThat(this.started).last().isSameAs(lookup);
	}

	private void assertRefused(ForClient client, String host, String message) {
		int before = this.started.size();
		assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> client.execute(host, () -> {
		})).withMessage(message);
		assertThat(this.started).hasSize(before);
	}

}
