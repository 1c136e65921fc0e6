package io.nettrace.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;

import io.nettrace.NetTraceContext;

/**
 * Ways to make a call.
 */
final class Calls {

	private Calls() {
	}

	static void withContext(NetTraceContext context, Runnable action) {
		NetTraceContext.Scope scope = context.open();
		try {
			action.run();
		}
		finally {
			scope.close();
		}
	}

	static List<Future<?>> inBackground(int count, IntFunction<Runnable> tasks) {
		ExecutorService executor = Executors.newFixedThreadPool(count);
		List<Future<?>> futures = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			futures.add(executor.submit(tasks.apply(i)));
		}
		executor.shutdown();
		return futures;
	}

}
