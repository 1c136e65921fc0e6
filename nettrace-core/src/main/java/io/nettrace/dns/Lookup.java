package io.nettrace.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.BiConsumer;

import org.jspecify.annotations.Nullable;

/**
 * Asks a client's own resolver and waits for the answer.
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
	 * Asks a client's own resolver without waiting.
	 */
	@FunctionalInterface
	interface Async {

		/**
		 * Ask the resolver; must not block.
		 * @param whenDone to be called once, by any thread, with the answer or the
		 * failure
		 */
		void start(BiConsumer<? super @Nullable List<InetSocketAddress>, ? super @Nullable Throwable> whenDone);

	}

}
