package io.nettrace.concurrent;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ThreadsTests {

	@Test
	void everyTaskHasADaemonThreadOfItsOwn() throws Exception {
		Executor executor = Threads.perTask("some-task-");
		CountDownLatch bothRun = new CountDownLatch(2);
		CompletableFuture<Thread> first = new CompletableFuture<>();
		CompletableFuture<Thread> second = new CompletableFuture<>();
		executor.execute(() -> meet(bothRun, first));
		executor.execute(() -> meet(bothRun, second));
		assertThat(first.get()).isNotSameAs(second.get()).isNotSameAs(Thread.currentThread());
		assertThat(first.get().isDaemon()).isTrue();
		assertThat(first.get().getName()).startsWith("some-task-");
	}

	@Test
	void threadEndsWithItsTask() throws Exception {
		CompletableFuture<Thread> thread = new CompletableFuture<>();
		Threads.perTask("some-task-").execute(() -> thread.complete(Thread.currentThread()));
		thread.get().join(20_000);
		assertThat(thread.get().isAlive()).isFalse();
	}

	@Test
	void tellsVirtualThreads() throws Exception {
		CompletableFuture<Boolean> virtual = new CompletableFuture<>();
		Threads.perTask("some-task-").execute(() -> virtual.complete(Threads.isVirtual(Thread.currentThread())));
		assertThat(virtual.get()).isEqualTo(Runtime.version().feature() >= 21);
		assertThat(Threads.isVirtual(Thread.currentThread())).isFalse();
	}

	private static void meet(CountDownLatch bothRun, CompletableFuture<Thread> result) {
		bothRun.countDown();
		try {
			bothRun.await();
			result.complete(Thread.currentThread());
		}
		catch (InterruptedException ex) {
			result.completeExceptionally(ex);
		}
	}

	@Test
	void threadsAreVirtualFromJava21On() throws Exception {
		CompletableFuture<Thread> thread = new CompletableFuture<>();
		Threads.perTask("some-task-").execute(() -> thread.complete(Thread.currentThread()));
		assertThat(thread.get().getClass().getSimpleName().equals("VirtualThread"))
			.isEqualTo(Runtime.version().feature() >= 21);
	}

}
