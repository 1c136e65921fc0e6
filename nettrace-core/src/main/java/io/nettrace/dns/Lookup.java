package io.nettrace.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;

/**
 * Asks a client's own resolver and waits for the answer. In the place of the innermost
 * one, below any address filter, it asks {@link AlternateResolver#current()} if there is
 * one.
 */
@FunctionalInterface
public interface Lookup {

	/**
	 * Ask the resolver.
	 * @param question what to look up
	 * @return what it returned, {@code null} included
	 * @throws IOException what it threw
	 */
	@Nullable List<InetSocketAddress> run(Question question) throws IOException;

	/**
	 * Asks a client's own resolver without waiting, or
	 * {@linkplain AlternateResolver#current() the alternate one} in the place of the
	 * innermost one.
	 */
	@FunctionalInterface
	interface Async {

		/**
		 * Ask the resolver. Must not block unless there is an alternate one: then it is
		 * called on a thread for lookups.
		 * @param whenDone to be called once, by any thread, with the answer or the
		 * failure
		 * @throws IOException what the resolver threw, if it has not called back
		 */
		void start(BiConsumer<? super @Nullable List<InetSocketAddress>, ? super @Nullable Throwable> whenDone)
				throws IOException;

	}

}
