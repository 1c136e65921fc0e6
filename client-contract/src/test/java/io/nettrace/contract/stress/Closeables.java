package io.nettrace.contract.stress;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What is to be closed together, the last one first.
 */
final class Closeables implements AutoCloseable {

	private final Deque<AutoCloseable> all = new ArrayDeque<>();

	<T extends AutoCloseable> T add(T closeable) {
		this.all.push(closeable);
		return closeable;
	}

	@Override
	public void close() {
		RuntimeException failure = null;
		for (AutoCloseable each : this.all) {
			try {
				each.close();
			}
			catch (Exception ex) {
				failure = (failure != null) ? failure : new IllegalStateException(each + " does not close", ex);
			}
		}
		if (failure != null) {
			throw failure;
		}
	}

}
