package io.nettrace.test;

import java.io.IOException;
import java.net.BindException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Binds to a port that another address has got from the kernel. Here it may be taken by a
 * connection that is about to end, or has ended.
 */
final class BusyPort {

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	private BusyPort() {
	}

	/**
	 * Bind, again if the port is in use.
	 * @param binding binds to the port
	 * @return what is bound
	 * @throws IOException if the port stays in use
	 */
	static <T> T await(Binding<T> binding) throws IOException {
		long begun = System.nanoTime();
		while (true) {
			try {
				return binding.bind();
			}
			catch (BindException ex) {
				if (System.nanoTime() - begun > PATIENCE.toNanos()) {
					throw ex;
				}
				LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
			}
		}
	}

	/**
	 * Binds to a port.
	 *
	 * @param <T> the type of what is bound
	 */
	@FunctionalInterface
	interface Binding<T> {

		T bind() throws IOException;

	}

}
